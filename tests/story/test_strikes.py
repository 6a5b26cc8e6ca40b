#!/usr/bin/python3
"""Strikes outlive the daemon: they are written to Redis behind its back and read back when it comes again;
shared by the rooms of a platform where the operator wants that."""

import json
import signal

from daemon import OwnRedis, Story, tell, until
from room import Room

PACK = """\
pack: story
about: Three strikes are a time-out
policy:
  strikes:
    ladder: {3: [{timeout: 10m}]}
rules:
  - {id: s.bad, when: {word: [badword]}, then: {do: [{strike: 1}]}, hit: [badword], miss: [hello]}
"""


def chat(seq, text, user, room="r1"):
    return {"type": "chat", "room": room, "seq": seq, "id": f"{room}-{seq}", "text": text,
            "user": {"id": user, "name": "x", "identity": "stable"}}


def attach(story, redis, room, **more):
    story.write("pack.yaml", PACK)
    story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["r1", "r2"], **more}], redis=redis.url)
    return story.run()


def acked(room, name="r1"):
    return max((said["seq"] for said in room.all("ack") if said["room"] == name), default=0)


def punished(room):
    return [(action["room"], action["user"]) for action in room.all("action") if action["do"] == "timeout"]


def written(redis, scope, count):
    until(lambda: redis.cli("HLEN", "{m:%s}:users" % scope).strip() == str(count), what="they are written")


def strikes(redis, scope):
    records = redis.cli("HVALS", "{m:%s}:users" % scope).split("\n")
    return [int(record.split()[2]) / 1000 for record in records if record] or [0]


def strikes_survive_a_kill_and_redis_being_away():
    with Story() as story:
        room, redis = Room(), OwnRedis(story)
        daemon = attach(story, redis, room)
        room.say(chat(1, "badword", "ann"), chat(2, "badword", "ann"), chat(3, "badword", "bo"))
        until(lambda: acked(room) == 3, what="all is settled")
        written(redis, "r1", 2)
        redis.away()
        room.say(chat(4, "badword", "bo"))
        until(lambda: acked(room) == 4 and "redis.down" in daemon.log(), what="Redis is missed")
        redis.back()
        until(lambda: min(strikes(redis, "r1")) > 1.9, what="bo's second one is written")
        daemon.kill(signal.SIGKILL)
        room.socket = None
        daemon = story.run("again")
        until(lambda: story.counters().get("users_recalled") == 2, what="they are read back")
        assert punished(room) == []
        room.say(chat(5, "badword", "ann"), chat(6, "badword", "bo"), chat(7, "badword", "cy"))
        until(lambda: acked(room) == 7, what="all is settled")
        assert punished(room) == [("r1", "ann"), ("r1", "bo")], punished(room)
        assert daemon.stop() == 0


def strikes_from_before_redis_came_are_kept():
    with Story() as story:
        room, redis = Room(), OwnRedis(story)
        redis.away()
        daemon = attach(story, redis, room)
        room.say(chat(1, "badword", "ann"), chat(2, "badword", "bo"))
        until(lambda: acked(room) == 2, what="all is settled")
        redis.back()
        written(redis, "r1", 2)
        assert daemon.stop() == 0


def a_platform_shares_them_where_that_is_wanted():
    for strikes, expected in (("platform", [("r2", "ann")]), ("room", [])):
        with Story() as story:
            room, redis = Room(), OwnRedis(story)
            daemon = attach(story, redis, room, strikes=strikes)
            scope = f"platform:room:127.0.0.1:{room.port}" if strikes == "platform" else "r1"
            until(lambda: room.socket and "redis.up" in daemon.log(), what="it is up")
            room.say(chat(1, "badword", "ann"), chat(2, "badword", "ann"))
            until(lambda: acked(room) == 2, what="all is settled")
            written(redis, scope, 1)
            room.say(chat(1, "badword", "ann", "r2"))
            until(lambda: acked(room, "r2") == 1, what="all is settled")
            assert punished(room) == expected, (strikes, punished(room))
            assert daemon.stop() == 0


def a_moderator_who_takes_the_timeout_back_forgives():
    with Story() as story:
        room, redis = Room(), OwnRedis(story)
        daemon = attach(story, redis, room)
        until(lambda: redis.cli("GET", "weir:room:r1").strip(), what="it owns the room")
        room.say(*[chat(seq, "badword", "ann") for seq in range(1, 4)])
        until(lambda: punished(room) == [("r1", "ann")], what="three are a time-out")
        undo = {"type": "action", "id": "a-1", "room": "r1", "do": "untimeout", "user": "ann", "by": "human"}
        redis.cli("FCALL", "weir_relay", "1", "{a:r1}", "a-1", json.dumps(undo))
        until(lambda: any(a["do"] == "untimeout" for a in room.all("action")), what="it is taken back")
        room.say(chat(4, "badword", "ann"), chat(5, "badword", "ann"))
        until(lambda: acked(room) == 5, what="all is settled")
        assert punished(room) == [("r1", "ann")], punished(room)
        room.say(chat(6, "badword", "ann"))
        until(lambda: punished(room) == [("r1", "ann")] * 2, what="three more are one again")
        assert daemon.stop() == 0


tell(a_moderator_who_takes_the_timeout_back_forgives,
     strikes_survive_a_kill_and_redis_being_away,
     strikes_from_before_redis_came_are_kept,
     a_platform_shares_them_where_that_is_wanted)
