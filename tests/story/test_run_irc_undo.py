#!/usr/bin/python3
"""On IRC a mute has no end of its own: weir must take it off again when its time is over, also when it
was killed in between. The server is scripted; it sets and removes what it is told and echoes that."""

import asyncio
import signal
import time

import websockets

from daemon import Daemon, OwnRedis, Story, WEIR, tell, until
from scripted import ScriptedServer

RULES = """\
pack: mute
about: Mutes for three seconds
rules:
  - id: mute.spam
    about: Mutes
    when: {word: [buyspam]}
    then: {do: [{timeout: 3s}]}
    hit: [buyspam]
"""


class Server(ScriptedServer):
    def __init__(self):
        self.modes = []  # every MODE that it carried out
        self.times = []  # and when
        super().__init__("text.ircv3.net")

    async def attend(self, socket):
        try:
            async for line in socket:
                for answer in self.answers_to(line.strip().split(" ")):
                    await socket.send(answer)
                if line.startswith("JOIN"):
                    self.socket = socket
        except websockets.ConnectionClosedError:
            pass  # killed, as the story wants it

    def answers_to(self, words):
        """What an Ergo says, as far as this story needs it."""
        if words[:2] == ["CAP", "LS"]:
            return [":srv CAP * LS :message-tags server-time"]
        if words[:2] == ["CAP", "REQ"]:
            return [":srv CAP * ACK " + " ".join(words[2:])]
        if words[:2] == ["CAP", "END"]:
            return [":srv 001 weirmod :Welcome", ":srv 004 weirmod srv ergo-2.15 BERTZios CEIRUabehiklmnoqstuv",
                    ":srv 005 weirmod CASEMAPPING=ascii CHANMODES=beI,k,l,CERMUimnstu EXTBAN=,m "
                    "PREFIX=(qaohv)~&@%+ :are supported", ":srv 376 weirmod :End"]
        if words[0] == "JOIN":
            return [":weirmod!weir@host JOIN :#live", ":srv 353 weirmod = #live :@weirmod bad",
                    ":srv 366 weirmod #live :End"]
        if words[0] == "PING":
            return [":srv PONG srv " + words[1]]
        if words[0] == "MODE" and len(words) > 3:
            self.modes.append(" ".join(words[2:]))
            self.times.append(time.monotonic())
            return [":weirmod!weir@host " + " ".join(words)]
        return []

    def say(self, line, socket=None):
        asyncio.run_coroutine_threadsafe((socket or self.socket).send(line), self.loop).result(10)


def attach(story):
    server = Server()
    story.write("pack.yaml", RULES)
    story.config([{"url": f"irc+ws://127.0.0.1:{server.port}/#live", "adapter": "irc",
                   "name": "weirmod"}])
    return server, story.run()


def a_mute_ends_by_itself():
    with Story() as story:
        server, daemon = attach(story)
        until(lambda: server.socket, what="it joins")
        until(lambda: "room.joined" in daemon.log(), what="it is in")
        server.say(":bad!b@host PRIVMSG #live :buyspam")
        until(lambda: server.modes, what="it mutes")
        until(lambda: len(server.modes) == 2, what="it takes the mute off")
        assert server.modes[1] == server.modes[0].replace("+b", "-b", 1), server.modes
        assert daemon.stop() == 0


def a_mute_ends_though_the_daemon_was_killed():
    with Story() as story:
        server, daemon = attach(story)
        until(lambda: server.socket, what="it joins")
        until(lambda: "room.joined" in daemon.log(), what="it is in")
        server.say(":bad!b@host PRIVMSG #live :buyspam")
        until(lambda: server.modes, what="it mutes")
        daemon.kill(signal.SIGKILL)
        server.socket = None
        daemon = story.run()
        until(lambda: any(mode.startswith("-b") for mode in server.modes), what="it takes it off")
        muted = [mode for mode in server.modes if mode.startswith("-b")]
        assert muted[0] == server.modes[0].replace("+b", "-b", 1), server.modes
        assert daemon.stop() == 0


def who_is_muted_again_stays_so_to_the_later_end():
    with Story() as story:
        server, daemon = attach(story)
        until(lambda: server.socket, what="it joins")
        until(lambda: "room.joined" in daemon.log(), what="it is in")
        server.say(":bad!b@host PRIVMSG #live :buyspam")
        until(lambda: server.modes, what="it mutes")
        until(lambda: time.monotonic() > server.times[0] + 1.5, what="half of it is over")
        server.say(":bad!b@host PRIVMSG #live :buyspam more")
        until(lambda: len(server.modes) == 3, what="it mutes again, and takes it off")
        assert [mode[:2] for mode in server.modes] == ["+b", "+b", "-b"], server.modes
        assert server.times[2] - server.times[1] > 2.9, server.times
        until(lambda: story.status()["spool"]["live"] <= 1, what="no other end is kept")
        assert daemon.stop() == 0


def a_mute_ends_though_another_process_has_the_room_by_then():
    with Story() as story:
        redis = OwnRedis(story)
        server = Server()
        story.write("pack.yaml", RULES)

        def start(name):
            path = story.write(f"{name}.yaml", f"state: state-{name}\nredis: {redis.url}\nrules: [pack.yaml]\n"
                               f"rooms: [{{url: 'irc+ws://127.0.0.1:{server.port}/#live', name: weirmod}}]\n")
            daemon = Daemon([WEIR, "run", "-c", path], story.folder, name)
            story.processes.append(daemon)
            until(lambda: "room.joined" in daemon.log(), what="it is in")
            return daemon

        first = start("first")
        until(lambda: redis.cli("KEYS", "weir:room:*").strip(), what="it owns the room")
        room = redis.cli("KEYS", "weir:room:*").strip()
        server.say(":bad!b@host PRIVMSG #live :buyspam")
        until(lambda: server.modes, what="it mutes")
        stream = "{a:" + room[len("weir:room:"):] + "}:actions"
        until(lambda: redis.cli("XLEN", stream).strip() == "1", what="its end waits for whoever has the room")
        first.kill(signal.SIGKILL)
        redis.cli("PEXPIRE", room, "1")  # its lease would last half a minute
        second = start("second")
        until(lambda: len(server.modes) == 2, what="the other one takes it off")
        assert server.modes[1] == server.modes[0].replace("+b", "-b", 1), server.modes
        assert server.times[1] - server.times[0] > 2.5, server.times
        until(lambda: redis.cli("XLEN", stream).strip() == "0", what="nothing is left")
        owner = server.socket  # the first one may join before it hears that the room is another's
        again = Daemon([WEIR, "run", "-c", story.path("first.yaml")], story.folder, "again")
        story.processes.append(again)
        until(lambda: "room.owned" in again.log(), what="the first one comes back, too late")
        server.say(":bad!b@host PRIVMSG #live :buyspam", owner)
        until(lambda: len(server.modes) == 4, what="once more, and once off")
        assert [mode[:2] for mode in server.modes] == ["+b", "-b", "+b", "-b"], server.modes
        assert second.stop() == 0 and again.stop() == 0


tell(a_mute_ends_by_itself, who_is_muted_again_stays_so_to_the_later_end,
     a_mute_ends_though_the_daemon_was_killed,
     a_mute_ends_though_another_process_has_the_room_by_then)
