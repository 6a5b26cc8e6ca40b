#!/usr/bin/python3
"""A room takes no actions while each of its messages earns two: what finds no memory waits in the spool,
nothing is lost, not even by kill -9, and the other room on the same connection notices nothing."""

import time

from daemon import Story, tell, until
from room import Room

FLOOD = 2000
MOST = 200  # limits.max_actions


def chat(room, seq, text):
    return {"type": "chat", "room": room, "seq": seq, "id": f"{room}-{seq}", "text": text,
            "user": {"id": f"{room}u{seq}", "name": "x", "identity": "stable"}}


def attach(story):
    room = Room()
    story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["bad", "good"]}],
                 limits=f"{{max_actions: {MOST}}}")
    return room, story.run()


def flood(room, first=1):
    for seq in range(first, first + FLOOD, 200):
        room.say_joined(*(chat("bad", seq + i, "buyspam") for i in range(200)))


def acked(room, name):
    return max((said["seq"] for said in room.all("ack") if said["room"] == name), default=0)


def ids(room, name):
    return {said["id"] for said in room.all("action") if said["room"] == name}


def asked_of_good(room, seq):
    """How long an action for the other room takes."""
    began = time.monotonic()
    room.say(chat("good", seq, "buyspam"))
    until(lambda: len([said for said in room.all("action") if said["seq"] == seq
                       and said["room"] == "good"]) == 2, what="the other room's actions")
    return time.monotonic() - began


def a_room_that_takes_nothing_loses_nothing_and_disturbs_nobody():
    with Story() as story:
        room, daemon = attach(story)
        room.answers = lambda action: {"ok": True} if action["room"] == "good" else None
        flood(room)
        until(lambda: story.counters().get("messages", 0) == FLOOD, what="all is judged")
        # Settled although not done: it is in the spool.
        until(lambda: acked(room, "bad") == FLOOD, what="all is settled")
        took = [asked_of_good(room, seq) for seq in range(1, 20)]
        assert sorted(took)[len(took) // 2] < 0.25, took
        until(lambda: acked(room, "good") == 19, what="the other room is settled")
        status = story.status()
        assert status["connections"][0]["actions_waiting"] <= MOST, status
        assert status["spool"]["actions"] >= 2 * FLOOD - MOST, status["spool"]
        assert status["counters"].get("actions_shed", 0) == 0, status["counters"]
        room.answers = lambda action: {"ok": True}
        room.hang_up()  # what was not answered is sent again
        until(lambda: len(ids(room, "bad")) == 2 * FLOOD, 60, what="all was done in the end")
        until(lambda: story.status()["spool"]["actions"] == 0, what="nothing waits")
        assert len(ids(room, "bad")) == 2 * FLOOD
        assert daemon.stop() == 0


def nothing_of_it_is_lost_by_a_kill():
    with Story() as story:
        room, daemon = attach(story)
        room.answers = lambda action: {"ok": True} if action["room"] == "good" else None
        flood(room)
        until(lambda: acked(room, "bad") == FLOOD, what="all is settled")
        daemon.kill()
        room.heard.clear()
        room.answers = lambda action: {"ok": True}
        daemon = story.run("again")
        until(lambda: len(ids(room, "bad")) == 2 * FLOOD, 60, what="all was done in the end")
        until(lambda: story.status()["spool"]["actions"] == 0, what="nothing waits")
        assert daemon.stop() == 0


def what_even_the_spool_has_no_room_for_is_counted_and_listed():
    with Story() as story:
        room = Room()
        story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["bad", "good"]}],
                     limits="{max_actions: 16}", spool="{max_mib: 1}")
        daemon = story.run()
        room.answers = lambda action: {"ok": True} if action["room"] == "good" else None
        for first in range(1, 1 + 5 * FLOOD, FLOOD):
            flood(room, first)
        until(lambda: story.counters().get("messages", 0) == 5 * FLOOD, what="all is judged")
        shed = story.counters()["actions_shed"]
        until(lambda: len(story.lines("state/not-done")) >= shed, what="each is listed")
        assert asked_of_good(room, 1) < 5
        assert "the spool is full" in daemon.log()
        assert daemon.stop() == 0


tell(
    a_room_that_takes_nothing_loses_nothing_and_disturbs_nobody,
    nothing_of_it_is_lost_by_a_kill,
    what_even_the_spool_has_no_room_for_is_counted_and_listed,
)
