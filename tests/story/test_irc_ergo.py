#!/usr/bin/python3
"""The irc adapter and weir run against a real Ergo: accounts and SASL, deletion by REDACT, mutes that the
engine takes back, labels. Debian 12 has no Ergo: Debian 13's is unpacked beside the test where it can be fetched."""

import asyncio
import os
import subprocess
import sys

from daemon import Story, until
from irc_peers import BUILD, Folder, Room, Server, Tap, Viewer, free_port, skip_all

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONFIGURATION = """
network: {{name: WeirTest}}
server:
    name: ergo.weir.test
    listeners: {{"127.0.0.1:{port}": {{websocket: true}}}}
    casemapping: ascii
    enforce-utf8: true
    lookup-hostnames: false
    check-ident: false
    coerce-ident: '~u'
    max-sendq: 1M
    websockets: {{allowed-origins: []}}
    compatibility: {{force-trailing: true, send-unprefixed-sasl: true, allow-truncation: false}}
    ip-limits: {{count: false, throttle: false}}
    ip-cloaking: {{enabled: false}}
accounts:
    authentication-enabled: true
    registration: {{enabled: true, allow-before-connect: true, throttling: {{enabled: false}}, bcrypt-cost: 4}}
    nick-reservation: {{enabled: true, additional-nick-limit: 0, method: optional}}
    multiclient: {{enabled: true, allowed-by-default: true, always-on: opt-in, auto-away: opt-in}}
channels:
    default-modes: +nt
    max-channels-per-client: 1000
    registration: {{enabled: true, max-channels-per-account: 15}}
oper-classes: {{}}
opers: {{}}
logging: [{{method: stderr, type: "* -userinput -useroutput", level: info}}]
datastore: {{path: ircd.db, autoupgrade: true}}
limits: {{nicklen: 32, identlen: 20, realnamelen: 150, channellen: 64, awaylen: 390, kicklen: 390,
          topiclen: 390, monitor-entries: 100, whowas-entries: 100, chan-list-modes: 100,
          registration-messages: 1024, multiline: {{max-bytes: 4096, max-lines: 100}}}}
fakelag: {{enabled: false}}
history:
    enabled: true
    channel-length: 2048
    client-length: 256
    autoreplay-on-join: 0
    chathistory-maxmessages: 1000
    restrictions: {{expire-time: 1w, query-cutoff: none, grace-period: 1h}}
    persistent: {{enabled: false}}
    retention: {{allow-individual-delete: true}}
"""


def find_ergo():
    """Unpacked once into the build folder; None where it can't be fetched."""
    folder = os.path.abspath(os.path.join(BUILD, "peers"))
    program = os.path.join(folder, "usr/bin/ergochat")
    if not os.path.exists(program):
        try:
            subprocess.run([os.path.join(ROOT, "scripts/trixie-unpack"), folder, "ergochat"],
                           check=True, timeout=120, capture_output=True)
        except (OSError, subprocess.SubprocessError):
            return None
    return program if os.path.exists(program) else None


def server_in(folder, port, ergo):
    configuration = os.path.join(folder, "ircd.yaml")
    with open(configuration, "w", encoding="utf-8") as out:
        out.write(CONFIGURATION.format(port=port))
    subprocess.run([ergo, "initdb", "--conf", configuration], cwd=folder, check=True,
                   capture_output=True)
    return Server([ergo, "run", "--conf", configuration], folder, "Server running")


async def register_account(port, name, password):
    """An account that weir logs in to later."""
    viewer = Viewer(port, name)
    await viewer.join("#lobby")
    await viewer.say(f"NS REGISTER {password}")
    await viewer.heard("ccount created")
    await viewer.close()


