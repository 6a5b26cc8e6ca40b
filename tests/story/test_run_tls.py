#!/usr/bin/python3
"""wss://: a certificate that is not valid is refused with its cause, by weir run and by weir watch, while the
other rooms notice nothing; one that ca_file vouches for is accepted."""

import asyncio
import json
import ssl
import subprocess
import threading

import websockets

from daemon import Process, Story, WEIR, expected, sample_chat, tell, until

WELCOME = json.dumps({"type": "welcome", "mode": "observe", "self": {"id": "weir"}})
CHAT = json.dumps({"type": "chat", "room": "tls", "seq": 1, "id": "m-1", "text": "buyspam now",
                   "user": {"id": "u1", "name": "u1"}})


def certificate(story, name, host, *options):
    """A self-signed one; its path."""
    key, path = story.path(f"{name}.key"), story.path(f"{name}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out",
                    path, *options], capture_output=True, check=True, timeout=60)
    return path


async def serve_room(socket):
    await socket.send(WELCOME)
    await socket.recv()
    await socket.send(CHAT)
    async for _ in socket:
        pass


class Servers:
    """Room servers on localhost, on a loop in a thread of their own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(20)

    def url(self, path):
        """A room server with this certificate (None: without TLS, whatever the URL says)."""
        context = None
        if path:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(path, path.replace(".pem", ".key"))
        return f"wss://localhost:{self.run(self.listen(context))}/"

    async def listen(self, context):
        server = await websockets.serve(serve_room, "127.0.0.1", 0, ssl=context,
                                        subprotocols=["weir.room.v1"])
        return server.sockets[0].getsockname()[1]


def only_valid_certificates_are_accepted_and_the_good_room_goes_on():
    with Story() as story:
        servers = Servers()
        good = certificate(story, "good", "localhost")
        other = certificate(story, "other", "chat.example")
        story.write("nonsense.pem", "no certificate\n")
        play = story.play(story.chat(sample_chat(300)), "--rooms", "1", "--speed", "1", "--once",
                          "--grace-ms", "60000")
        rooms = {
            "accepted": {"url": servers.url(good), "ca_file": "good.pem"},
            "self-signed": {"url": servers.url(good)},
            "other-host": {"url": servers.url(other), "ca_file": "other.pem"},
            "other-signer": {"url": servers.url(good), "ca_file": "other.pem"},
            "no-tls": {"url": servers.url(None), "ca_file": "good.pem"},
            "nonsense": {"url": servers.url(good), "ca_file": "nonsense.pem"},
        }
        for name, room in rooms.items():
            room["url"] += name
            room["rooms"] = ["tls" if name == "accepted" else f"of-{name}"]
        story.config([*rooms.values(), {"url": play.url, "rooms": ["r1"]}])
        daemon = story.run()
        report = play.report()
        spam, _ = expected(300)
        assert report["sent"] == 300 and report["applied"] == 2 * spam, report
        status = until(story.status, what="it answers")
        said = {c["url"].rsplit("/", 1)[1]: c for c in status["connections"]}
        assert said["accepted"]["up"], said["accepted"]
        for name, cause in (("self-signed", "certificate not valid: self"),
                            ("other-host", "certificate not valid: "),
                            ("other-signer", "certificate not valid: self"),
                            ("no-tls", "the TLS handshake failed"),
                            ("nonsense", "nonsense.pem holds no certificate")):
            assert not said[name]["up"] and cause in said[name]["cause"], (name, said[name])
            assert f"/{name}" in daemon.log(), (name, daemon.log())
        assert daemon.stop() == 0


def watch_says_why_and_trusts_what_it_is_told_to():
    with Story() as story:
        url = Servers().url(certificate(story, "good", "localhost")) + "#tls"
        watch = [WEIR, "watch", url, "--rules", story.path("pack.yaml")]
        refused = Process(watch, story.folder, "refused")
        story.processes.append(refused)
        until(lambda: "certificate not valid: self" in refused.log(), what="it says why")
        shown = subprocess.run([*watch, "--ca-file", story.path("good.pem"), "--count", "1"],
                               capture_output=True, text=True, timeout=60, check=False)
        assert shown.returncode == 0 and "story.spam" in shown.stdout, shown
        assert not refused.out().count("story.spam"), refused.out()


tell(only_valid_certificates_are_accepted_and_the_good_room_goes_on,
     watch_says_why_and_trusts_what_it_is_told_to)
