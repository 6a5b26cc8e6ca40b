#!/usr/bin/python3
"""Two daemons, one room: the second one waits until the first has gone, and goes on with what moderators
decided and the first did not bring to its end."""

import json
import signal
import subprocess

from daemon import Daemon, OwnRedis, Story, WEIR, tell, until
from room import Room


def chat(seq, text):
    return {"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}", "text": text,
            "user": {"id": f"u{seq}", "name": "x", "identity": "stable"}}


def start(story, redis, room, name):
    path = story.write(f"{name}.yaml", f"state: state-{name}\nredis: {redis.url}\nrules: [pack.yaml]\n"
                       f"rooms: [{{url: 'ws://127.0.0.1:{room.port}/', rooms: [r1]}}]\n")
    daemon = Daemon([WEIR, "run", "-c", path], story.folder, name)
    story.processes.append(daemon)
    return daemon


def decide(redis, number, **more):
    action = {"type": "action", "id": f"a-human-{number}", "room": "r1", "do": "ban",
              "user": f"u{number}", "by": "human", **more}
    answer = redis.cli("FCALL", "weir_relay", "1", "{a:r1}", action["id"], json.dumps(action))
    assert answer.strip() == "1", answer


def human(room):
    return [action["id"] for action in room.all("action") if action["by"] == "human"]


def whoever_takes_a_room_over_goes_on_with_its_decisions():
    with Story() as story:
        room, redis = Room(), OwnRedis(story)
        first = start(story, redis, room, "first")
        until(lambda: room.socket and "redis.up" in first.log(), what="the first one is there")
        until(lambda: redis.cli("GET", "weir:room:r1").strip(), what="it owns the room")
        second = start(story, redis, room, "second")
        until(lambda: "room.owned" in second.log(), what="the second one leaves it alone")
        room.say_joined(chat(1, "hello"))
        decide(redis, 1)
        until(lambda: human(room) == ["a-human-1"], what="the first one is done")
        until(lambda: redis.cli("XLEN", "{a:r1}:actions").strip() == "0", what="and forgotten")
        room.answers = lambda action: None
        decide(redis, 2)
        until(lambda: human(room) == ["a-human-1", "a-human-2"], what="the second was sent")
        first.kill(signal.SIGKILL)
        decide(redis, 3, do="timeout", seconds=600)
        room.answers = lambda action: {"ok": True}
        redis.cli("PEXPIRE", "weir:room:r1", "1")  # its lease would last half a minute
        until(lambda: "room.taken-over" in second.log(), what="the second one takes over")
        until(lambda: human(room) == ["a-human-1", "a-human-2", "a-human-2", "a-human-3"],
              what="it goes on where the first one stopped")
        until(lambda: redis.cli("XLEN", "{a:r1}:actions").strip() == "0", what="nothing is left")
        room.say_joined(chat(2, "buyspam"))
        until(lambda: any(a["message"] == "m-2" for a in room.all("action")), what="it moderates")
        back = start(story, redis, room, "first")
        until(lambda: "room.owned" in back.log(), what="the first one comes back, too late")
        assert second.stop() == 0 and back.stop() == 0


def all_of_many_decisions_come_to_the_next_owner():
    with Story() as story:
        room, redis = Room(), OwnRedis(story)
        room.answers = lambda action: None
        first = start(story, redis, room, "first")
        until(lambda: redis.cli("GET", "weir:room:r1").strip(), what="it owns the room")
        lines = "".join("FCALL weir_relay 1 {a:r1} a-many-%d '%s'\n" % (number, json.dumps(
            {"type": "action", "id": f"a-many-{number}", "room": "r1", "do": "ban", "user": f"u{number}",
             "by": "human"})) for number in range(2500))
        subprocess.run(["redis-cli", "-s", redis.socket], input=lines, capture_output=True, text=True,
                       timeout=60, check=True)
        until(lambda: redis.cli("XPENDING", "{a:r1}:actions", "owner").startswith("2500"),
              what="it was given them all")
        first.kill(signal.SIGKILL)
        room.heard.clear()
        room.answers = lambda action: {"ok": True}
        redis.cli("PEXPIRE", "weir:room:r1", "1")
        second = start(story, redis, room, "second")
        until(lambda: len(set(human(room))) == 2500, what="the next one is given them all, too")
        until(lambda: redis.cli("XLEN", "{a:r1}:actions").strip() == "0", what="nothing is left")
        assert second.stop() == 0


tell(all_of_many_decisions_come_to_the_next_owner, whoever_takes_a_room_over_goes_on_with_its_decisions)
