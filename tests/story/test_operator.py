#!/usr/bin/python3
"""What an operator gets wrong: each is told in one clear sentence that says what to do, nothing starts, and
nothing is left behind. And what he does on purpose, while much is under way."""

import json
import os
import re
import signal
import socket
import subprocess

from daemon import PACK, Story, WEIR, expected, sample_chat, tell, until
from room import Room


def weir(story, *arguments, **more):
    return subprocess.run([WEIR, *arguments], cwd=story.folder, capture_output=True, text=True,
                          timeout=60, check=False, **more)


def refused(story, *arguments, says, code=3, **more):
    done = weir(story, *arguments, **more)
    assert done.returncode == code, (arguments, done.returncode, done.stderr)
    assert says in done.stderr, (says, done.stderr)
    return done.stderr


def config(story, **lines):
    text = "".join(f"{key}: {value}\n" for key, value in {"state": "state", **lines}.items())
    story.write("weir.yaml", text + "rules: [pack.yaml]\nrooms: [{url: 'ws://127.0.0.1:1/', rooms: [r]}]\n")


def one_sentence(text):
    assert text.count("\n") == 1 and text.startswith("weir: "), text


def what_can_not_start_says_why_in_one_sentence():
    with Story() as story:
        config(story)
        one_sentence(refused(story, "run", "-c", "none.yaml", says="none.yaml: No such file"))
        one_sentence(refused(story, "run", "-c", "weir.yaml", says="install it",
                             env={**os.environ, "PATH": "/nowhere"}))
        config(story, state="/dev/null/state")
        one_sentence(refused(story, "run", "-c", "weir.yaml", says="/dev/null"))
        config(story, state="pack.yaml")
        one_sentence(refused(story, "run", "-c", "weir.yaml", says="pack.yaml is not a directory"))


def a_state_directory_of_somebody_else_is_refused():
    if os.getuid() != 0:
        return "needs root, to be somebody else"
    with Story() as story:
        os.chmod(story.folder, 0o755)
        config(story)
        said = refused(story, "run", "-c", "weir.yaml", says="Permission denied; make it for this user",
                       user=65534, group=65534, extra_groups=[])
        one_sentence(said)
    return None


def a_port_in_use_is_refused():
    with Story() as story, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused(story, "play", story.chat(sample_chat(1)), "--listen", f"127.0.0.1:{port}",
                says=f"can't listen on 127.0.0.1 port {port}: Address already in use")


def all_mistakes_are_shown_and_nothing_starts():
    with Story() as story:
        story.write("weir.yaml", "stat: x\nrooms:\n  - {url: 'ws://h/', act: maybe, no_hold: sing}\n")
        said = refused(story, "run", "-c", "weir.yaml", says="did you mean 'state'?")
        assert re.findall(r"^weir.yaml:(\d+):", said, re.M) == ["1", "3", "3"], said
        config(story)
        story.write("pack.yaml", "pack: p\nabout: x\nrules:\n  - {id: a, about: \x1b[31m, when: {wrd: [a]}}\n")
        said = refused(story, "run", "-c", "weir.yaml", says="nothing was started", code=2)
        assert "\x1b" not in said, said
        assert not os.path.exists(story.path("state")), "nothing was started"


def a_room_that_no_adapter_knows_is_shown_at_its_place():
    with Story() as story:
        story.write("weir.yaml", "state: state\nrules: [pack.yaml]\nrooms:\n  - url: ftp://x\n"
                    "  - {url: 'ws://h/', rooms: [r]}\n  - {url: 'ws://h/', adapter: icq, rooms: [q]}\n")
        said = refused(story, "run", "-c", "weir.yaml", says="weir.yaml:4:10: no adapter knows 'ftp:'")
        assert "irc+wss" in said and "twitch" in said and ", wss" in said, said
        assert "weir.yaml:6:" in said and "there is no adapter 'icq'; there are: irc, room" in said, said
        assert not os.path.exists(story.path("state")), "nothing was started"
        checked = weir(story, "check", "-c", "weir.yaml")
        assert checked.returncode == 3 and said in checked.stdout, checked.stdout
        assert "refused: 2 mistakes" in checked.stdout, checked.stdout


