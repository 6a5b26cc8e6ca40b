"""A WebSocket server on a thread of its own, whose every word a story scripts."""

import asyncio
import threading

import websockets


class ScriptedServer:
    """Whoever inherits says in attend() what a connection gets; `port` is where it listens."""

    def __init__(self, subprotocol):
        self.subprotocol = subprotocol
        self.socket = None  # the connection that say() and send() mean
        self.port = 0
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
        return await websockets.serve(self.attend, "127.0.0.1", 0,
                                      subprotocols=[self.subprotocol])
