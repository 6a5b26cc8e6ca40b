"""A room server whose every word is scripted, as weir run meets it."""

import asyncio
import json
import threading

import websockets

from daemon import until


class Room:
    """One room server. `heard` holds all that weir said; say() sends from any thread."""

    def __init__(self, **welcome):
        self.welcome = {"type": "welcome", "mode": "observe", "batch": True, **welcome}
        self.heard = []
        self.socket = None
        self.port = 0
        self.answers = lambda action: {"ok": True}
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.serve, args=(ready,), daemon=True).start()
        assert ready.wait(20)

    def serve(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(self.listen_on_any_port())
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def listen_on_any_port(self):
        return await websockets.serve(self.attend, "127.0.0.1", 0, subprotocols=["weir.room.v1"])

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
