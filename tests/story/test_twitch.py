#!/usr/bin/python3
"""The twitch adapter against a stand-in that npm's tmi.js takes for Twitch: both read the same lines,
and must have understood the same."""

import asyncio
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "twitch"))

from irc_peers import BUILD, PATIENCE_S, Room, Tap
from stand_in import HOST, StandIn

HERE = os.path.dirname(os.path.abspath(__file__))
TMI = "tmi.js@1.8.5"
CHAT = ("@badge-info=subscriber/14;badges=subscriber/12;color=;display-name=小明;"
        "emotes=25:3-7,9-13;first-msg=0;id=m-1;mod=0;room-id=1001;subscriber=1;"
        "tmi-sent-ts=1700000000123;turbo=0;user-id=42;user-type= "
        f":xiaoming!xiaoming@xiaoming.{HOST} PRIVMSG #live :发货 Kappa Kappa")
RESUB = ("@badges=founder/0;display-name=Fan;emotes=;id=m-2;login=fan;mod=0;msg-id=resub;"
         "msg-param-cumulative-months=13;msg-param-sub-plan=1000;room-id=1001;subscriber=1;"
         "system-msg=Fan\\ssubscribed;tmi-sent-ts=1700000000200;user-id=8 "
         f":{HOST} USERNOTICE #live :13 months!")
DELETED = (f"@login=xiaoming;room-id=;target-msg-id=m-1;tmi-sent-ts=1700000000300 :{HOST} "
           "CLEARMSG #live :发货 Kappa Kappa")
TIMEOUT = (f"@ban-duration=600;room-id=1001;target-user-id=42;tmi-sent-ts=1700000000400 :{HOST} "
           "CLEARCHAT #live :xiaoming")


class TmiViewer:
    """tmi.js, or nobody where it can't be had."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None

    async def start(self, port):
        self.process = await asyncio.create_subprocess_exec(
            "node", os.path.join(HERE, "twitch/viewer.js"), str(port), "live",
            env={**os.environ, "NODE_PATH": os.path.join(self.folder, "node_modules")},
            stdout=subprocess.PIPE)

    async def event(self, kind):
        while True:
            line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
            if not line:
                raise RuntimeError("tmi.js has ended")
            event = json.loads(line)
            if event["type"] == kind:
                return event

    async def stop(self):
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


def find_tmi():
    """tmi.js in the build folder, fetched once; None where that is not possible."""
    folder = os.path.abspath(os.path.join(BUILD, "peers/npm"))
    if not shutil.which("node") or not shutil.which("npm"):
        return None
    if not os.path.isdir(os.path.join(folder, "node_modules/tmi.js")):
        os.makedirs(folder, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix",
                            folder, TMI], check=True, timeout=120, capture_output=True)
        except (OSError, subprocess.SubprocessError):
            return None
    return folder


async def both_read_the_same(tap, twitch, room, viewer):
    await twitch.say(CHAT)
    ours, theirs = await room.event(type="chat"), await viewer.event("message")
    tap.ok((ours["id"], ours["user"]["id"], ours["user"]["name"], ours["text"]) ==
           (theirs["id"], theirs["user"], theirs["name"], theirs["text"]), "a message: id, user, text")
    places = sorted(place.split("-") for places in theirs["emotes"].values() for place in places)
    tap.ok(sorted((e["start"], e["end"] - 1) for e in ours["emotes"]) ==
           sorted((int(first), int(last)) for first, last in places), "its emotes, but for the end")
    await twitch.say(RESUB)
    ours, theirs = await room.event(type="chat"), await viewer.event("resub")
    tap.ok(ours["text"] == theirs["text"] == "13 months!", "the text of a subscription")
    await twitch.say(DELETED)
    ours, theirs = await room.event(type="gone"), await viewer.event("deleted")
    tap.ok(ours["id"] == theirs["id"] == "m-1", "a message that was deleted")
    await twitch.say(TIMEOUT)
    ours, theirs = await room.event(type="gone"), await viewer.event("timeout")
    tap.ok(ours["user"] == "42" and theirs["name"] == "xiaoming", "a user who was timed out")
    await twitch.say(f"@room-id=1001 :{HOST} CLEARCHAT #live")
    ours, theirs = await room.event(type="gone"), await viewer.event("clear")
    tap.ok(ours["user"] == "", "a room that was cleared")


async def alone(tap, twitch, room):
    """What concerns us alone."""
    done = await room.act("timeout", room="live", user="42", seconds=60)
    tap.ok(done.get("error") == "unsupported", "an action is unsupported, not dropped")
    await twitch.say(f"PING :{HOST}")
    await twitch.until(lambda: f"PONG :{HOST}" in twitch.lines)
    tap.ok(True, "a PING is answered")
    before = len([line for line in twitch.lines if line.startswith("JOIN")])
    await twitch.say(f":{HOST} RECONNECT")
    await room.event(type="move")
    await room.event(type="joined", room="live")
    tap.ok(len([line for line in twitch.lines if line.startswith("JOIN")]) > before,
           "RECONNECT: connected anew and joined again")


async def refused(tap, twitch):
    stranger = Room(f"twitch+ws://127.0.0.1:{twitch.port}/#live", "weirbot", "wrong")
    try:
        await stranger.start()
        failed = await stranger.event(type="failed")
        tap.ok(failed["final"] and "authentication" in failed["cause"], "a wrong token is final")
    finally:
        await stranger.stop()


async def story(tap, tmi):
    twitch = StandIn()
    await twitch.start()
    room = Room(f"twitch+ws://127.0.0.1:{twitch.port}/#live")
    viewer = TmiViewer(tmi) if tmi else None
    try:
        await room.start()
        await room.event(type="joined", room="live")
        tap.ok(any(line.startswith("NICK justinfan") for line in twitch.lines), "anybody may read")
        if viewer:
            await viewer.start(twitch.port)
            await viewer.event("roomstate")
            await both_read_the_same(tap, twitch, room, viewer)
        else:
            tap.count += 1
            print(f"ok {tap.count} - both read the same # SKIP npm's tmi.js can't be fetched")
        await alone(tap, twitch, room)
        await refused(tap, twitch)
    finally:
        await room.stop()
        if viewer:
            await viewer.stop()
        await twitch.stop()


def main():
    tap = Tap()
    try:
        asyncio.run(story(tap, find_tmi()))
    except Exception as error:  # whatever went wrong, the cases before it stand
        tap.ok(False, f"{type(error).__name__}: {error}".replace("\n", " | "))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
