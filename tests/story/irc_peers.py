"""What the stories about adapters share: servers to start, viewers, a room held by weir's adapter, TAP."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import tempfile

import websockets

BUILD = os.environ.get("WEIR_BUILD", "build")
PATIENCE_S = 20


class Tap:
    """Cases as they come; the plan at the end."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, good, name):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)

    def end(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


def skip_all(why):
    print(f"1..0 # SKIP {why}", flush=True)
    return 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A program in a folder of its own that says in its output when it is up."""

    def __init__(self, command, folder, ready):
        self.command = command
        self.folder = folder
        self.ready = ready
        self.process = None
        self.log = os.path.join(folder, "server.log")

    async def start(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while self.ready not in self.output():
            if self.process.poll() is not None or asyncio.get_running_loop().time() > deadline:
                self.kill()
                raise RuntimeError(f"{self.command[0]} did not come up:\n{self.output()}")
            await asyncio.sleep(0.05)

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Viewer:
    """A real IRC client, as small as it can be."""

    def __init__(self, port, nick):
        self.port = port
        self.nick = nick
        self.socket = None
        self.lines = []

    async def join(self, channel, *first):
        self.socket = await websockets.connect(f"ws://127.0.0.1:{self.port}/",
                                               origin="http://127.0.0.1", ping_interval=None)
        await self.say(f"NICK {self.nick}", f"USER {self.nick} 0 * :viewer")
        await self.heard(" 001 ")
        await self.say(*first, f"JOIN {channel}")
        await self.heard(" 366 ")

    async def say(self, *lines):
        for line in lines:
            await self.socket.send(line)

    async def heard(self, part):
        """The next line that holds `part`."""
        while True:
            line = await asyncio.wait_for(self.socket.recv(), PATIENCE_S)
            line = line.decode() if isinstance(line, bytes) else line
            self.lines.append(line)
            if line.startswith("PING"):
                await self.say("PONG" + line[4:])
            if part in line:
                return line

    async def close(self):
        if self.socket:
            await self.socket.close()


class Relay:
    """Stands between weir and a server, and keeps what weir says."""

    def __init__(self, port):
        self.behind = f"ws://127.0.0.1:{port}/"
        self.said = []

    async def start(self):
        self.server = await websockets.serve(self.attend, "127.0.0.1", 0,
                                             subprotocols=["text.ircv3.net"])
        self.port = self.server.sockets[0].getsockname()[1]

    async def attend(self, socket, _path=None):
        try:
            async with websockets.connect(self.behind, origin="http://127.0.0.1",
                                          subprotocols=["text.ircv3.net"]) as behind:
                await asyncio.gather(self.carry(behind, socket, []),
                                     self.carry(socket, behind, self.said))
        except (OSError, websockets.WebSocketException):
            await socket.close()  # nobody is behind it now

    async def carry(self, one, other, kept):
        try:
            async for frame in one:
                kept += (frame if isinstance(frame, str) else frame.decode()).splitlines()
                await other.send(frame)
        except websockets.ConnectionClosed:
            pass
        finally:
            await other.close()

    async def stop(self):
        self.server.close()
        await self.server.wait_closed()


class Room:
    """weir's side: the adapter on a real connection (tests/story/attach.c)."""

    def __init__(self, url, *login):
        self.url = url
        self.login = login
        self.process = None
        self.events = []
        self.next_action = 0

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            os.path.join(BUILD, "tests/story/attach"), os.path.join(BUILD, "plugins"), self.url,
            *self.login, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    async def event(self, **wanted):
        """The next event in which these fields have these values."""
        while True:
            line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S)
            if not line:
                raise RuntimeError("attach has ended")
            event = json.loads(line)
            self.events.append(event)
            if all(event.get(key) == value for key, value in wanted.items()):
                return event

    async def act(self, do, **fields):
        """Carries out one action; its answer."""
        self.next_action += 1
        action = {"type": "action", "id": f"a-{self.next_action}", "do": do, **fields}
        self.process.stdin.write((json.dumps(action) + "\n").encode())
        await self.process.stdin.drain()
        return await self.event(type="done", action=action["id"])

    async def stop(self):
        if self.process and self.process.returncode is None:
            self.process.stdin.close()
            try:
                await asyncio.wait_for(self.process.wait(), 5)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()


class Folder:
    """A temporary folder that is gone afterwards."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="weir-irc-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)