def a_redis_that_is_away_or_may_lose_cards_is_named():
    with Story() as story:
        config(story, redis="redis://127.0.0.1:1/0")
        daemon = story.run()
        until(lambda: "redis.down" in daemon.log(), what="it tells")
        assert "redis://127.0.0.1:1/0: Connection refused; cards wait" in daemon.log(), daemon.log()
        assert daemon.stop() == 0


def rules_that_are_refused_change_nothing_and_sound_ones_are_taken():
    with Story() as story:
        room = Room()
        story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["r1"]}])
        daemon = story.run()
        until(story.status, what="it is up")
        before = story.status()["set"]
        story.write("pack.yaml", PACK.replace("word: [buyspam]", "wrd: [newspam]"))
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: "unknown check 'wrd'" in daemon.log(), what="the mistake is shown")
        assert story.command("reload", "--wait").returncode == 2, "as weir check would end"
        assert story.status()["set"] == before and daemon.is_running()
        story.write("pack.yaml", PACK.replace("buyspam", "newspam"))
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: story.status()["set"] != before, what="the new set is in force")
        room.say(*[{"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}", "text": text,
                    "user": {"id": "u"}} for seq, text in ((1, "buyspam"), (2, "newspam"))])
        until(lambda: len(room.all("action")) == 2, what="it acts by them")
        assert {said["message"] for said in room.all("action")} == {"m-2"}, room.all("action")
        assert daemon.stop() == 0


def a_stop_under_load_ends_in_time_and_loses_nothing():
    with Story() as story:
        play = story.play(story.chat(sample_chat(20000)), "--speed", "50", "--once", "--grace-ms",
                          "60000", "--rooms", "1")
        story.config([{"url": play.url, "rooms": ["r1"]}])
        daemon = story.run()
        until(lambda: story.counters().get("messages", 0) >= 500, what="it is at work")
        assert daemon.stop(10) == 0, daemon.log()
        daemon = story.run()
        report = play.report(60)
        spam, _ = expected(20000)
        assert report["sent"] == 20000 and report["applied"] == 2 * spam, report
        assert report["repeated_actions"] == 0, report
        assert daemon.stop(10) == 0


def a_full_disk_stops_no_moderation_and_loses_no_card():
    with Story() as story:
        os.mkdir(story.path("state"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none",
                                  story.path("state")], capture_output=True, check=False)
        if mounted.returncode != 0:
            return "needs root and mount, for a small disk"
        try:
            fill_the_disk(story)
        finally:
            subprocess.run(["umount", "-l", story.path("state")], check=True)
    return None


def fill_the_disk(story):
    room = Room()
    redis = f"unix://{story.path('own.sock')}"  # away, so that cards wait on the disk
    story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["r1"]}], redis=redis)
    daemon = story.run()
    until(story.status, what="it is up")
    with open(story.path("state/filler"), "wb") as filler:
        try:
            while filler.write(bytes(65536)):
                filler.flush()
        except OSError:
            pass
    seqs = range(1, 300)
    room.say(*[{"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}",
                "user": {"id": f"u{seq}"}, "text": f"what about {'word ' * 60} {seq} ?"}
               for seq in seqs])
    room.say({"type": "chat", "room": "r1", "seq": 300, "id": "m-300", "user": {"id": "u"},
              "text": "buyspam"})
    until(lambda: len(room.all("action")) == 2, what="moderation goes on")
    until(lambda: "No space left" in daemon.log() + json.dumps(story.status()), what="it tells")
    os.remove(story.path("state/filler"))
    until(lambda: {"type": "ack", "room": "r1", "seq": 300} in room.heard, what="all is settled")
    counters = story.counters()
    assert counters["cards"] == 299 and not counters.get("cards_shed"), counters
    daemon.kill(signal.SIGKILL)
    room.socket = None
    daemon = story.run()
    until(lambda: story.status() and story.status()["spool"]["live"] >= 299, what="all are there")
    assert daemon.stop() == 0


tell(what_can_not_start_says_why_in_one_sentence, a_state_directory_of_somebody_else_is_refused,
     a_port_in_use_is_refused, all_mistakes_are_shown_and_nothing_starts,
     a_room_that_no_adapter_knows_is_shown_at_its_place,
     a_redis_that_is_away_or_may_lose_cards_is_named,
     rules_that_are_refused_change_nothing_and_sound_ones_are_taken,
     a_stop_under_load_ends_in_time_and_loses_nothing,
     a_full_disk_stops_no_moderation_and_loses_no_card)
