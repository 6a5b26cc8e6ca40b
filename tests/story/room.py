"""A room server whose every word is scripted, as weir run meets it."""

import asyncio
import json

import websockets

from daemon import until
from scripted import ScriptedServer


class Room(ScriptedServer):
    """One room server. `heard` holds all that weir said; say() sends from any thread."""

    def __init__(self, **welcome):
        self.welcome = {"type": "welcome", "mode": "observe", "batch": True, **welcome}
        self.heard = []
        self.answers = lambda action: {"ok": True}
        super().__init__("weir.room.v1")

    async def attend(self, socket):
        try:
            await self.listen(socket)
        except websockets.ConnectionClosed:
            pass  # killed in the middle of a story

    async def listen(self, socket):
        await socket.send(json.dumps(self.welcome))
        async for frame in socket:
            for line in frame.split("\n"):
                said = json.loads(line)
                self.heard.append(said)
                if said["type"] == "hello":
                    self.socket = socket
                elif said["type"] == "action":
                    answer = self.answers(said)
                    if answer:
                        await socket.send(json.dumps({"type": "done", "action": said["id"], **answer}))

    def say(self, *objects):
        for one in objects:
            self.send(json.dumps(one))

    def say_joined(self, *objects):
        """All in one frame."""
        self.send("\n".join(json.dumps(one) for one in objects))

    def send(self, frame):
        until(lambda: self.socket, what="weir is there")
        asyncio.run_coroutine_threadsafe(self.socket.send(frame), self.loop).result(10)

    def hang_up(self):
        socket, self.socket = self.socket, None
        asyncio.run_coroutine_threadsafe(socket.close(), self.loop).result(10)

    def all(self, kind):
        return [said for said in list(self.heard) if said["type"] == kind]
