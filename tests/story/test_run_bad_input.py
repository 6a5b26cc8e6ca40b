#!/usr/bin/python3
"""Servers that send nonsense, nothing, half of something or too much, beside a room that is well: each
is counted, named in the log, and the good room notices nothing."""

import asyncio
import base64
import hashlib
import json
import ssl
import subprocess
import threading

import websockets

from daemon import Story, expected, free_port, sample_chat, tell, until

WELCOME = json.dumps({"type": "welcome", "mode": "observe", "self": {"id": "weir"}, "batch": True})


def chat(room, seq, text="hello", **more):
    return json.dumps({"type": "chat", "room": room, "seq": seq, "id": f"m-{seq}", "text": text,
                       "user": {"id": "u1", "name": "u1"}, **more}, ensure_ascii=False)


NONSENSE = [
    "not JSON", "[]", "{", "{}", "null", "\n\n", '{"type":"chat"}', '{"type":5}', '{"type":"xyz"}',
    '{"type":"chat","room":"b1","text":5}', '{"type":"chat","room":5,"text":"x"}',
    '{"type":"chat","room":"b1","seq":-1,"text":"x"}', '{"type":"chat","room":"b1","seq":1e99,"text":"x"}',
    '{"type":"done"}', '{"type":"done","action":"a-0","ok":true}', '{"type":"gap","room":"b1"}',
    '{"type":"gone","room":"nowhere","id":"x"}', '{"type":"room"}', "[" * 60000, '{"a":' * 10000,
    b"\xff\xfe\x00binary", b"\x00" * 100,
    chat("b1", 5, "x" * 70000), chat("b1", 6, id="i" * 10240), chat("b1" * 6000, 7),
    "x" * (2 << 20),
]


async def send_nonsense(socket):
    await socket.send(WELCOME)
    await socket.recv()
    for frame in NONSENSE:
        await socket.send(frame)
    await socket.send('{"type":"chat","room":"b1","seq":90,"id":"bad","text":"\\ud800 \\u0000 buyspam"}')
    await socket.send(chat("b1", 91, "buyspam", id="last"))
    async for _ in socket:
        pass


async def send_nothing(socket):
    async for _ in socket:
        pass


async def name_many_rooms(socket):
    await socket.send(WELCOME)
    await socket.recv()
    for i in range(0, 20000, 100):
        await socket.send("\n".join(chat(f"many-{k}", 1) for k in range(i, i + 100)))
    async for _ in socket:
        pass


async def leave_half_a_frame(reader, writer):
    """Shakes hands by hand, then begins a frame and stops."""
    head = await reader.readuntil(b"\r\n\r\n")
    key = next(line.split(b":")[1].strip() for line in head.split(b"\r\n")
               if line.lower().startswith(b"sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Protocol: weir.room.v1\r\nSec-WebSocket-Accept: " + accept +
                 b"\r\n\r\n\x81\x7e\x10\x00{\"type\":")
    await writer.drain()
    await reader.read()


async def answer_with_an_error(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


class Servers:
    """All the bad servers, on a loop in a thread of their own."""

    def __init__(self, story):
        self.ports = {}
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.context = self.self_signed(story)
        threading.Thread(target=self.serve, daemon=True).start()
        assert self.ready.wait(20)

    def self_signed(self, story):
        key, certificate = story.path("key.pem"), story.path("cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
                       capture_output=True, check=True, timeout=60)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    def serve(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self.listen())
        self.ready.set()
        self.loop.run_forever()

    async def listen(self):
        for name, handler in (("nonsense", send_nonsense), ("nothing", send_nothing),
                              ("many", name_many_rooms)):
            self.keep(name, await websockets.serve(handler, "127.0.0.1", 0, max_size=None,
                                                   subprotocols=["weir.room.v1"]))
        self.keep("untrusted", await websockets.serve(send_nothing, "127.0.0.1", 0,
                                                      subprotocols=["weir.room.v1"],
                                                      ssl=self.context))
        self.keep("half", await asyncio.start_server(leave_half_a_frame, "127.0.0.1", 0))
        self.keep("error", await asyncio.start_server(answer_with_an_error, "127.0.0.1", 0))

    def keep(self, name, server):
        self.ports[name] = server.sockets[0].getsockname()[1]

    def url(self, name):
        scheme = "wss" if name == "untrusted" else "ws"
        return f"{scheme}://127.0.0.1:{self.ports[name]}/{name}"


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def bad_servers_are_counted_and_named_and_the_good_room_goes_on():
    with Story() as story:
        servers = Servers(story)
        play = story.play(story.chat(sample_chat(600)), "--rooms", "1", "--speed", "3", "--once",
                          "--grace-ms", "60000")
        names = ["nonsense", "nothing", "many", "untrusted", "half", "error"]
        rooms = [{"url": servers.url(name), "rooms": [f"of-{name}"]} for name in names
                 if name not in ("many", "nonsense")]
        rooms.append({"url": servers.url("nonsense"), "rooms": ["b1"]})
        rooms.append({"url": servers.url("many")})
        rooms.append({"url": f"ws://127.0.0.1:{free_port()}/nobody", "rooms": ["of-nobody"]})
        rooms.append({"url": play.url, "rooms": ["r1"]})
        story.config(rooms, limits="{max_rooms: 50}")
        daemon = story.run()
        report = play.report()
        spam, _ = expected(600)
        assert report["sent"] == 600 and report["applied"] == 2 * spam, report
        assert report["action_latency"]["p99_us"] < 1_000_000, report

        status = until(story.status, what="it answers")
        assert status["counters"]["frames_refused"] >= 15, status
        assert status["counters"]["frames_unknown"] >= 1, status
        assert status["rooms"] <= 50 + 10, status["rooms"]
        causes = {c["url"].rsplit("/", 1)[1]: c for c in status["connections"] if c["cause"]}
        assert "503" in causes["error"]["cause"], causes["error"]
        assert not causes["untrusted"]["up"] and causes["untrusted"]["cause"], causes["untrusted"]
        assert not causes["nobody"]["up"], causes["nobody"]
        by_name = {c["url"].rsplit("/", 1)[1]: c for c in status["connections"]}
        for name in ("half", "nothing"):
            assert not by_name[name]["up"], by_name[name]
        log = daemon.log()
        for word in ("frame.refused", "room=b1", "/error", "/untrusted", "/nobody"):
            assert word in log, (word, log)
        assert "suppressed=" in log or log.count("frame.refused") <= 60, "the log is not flooded"
        assert resident_kib(daemon.process.pid) < 600_000
        last = [room for room in story.status("rooms")["rooms"] if room["room"] == "b1"][0]
        assert last["counters"]["messages"] >= 2 and last["counters"]["damaged"] == 1, last
        assert daemon.stop() == 0


tell(bad_servers_are_counted_and_named_and_the_good_room_goes_on)
