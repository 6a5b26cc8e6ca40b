#!/usr/bin/python3
"""`weir watch` on chats that nobody made for it: a real InspIRCd, and a stand-in that real clients take for
Twitch. It shows verdicts, says nothing but what reading needs, and its record replays to the same."""

import asyncio
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "twitch"))

from daemon import Process, Story, WEIR, until
from irc_peers import Folder, PATIENCE_S, Relay, Tap, Viewer, free_port
from stand_in import HOST, StandIn
from test_irc_inspircd import find_modules, server_in

READING = re.compile(r"(CAP|NICK|USER|JOIN|PING|PONG)\b")


class Watch:
    """A `weir watch` in a story's folder."""

    def __init__(self, story, url, *options):
        self.process = Process([WEIR, "watch", url, "--rules", story.path("pack.yaml"), *options],
                               story.folder, f"watch-{len(story.processes)}")
        story.processes.append(self.process)

    async def shows(self, *words):
        """The first line that holds all of these."""
        def line():
            for shown in self.process.out().splitlines():
                if all(word in shown for word in words):
                    return shown
            return None
        return await asyncio.to_thread(until, line, PATIENCE_S, f"{words} on the screen")

    async def stop(self):
        self.process.process.terminate()
        return await asyncio.to_thread(self.process.wait)


def verdicts_of(text):
    return [json.loads(line) for line in text.splitlines()]


def replayed(story, record):
    done = subprocess.run([WEIR, "replay", "--json", "--rules", story.path("pack.yaml"), record],
                          capture_output=True, text=True, timeout=60, check=True)
    return verdicts_of(done.stdout)


async def on_inspircd(tap):
    with Folder() as folder, Story() as story:
        port = free_port()
        server, relay = server_in(folder, port, True), Relay(port)
        viewer = Viewer(port, "viewer1")
        try:
            await server.start()
            await relay.start()
            await viewer.join("#live")
            url = f"irc+ws://127.0.0.1:{relay.port}/#live"
            watch = Watch(story, url)
            record = story.path("record.jsonl")
            as_json = Watch(story, url, "--json", "--record", record)
            for _ in range(2):
                await viewer.heard(" JOIN ")
            for text in ("hello", "buyspam at my place", "when does it ship ?"):
                await viewer.say(f"PRIVMSG #live :{text}")
            line = await watch.shows("viewer1: buyspam")
            tap.ok("delete+timeout" in line and "story.spam" in line,
                   "irc: a forbidden message stands with its verdict")
            tap.ok("pass" in await watch.shows("viewer1: hello"), "irc: so does an ordinary one")
            tap.ok("anything" in await watch.shows("when does it ship"), "irc: a question has its topic")
            await as_json.shows('"topic":"anything"')
            tap.ok(await watch.stop() == 0 and await as_json.stop() == 0, "irc: it ends in order")
            live = verdicts_of(as_json.process.out())
            tap.ok(len(live) == 3 and live == replayed(story, record),
                   "irc: its record replays to the same verdicts")
            others = [said for said in relay.said if not READING.match(said)]
            tap.ok(relay.said and not others, f"irc: nothing is said but what reading needs {others}")
        finally:
            await viewer.close()
            await relay.stop()
            server.kill()


def twitch_line(number, text, at):
    return (f"@badges=;display-name=Fan{number};emotes=;id=m-{number};room-id=1001;tmi-sent-ts={at};"
            f"user-id={number} :fan{number}!fan{number}@fan{number}.{HOST} PRIVMSG #live :{text}")


async def on_twitch(tap):
    twitch = StandIn()
    await twitch.start()
    with Story() as story:
        try:
            url = f"twitch+ws://127.0.0.1:{twitch.port}/#live"
            record = story.path("record.jsonl")
            watch, as_json = Watch(story, url), Watch(story, url, "--json", "--record", record)
            await twitch.until(lambda: len([line for line in twitch.lines if "JOIN" in line]) == 2)
            await twitch.say(twitch_line(1, "hello", 1700000000000),
                             twitch_line(2, "buyspam at my place", 0),
                             twitch_line(3, "when does it ship ?", 1700000000002))
            line = await watch.shows("Fan2: buyspam")
            tap.ok("delete+timeout" in line and "story.spam" in line,
                   "twitch: a forbidden message stands with its verdict")
            await twitch.say(f"@login=fan2;room-id=;target-msg-id=m-2 :{HOST} CLEARMSG #live :buyspam",
                             f"@ban-duration=600;room-id=1001;target-user-id=2 :{HOST} CLEARCHAT #live :fan2",
                             f"@room-id=1001 :{HOST} CLEARCHAT #live")
            tap.ok(await watch.shows("-- ", "live", "a message was removed"),
                   "twitch: CLEARMSG is shown")
            tap.ok(await watch.shows("-- ", "live", "messages of a user were removed"),
                   "twitch: CLEARCHAT of a user is shown")
            tap.ok(await watch.shows("-- ", "live", "all messages were removed"),
                   "twitch: CLEARCHAT of the room is shown")
            await as_json.shows('"topic":"anything"')
            tap.ok(await watch.stop() == 0 and await as_json.stop() == 0, "twitch: it ends in order")
            live = verdicts_of(as_json.process.out())
            tap.ok(len(live) == 3 and live == replayed(story, record),
                   "twitch: its record replays to the same verdicts, whatever the platform's clock says")
            others = [said for said in twitch.lines if not READING.match(said)]
            tap.ok(not others, f"twitch: nothing is said but what reading needs {others}")
        finally:
            await twitch.stop()


def main():
    tap = Tap()
    for story in (on_inspircd, on_twitch):
        if story is on_inspircd and not find_modules():
            tap.count += 1
            print(f"ok {tap.count} - watch on InspIRCd # SKIP inspircd is not installed")
            continue
        try:
            asyncio.run(story(tap))
        except Exception as error:  # whatever went wrong, the cases before it stand
            tap.ok(False, f"{story.__name__}: {type(error).__name__}: {error}".replace("\n", " | "))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
