"""A stand-in for Twitch's chat on loopback, composed from its documentation and judged by tmi.js: the
login of readers and accounts, JOIN with ROOMSTATE, and whatever lines a test lets it say."""

import asyncio
import re

import websockets

HOST = "tmi.twitch.tv"


def choose_subprotocol(first, second):
    """tmi.js insists on `irc`, weir asks for none; both are served, as Twitch does. What was asked for
    is the first argument with Debian 12's library and the second with Debian 13's."""
    asked_for = first if isinstance(first, (list, tuple)) else second
    return "irc" if "irc" in asked_for else None


class Reader:
    """One connection to the stand-in."""

    def __init__(self, socket):
        self.socket = socket
        self.nick = None
        self.channels = set()

    async def send(self, *lines):
        await self.socket.send("".join(line + "\r\n" for line in lines))


class StandIn:
    def __init__(self):
        self.readers = []
        self.lines = []  # all that was said to it
        self.server = None
        self.port = 0

    async def start(self):
        self.server = await websockets.serve(self.serve, "127.0.0.1", 0,
                                             subprotocols=["irc"],
                                             select_subprotocol=choose_subprotocol)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self):
        self.server.close()
        await self.server.wait_closed()

    async def serve(self, socket, _path=None):
        reader = Reader(socket)
        self.readers.append(reader)
        try:
            async for frame in socket:
                for line in frame.split("\r\n"):
                    if line:
                        self.lines.append(line)
                        await self.hear(reader, line)
        except websockets.ConnectionClosed:
            pass
        finally:
            self.readers.remove(reader)

    async def hear(self, reader, line):
        command, _, rest = line.partition(" ")
        if command == "CAP" and rest.startswith("LS"):
            await reader.send(f":{HOST} CAP * LS :twitch.tv/tags twitch.tv/commands")
        elif command == "CAP" and rest.startswith("REQ"):
            await reader.send(f":{HOST} CAP * ACK :{rest[3:].strip().lstrip(':')}")
        elif command == "PASS" and rest == "oauth:wrong":
            await reader.send(f":{HOST} NOTICE * :Login authentication failed")
            await reader.socket.close()
        elif command == "NICK":
            await self.greet(reader, rest.lower())
        elif command == "JOIN":
            for name in rest.lower().split(","):
                await self.join(reader, name)
        elif command == "PING":
            await reader.send(f":{HOST} PONG {HOST} :{rest.lstrip(':')}")

    async def greet(self, reader, nick):
        reader.nick = nick
        await reader.send(f":{HOST} 001 {nick} :Welcome, GLHF!", f":{HOST} 002 {nick} :Your host is {HOST}",
                          f":{HOST} 003 {nick} :This server is rather new", f":{HOST} 004 {nick} :-",
                          f":{HOST} 375 {nick} :-", f":{HOST} 372 {nick} :You are in a maze.",
                          f":{HOST} 376 {nick} :>")
        if not re.fullmatch(r"justinfan\d+", nick):
            await reader.send(f"@badges=;color=;display-name={nick};user-id=77 :{HOST} GLOBALUSERSTATE")

    async def join(self, reader, name):
        if name.startswith("#nobody"):
            return  # Twitch does not answer
        nick = reader.nick
        reader.channels.add(name)
        await reader.send(f":{nick}!{nick}@{nick}.{HOST} JOIN {name}",
                          f":{nick}.{HOST} 353 {nick} = {name} :{nick}",
                          f":{nick}.{HOST} 366 {nick} {name} :End of /NAMES list")
        await reader.send(f"@emote-only=0;followers-only=-1;r9k=0;room-id=1001;slow=0;subs-only=0 "
                          f":{HOST} ROOMSTATE {name}")

    async def say(self, *lines):
        """To everybody who is there."""
        for reader in list(self.readers):
            await reader.send(*lines)

    async def until(self, condition, patience_s=20):
        deadline = asyncio.get_running_loop().time() + patience_s
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError("the stand-in waited in vain")
            await asyncio.sleep(0.02)
