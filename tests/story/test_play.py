#!/usr/bin/python3
"""`weir play` as a client meets it, and `weir watch` on it, over real sockets. Prints TAP."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile

import websockets

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")
PATIENCE_S = 30

RULES = """
pack: story
about: For this test alone
rules:
  - id: story.banned
    about: A word that nobody says
    when: {word: [banana]}
    then: {score: 3, do: [delete]}
    hit: [a banana]
    miss: [an apple]
"""


def chat(count, user="u%d"):
    return [{"ts": 1000 * i, "room": "evening", "user": user % (i % 7) if "%" in user else user,
             "id": f"m{i}", "text": f"line {i}"} for i in range(count)]


class Play:
    """A `weir play` of some lines; `report` is what it says at its end."""

    started = []

    @classmethod
    def end_all(cls):
        """What a story that failed has left running."""
        for process in cls.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        cls.started.clear()

    def __init__(self, folder, lines, *options):
        path = os.path.join(folder, "evening.jsonl")
        with open(path, "w", encoding="utf-8") as recording:
            for line in lines:
                recording.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.process = subprocess.Popen([WEIR, "play", path, "--json", *options],
                                        stdout=subprocess.PIPE, text=True)
        self.started.append(self.process)
        self.url = self.process.stdout.readline().strip()

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self):
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        self.report = json.loads(out)
        return self.process.returncode


class Client:
    """A connection that speaks weir.room.v1 and remembers what it heard."""

    def __init__(self, url):
        self.url = url
        self.heard = []

    async def __aenter__(self):
        self.socket = await websockets.connect(self.url, subprotocols=["weir.room.v1"],
                                               max_size=None)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def say(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def hear_until(self, is_enough):
        async def hear():
            while not is_enough(self.heard):
                message = await self.socket.recv()
                self.heard += [json.loads(line) for line in message.split("\n")]
        await asyncio.wait_for(hear(), PATIENCE_S)

    def of(self, kind):
        return [frame for frame in self.heard if frame["type"] == kind]

    async def hear(self, kind, count):
        await self.hear_until(lambda heard: len([f for f in heard if f["type"] == kind]) >= count)
        return self.of(kind)

    async def act(self, number, **action):
        await self.say(type="action", id=f"a-{number}", room="evening", by="rule", **action)


async def everything_is_sent_once_and_settled(folder):
    play = Play(folder, chat(500), "--speed", "max", "--rooms", "3", "--once")
    async with Client(play.url) as client:
        welcome = (await client.hear("welcome", 1))[0]
        assert welcome["mode"] == "observe" and welcome["batch"] is True, welcome
        await client.say(type="hello", token="", rooms=["r1", "r2", "r3"], resume={})
        frames = await client.hear("chat", 1500)
        for room in ("r1", "r2", "r3"):
            seqs = [frame["seq"] for frame in frames if frame["room"] == room]
            assert seqs == list(range(1, 501)), (room, seqs[:10])
            await client.say(type="ack", room=room, seq=500)
        assert await asyncio.to_thread(play.wait) == 0
    assert play.report["sent"] == play.report["judged"] == 1500, play.report


async def what_is_told_is_done_and_answered(folder):
    play = Play(folder, chat(20), "--speed", "max")
    async with Client(play.url) as client:
        await client.say(type="hello", token="", rooms=["evening"], resume={})
        await client.hear("chat", 20)
        await client.act(1, do="delete", message="m3", seq=4)
        await client.act(1, do="delete", message="m3", seq=4)
        await client.act(2, do="delete", message="nobody")
        await client.act(3, do="timeout", user="u1", seconds=60)
        await client.act(4, do="ban", user="stranger")
        await client.act(5, do="dance")
        await client.act(6, do="announce", text="hello", mode=None)
        done = await client.hear("done", 7)
    answers = [(frame["action"], frame["ok"], frame.get("error")) for frame in done]
    assert answers == [("a-1", True, None), ("a-1", True, None), ("a-2", False, "not_found"),
                       ("a-3", True, None), ("a-4", False, "not_found"),
                       ("a-5", False, "invalid"), ("a-6", True, None)], answers
    async with Client(play.url) as again:
        await again.say(type="hello", token="", rooms=["evening"], resume={})
        frames = await again.hear("chat", 19)
    assert "m3" not in [frame["id"] for frame in frames], "a deleted message came again"
    assert play.end() == 0
    assert play.report["repeated_actions"] == 1 and play.report["applied"] == 3, play.report


async def the_muted_are_not_heard(folder):
    play = Play(folder, chat(200, user="u1"), "--speed", "max", "--window", "50")
    async with Client(play.url) as client:
        await client.say(type="hello", token="", rooms=["evening"], resume={})
        first = await client.hear("chat", 50)
        await client.act(1, do="timeout", user="u1", seconds=100)
        await client.hear("done", 1)
        await client.say(type="ack", room="evening", seq=50)
        frames = await client.hear("chat", 100)
        assert frames[50]["seq"] == 150, frames[50]  # 49 s + 100 s, one line a second
        await client.act(2, do="ban", user="u1")
        await client.hear("done", 2)
    assert play.end() == 0
    assert len(first) == 50 and play.report["withheld"] == 99, play.report


async def a_cut_connection_resumes_where_it_was_settled(folder):
    play = Play(folder, chat(400), "--speed", "max", "--cut-after", "100", "--window", "150",
                "--once")
    settled, seen = 0, []
    for _ in range(2):
        try:
            async with Client(play.url) as client:
                await client.say(type="hello", token="", rooms=["evening"],
                                 resume={"evening": settled} if settled else {})
                while settled < 400:
                    before = len(client.of("chat"))
                    frames = await client.hear("chat", before + 1)
                    seen += [frame["seq"] for frame in frames[before:]]
                    settled = max(settled, seen[-1])
                    await client.say(type="ack", room="evening", seq=settled)
                assert await asyncio.to_thread(play.wait) == 0
        except websockets.ConnectionClosedError:
            pass  # this is the cut
    assert sorted(set(seen)) == list(range(1, 401)), "a message was lost"
    assert play.report["judged"] == 400 and play.report["connections"] == 2, play.report


async def what_can_not_be_replayed_is_a_gap(folder):
    play = Play(folder, chat(300), "--speed", "max", "--replay", "100")
    async with Client(play.url) as client:
        await client.say(type="hello", token="", rooms=["evening"], resume={})
        await client.hear("chat", 300)
        await client.say(type="ack", room="evening", seq=50)
        await client.act(1, do="announce", text="the ack was read")
        await client.hear("done", 1)
    async with Client(play.url) as again:
        await again.say(type="hello", token="", rooms=["evening"], resume={})
        frames = await again.hear("chat", 100)
        gaps = again.of("gap")
    assert [(gap["from"], gap["to"]) for gap in gaps] == [(51, 200)], gaps
    assert frames[0]["seq"] == 201, frames[0]
    assert play.end() == 0 and play.report["gaps"] == 1


async def the_gate_waits_for_verdicts(folder):
    play = Play(folder, chat(30), "--speed", "max", "--gate", "--deadline-ms", "60000", "--late",
                "hold", "--no-batch")
    async with Client(play.url) as client:
        welcome = (await client.hear("welcome", 1))[0]
        assert (welcome["mode"], welcome["deadline_ms"], welcome["late"]) == ("gate", 60000, "hold")
        await client.say(type="hello", token="", rooms=["evening"], resume={})
        for frame in await client.hear("chat", 30):
            verdict = "delete" if frame["seq"] == 3 else "pass"
            await client.say(type="verdict", room="evening", seq=frame["seq"], id=frame["id"],
                             verdict=verdict)
        await client.say(type="verdict", room="evening", seq=3, id="m2", verdict="delete")
        await client.act(1, do="announce", text="all was read")
        await client.hear("done", 1)
    assert play.end() == 0
    verdicts = play.report["verdicts"]
    assert verdicts["pass"] == 29 and verdicts["delete"] == 1, verdicts
    assert verdicts["repeated"] == 1 and verdicts["late"] == 0, verdicts


async def nonsense_is_counted_and_harms_nobody(folder):
    token = os.path.join(folder, "token")
    with open(token, "w", encoding="utf-8") as file:
        file.write("open sesame\n")
    play = Play(folder, chat(10), "--speed", "max", "--token-file", token)
    async with Client(play.url) as client:
        await client.say(type="hello", token="wrong", rooms=["evening"], resume={})
        try:
            await client.hear("chat", 1)
            raise AssertionError("a wrong token was let in")
        except websockets.ConnectionClosed as end:
            assert "wrong token" in str(end), end
    async with Client(play.url) as client:
        await client.say(type="ack", room="evening", seq=1)  # before hello
        await client.say(type="hello", token="open sesame", rooms=["evening", "cellar"], resume={})
        await client.socket.send("no JSON at all")
        await client.socket.send('{"type":"action","id":"a-9"')
        await client.say(type="song", room="evening")
        await client.say(type="ack", room="cellar", seq=1)
        await client.hear("chat", 10)
        await client.act(1, do="announce", text="still here")
        await client.hear_until(lambda heard: any(f.get("action") == "a-1" for f in heard))
    assert play.end() == 0
    report = play.report
    assert report["wrong_tokens"] == 1 and report["unknown_frames"] == 1, report
    assert report["bad_frames"] == 3 and report["unknown_rooms"] == 2, report


async def the_recordings_pace_is_kept(folder):
    lines = [{"ts": 1000 + 500 * i, "room": "evening", "user": "u", "text": str(i)}
             for i in range(5)]
    play = Play(folder, lines, "--speed", "10")
    loop = asyncio.get_running_loop()
    async with Client(play.url) as client:
        # Two seconds of the room's time, ten times as fast, begin when somebody joins. It may take
        # longer on a busy machine, never less.
        start = loop.time()
        await client.say(type="hello", token="", rooms=["evening"], resume={})
        await client.hear("chat", 5)
        took = loop.time() - start
    assert took >= 0.19, took
    assert play.end() == 0


async def what_is_not_settled_is_said(folder):
    play = Play(folder, chat(10), "--speed", "max", "--once", "--grace-ms", "200")
    async with Client(play.url) as client:
        await client.say(type="hello", token="", rooms=["evening"], resume={})
        await client.hear("chat", 10)
        assert await asyncio.to_thread(play.wait) == 1
    assert play.report["judged"] == 0, play.report


async def watch_shows_verdicts_and_never_obeys_chat(folder):
    rules = os.path.join(folder, "story.yaml")
    record = os.path.join(folder, "record.jsonl")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(RULES)
    lines = chat(40)
    lines[7]["text"] = "one \x1b[31m banana\x07 \u202e please"
    play = Play(folder, lines, "--speed", "max", "--cut-after", "20", "--window", "25")
    watch = await asyncio.to_thread(
        subprocess.run, [WEIR, "watch", play.url + "#evening", "--rules", rules, "--record",
                         record, "--count", "40"], capture_output=True, text=True,
        timeout=PATIENCE_S)
    assert watch.returncode == 0, watch.stderr
    shown = [line for line in watch.stdout.splitlines() if " u" in line and ": " in line]
    assert len(shown) == 40, watch.stdout  # once each, through the cut
    assert "delete" in shown[7] and "story.banned" in shown[7], shown[7]
    assert "\x1b" not in watch.stdout and "\x07" not in watch.stdout
    with open(record, encoding="utf-8") as file:
        kept = [json.loads(line) for line in file]
    assert [f["text"] for f in kept if f["type"] == "chat"] == [line["text"] for line in lines]
    assert play.end() == 0 and play.report["judged"] == 0, play.report


async def wrong_usage_says_what_to_do(folder):
    cases = [
        (["play"], "one recording is wanted"),
        (["play", "/nowhere.jsonl"], "cannot open"),
        (["play", "x", "--speed", "fast"], "--speed wants"),
        (["play", "x", "--listen", "8080"], "--listen wants"),
        (["play", "x", "--rooms", "0"], "--rooms wants"),
        (["play", "x", "--late", "never"], "--late wants"),
        (["watch"], "a URL is wanted"),
    ]
    for arguments, complaint in cases:
        run = subprocess.run([WEIR, *arguments], capture_output=True, text=True,
                             timeout=PATIENCE_S)
        assert run.returncode == 3 and complaint in run.stderr, (arguments, run)
    first = Play(folder, [])
    port = first.url.rstrip("/").rsplit(":", 1)[1]
    second = subprocess.run([WEIR, "play", os.path.join(folder, "evening.jsonl"), "--listen",
                             f"127.0.0.1:{port}"], capture_output=True, text=True,
                            timeout=PATIENCE_S)
    assert second.returncode == 3 and "Address already in use" in second.stderr, second
    assert first.end() == 0


STORIES = [
    everything_is_sent_once_and_settled,
    what_is_told_is_done_and_answered,
    the_muted_are_not_heard,
    a_cut_connection_resumes_where_it_was_settled,
    what_can_not_be_replayed_is_a_gap,
    the_gate_waits_for_verdicts,
    nonsense_is_counted_and_harms_nobody,
    the_recordings_pace_is_kept,
    what_is_not_settled_is_said,
    watch_shows_verdicts_and_never_obeys_chat,
    wrong_usage_says_what_to_do,
]


def main():
    failures = 0
    print(f"1..{len(STORIES)}")
    for number, story in enumerate(STORIES, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                asyncio.run(story(folder))
                print(f"ok {number} - {story.__name__}", flush=True)
            except Exception as failure:  # a story that breaks must not end the others
                failures += 1
                print(f"not ok {number} - {story.__name__}\n# {failure!r}", flush=True)
            finally:
                Play.end_all()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
