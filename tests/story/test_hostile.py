#!/usr/bin/python3
"""Text from chat and from Redis that wants to be obeyed: by a terminal, a log, Lua, Redis's hash tags or the
protocol. It is shown, counted or refused, and never anything else."""

import json

from daemon import Story, tell, until
from room import Room

ROOMS = ["x}y", "{q:sales}", "a b\t\u001b[31mred\r\n", "房间\u202e", "x}:actions", "%s%n'\"; --", "x" * 300]
NASTY = ["\u001b[2J\u001b]0;owned\u0007", "a\r\nfake log line", "\u0000nul", "\u202egnp.exe", "' .. os.exit() .. '",
         "]] redis.call('FLUSHALL') --[[", "%s%s%n", '","by":"rule","do":"ban', "\u2028line", "\u009b31m"]


def chat(room, seq, text, **more):
    return {"type": "chat", "room": room, "seq": seq, "id": f"m-{seq} {text[:40]}", "text": text,
            "user": {"id": f"u {text[:40]}", "name": text, "identity": "stable"}, **more}


def must_be_tame(text, what):
    bad = [c for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or c in "\u202e\u2028"]
    assert not bad, (what, bad, text)


def attach(story, **more):
    room = Room()
    story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ROOMS}], **more)
    daemon = story.run()
    until(lambda: "redis.up" in daemon.log(), what="Redis is up")
    return room, daemon


def queue(story, *words):
    done = story.command("queue", *words)
    must_be_tame(done.stderr, words)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def what_is_said_is_shown_and_never_obeyed():
    with Story() as story:
        room, daemon = attach(story)
        asked = [chat(name, seq, f"lookatme {seq} {NASTY[seq % len(NASTY)]}")
                 for seq, name in enumerate(ROOMS * 2, 1)]
        room.say(*[{"type": "room", "room": name, "state": "\x1b[31mlive", "scene": "\x1b[2J"}
                   for name in ROOMS])
        room.say(*asked, *[chat(ROOMS[0], 100 + i, f"buyspam {text}") for i, text in enumerate(NASTY)])
        until(lambda: len(room.all("action")) == 2 * len(NASTY), what="spam is acted on")
        until(lambda: len(queue(story, "list", "--json").split("\n")[:-1]) == len(asked), what="all ask")
        must_be_tame(queue(story, "list"), "list")
        for _ in asked:
            card = json.loads(queue(story, "claim", "--as", "kim\x1b[31m", "--json"))
            must_be_tame(queue(story, "show", card["id"]), "show")
            queue(story, "answer", card["id"], f"to {card['id']} \x1b[31m", "--as", "kim\x1b[31m")
        said = until(lambda: len(replies(room)) == len(asked) and replies(room), what="all are answered")
        expect = sorted((m["room"], m["id"].replace("\0", "\ufffd")) for m in asked)
        assert sorted((a["room"], a["message"]) for a in said) == expect, (said, expect)
        must_be_tame(queue(story, "list", "--done"), "done")
        for verb in ("status", "rooms"):
            must_be_tame(story.command(verb).stdout, verb)
        must_be_tame(daemon.log(), "log")
        assert daemon.stop() == 0


def replies(room):
    return [said for said in room.all("action") if said["do"] == "reply"]


GARBAGE = [
    ("SADD", "weir:queues", "bad{name}", "", "a b", "x\x1b[31m", "q" * 5000),
    ("XADD", "{q:review}:out", "*", "id", "a-1", "room", "x}y", "action", "not JSON \x1b[31m"),
    ("XADD", "{q:review}:out", "*", "nothing", "here"),
    ("XADD", "{q:review}:out", "*", "id", "a-2", "room", "no such room", "action", "{}"),
    ("XADD", "{a:x}y}:actions", "*", "id", "a-3", "action", '{"type":"action","do":"explode"}'),
    ("XADD", "{a:x}y}:actions", "*", "odd", "fields"),
    ("XADD", "{q:review}:hist", "*", "what", "undone", "card", "nobody", "outcome", "removed"),
    ("XADD", "{q:review}:hist", "*", "what", "answered"),
    ("ZADD", "{q:review}:ready", "1", "no card", "2", "c-\x1b[31m"),
    ("HSET", "{q:review}:c:c-\x1b[31m", "due", "x\x1b[31m", "text", "\x1b[2J", "state", "ready", "\x1b[1m", "a",
     "count", "007", "rules", "[\x1b"),
    ("ZADD", "{q:review}:lease", "1", "no card either"),
    ("PUBLISH", "weir:bell", "{q:"), ("PUBLISH", "weir:bell", "{a:}"), ("PUBLISH", "weir:bell", "\x1b"),
    ("SADD", "weir:queues", "other"), ("SET", "{q:other}:hist", "a string"), ("SET", "{a:{q:sales}}:actions", "a string"),
]


def what_stands_in_redis_is_no_more_trusted():
    with Story() as story:
        room, daemon = attach(story)
        room.say(chat(ROOMS[0], 1, "lookatme"))
        until(lambda: "1x" in queue(story, "list"), what="a card stands")
        for words in GARBAGE:
            story.redis(*words)
        room.say(chat(ROOMS[0], 2, "lookatme what now"))
        until(lambda: "what now" in queue(story, "list"), what="work goes on")
        must_be_tame(queue(story, "list"), "list")
        for line in queue(story, "list", "--json").split("\n")[:-1]:
            json.loads(line)
        must_be_tame(queue(story, "show", "c-\x1b[31m"), "show")
        until(lambda: "decision.refused" in daemon.log(), what="what can't be read is told")
        must_be_tame(daemon.log(), "log")
        assert story.redis("EXISTS", "weir:queues") == ["1"] and daemon.stop() == 0
        must_be_tame(daemon.log(), "log")


tell(what_is_said_is_shown_and_never_obeyed, what_stands_in_redis_is_no_more_trusted)