async def moderate(tap, room, port):
    await room.event(type="joined", room="#live")
    viewer = Viewer(port, "viewer1")
    await viewer.join("#live", "CAP REQ :message-tags draft/message-redaction", "NS REGISTER secret1")

    await viewer.say("PRIVMSG #live :加微信 abc12345")
    chat = await room.event(type="chat", text="加微信 abc12345")
    tap.ok(chat["user"]["identity"] == "stable" and chat["user"]["id"] == "viewer1",
           "an account is a stable identity")
    done = await room.act("delete", room="#live", message=chat["id"], reason="请勿发布联系方式")
    tap.ok(done["ok"], "a deletion is confirmed")
    line = await viewer.heard("REDACT #live")
    tap.ok(chat["id"] in line and "请勿发布联系方式" in line, "the viewer sees the message go")
    done = await room.act("delete", room="#live", message="no-such-id")
    tap.ok(done.get("error") == "not_found", "a message that does not exist is not found")

    done = await room.act("timeout", room="#live", user="viewer1", seconds=60)
    tap.ok(done["ok"], "a mute is confirmed")
    await viewer.say("PRIVMSG #live :still there?")
    tap.ok(await viewer.heard(" 404 "), "who is muted can't speak")
    done = await room.act("timeout", room="#live", user="viewer1", seconds=60)
    tap.ok(done["ok"], "muting again is confirmed too")
    done = await room.act("untimeout", room="#live", user="viewer1")
    tap.ok(done["ok"], "the mute is taken back")

    await viewer.say("NICK renamed", "PRIVMSG #live :什么时候发货?")
    question = await room.event(type="chat", text="什么时候发货?")
    tap.ok(question["user"]["id"] == "viewer1" and question["user"]["name"] == "renamed",
           "an account keeps its id under a new nick")
    done = await room.act("reply", room="#live", message=question["id"], text="48小时内发货")
    own = next((e for e in room.events if e.get("text") == "48小时内发货"), None)
    own = own or await room.event(type="chat", text="48小时内发货")
    tap.ok(done["ok"] and own.get("from_self") is True, "our own answer is known as ours")
    line = await viewer.heard("48小时内发货")
    tap.ok(f"reply={question['id']}" in line, "the answer says what it answers")

    done = await room.act("room_mode", room="#live", mode="members")
    tap.ok(done["ok"], "only members may speak")
    done = await room.act("room_mode", room="#live", mode="slow", seconds=30)
    tap.ok(done.get("error") == "unsupported", "slow mode is unsupported")
    done = await room.act("ban", room="#live", user="viewer1", reason="genug")
    tap.ok(done["ok"], "a ban is confirmed")
    tap.ok("genug" in await viewer.heard("KICK #live renamed"), "the account is kicked by its new nick")
    await viewer.close()


async def story(tap, ergo):
    with Folder() as folder:
        port = free_port()
        server = server_in(folder, port, ergo)
        room = Room(f"irc+ws://127.0.0.1:{port}/#live", "weirmod", "modpass1")
        stranger = Room(f"irc+ws://127.0.0.1:{port}/#live", "weirmod", "wrong")
        try:
            await server.start()
            await register_account(port, "weirmod", "modpass1")
            await room.start()
            up = await room.event(type="up")
            tap.ok(up["delete"] == "native" and up["timeout"] == "emulated", "it knows Ergo")
            await moderate(tap, room, port)
            await stranger.start()
            failed = await stranger.event(type="failed")
            tap.ok(failed["final"], "a wrong password is final")
            down = await stranger.event(type="down")
            tap.ok(down["retry_ms"] == -1, "and not tried again")
        finally:
            await room.stop()
            await stranger.stop()
            server.kill()


async def under_weir_run(tap, ergo):
    """The daemon logs in with a token from a file, and redacts what its rules forbid."""
    with Folder() as folder, Story() as story:
        port = free_port()
        server = server_in(folder, port, ergo)
        viewer, spammer = Viewer(port, "viewer1"), Viewer(port, "spammer")
        os.chmod(story.write("token", "modpass1\n"), 0o600)
        story.config([{"url": f"irc+ws://127.0.0.1:{port}/#live", "name": "weirmod",
                       "token_file": "token"}])
        try:
            await server.start()
            await register_account(port, "weirmod", "modpass1")
            daemon = story.run()
            await asyncio.to_thread(until, lambda: "room.joined" in daemon.log(), what="it is in")
            for one in (viewer, spammer):
                await one.join("#live", "CAP REQ :message-tags echo-message draft/message-redaction")
            await spammer.say("PRIVMSG #live :hello", "PRIVMSG #live :buyspam now")
            said = await spammer.heard("buyspam now")
            spam = said.split("msgid=")[1].split(";")[0].split(" ")[0]
            gone = await viewer.heard("REDACT #live")
            tap.ok(f" {spam} " in gone, "weir run: a forbidden message is redacted")
            tap.ok("请勿刷屏" in gone or "Please do not spam" in gone, "weir run: with the reason")
            await spammer.heard("+b m:spammer!")
            await spammer.say("PRIVMSG #live :and again")
            tap.ok(await spammer.heard(" 404 "), "weir run: and who wrote it is mute")
            await viewer.say("PRIVMSG #live :over")
            await viewer.heard("PRIVMSG #live :over")
            tap.ok(sum("REDACT" in line for line in viewer.lines) == 1, "weir run: nothing else is")
            tap.ok(await asyncio.to_thread(daemon.stop) == 0, "weir run: it ends in order")
        finally:
            await viewer.close()
            await spammer.close()
            server.kill()


def main():
    ergo = find_ergo()
    if not ergo:
        return skip_all("ergochat of Debian trixie can't be fetched")
    tap = Tap()
    for tale in (story, under_weir_run):
        try:
            asyncio.run(tale(tap, ergo))
        except Exception as error:  # whatever went wrong, the cases before it stand
            tap.ok(False, f"{tale.__name__}: {type(error).__name__}: {error}".replace("\n", " | "))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
