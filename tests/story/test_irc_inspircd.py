#!/usr/bin/python3
"""The irc adapter against a real InspIRCd: it holds a channel as operator, reads a real client, mutes,
bans, answers; the server is killed in the middle and comes back."""

import asyncio
import os
import shutil
import sys

from irc_peers import Folder, Room, Server, Tap, Viewer, free_port, skip_all

CONFIGURATION = """
<server name="insp3.weir.test" description="weir test" network="WeirTest">
<admin name="x" nick="x" email="x@weir.test">
<bind address="127.0.0.1" port="{port}" type="clients" hook="websocket">
<connect name="main" allow="*" timeout="30" pingfreq="2m" hardsendq="1M" softsendq="8192" recvq="8192"
         threshold="1000" commandrate="100000" fakelag="no" localmax="2000" globalmax="2000"
         useident="no" resolvehostnames="no" modes="">
<files motd="">
<dns server="127.0.0.1" timeout="1">
<pid file="{folder}/inspircd.pid">
<options prefixquit="Quit: " defaultmodes="not" splitwhois="no">
<performance netbuffersize="10240" somaxconn="128" softlimit="12800" quietbursts="yes">
<security hidewhois="" maxtargets="20">
<limits maxnick="30" maxchan="64" maxmodes="20" maxident="11" maxquit="255" maxtopic="307" maxkick="255">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" moduledir="{modules}">
<module name="sha1"><module name="websocket"><websocket defaultmode="text"><wsorigin allow="*">
<module name="cap"><module name="ircv3"><module name="ircv3_servertime"><module name="ircv3_msgid">
<module name="ircv3_ctctags"><module name="ircv3_echomessage">{labels}<module name="ircv3_batch">
<module name="muteban"><module name="timedbans">
"""
LABELS = '<module name="ircv3_labeledresponse">'


def find_modules():
    for folder in ("/usr/lib/inspircd/modules", "/usr/lib/x86_64-linux-gnu/inspircd/modules",
                   "/usr/lib/inspircd"):
        if os.path.exists(os.path.join(folder, "m_websocket.so")):
            return folder
    return None


def server_in(folder, port, labels):
    configuration = os.path.join(folder, "inspircd.conf")
    with open(configuration, "w", encoding="utf-8") as out:
        out.write(CONFIGURATION.format(port=port, folder=folder, modules=find_modules(),
                                       labels=LABELS if labels else ""))
    root = ["--runasroot"] if os.getuid() == 0 else []
    return Server([shutil.which("inspircd", path="/usr/sbin:/usr/bin"), "--config", configuration,
                   "--nofork", *root, "--nolog"], folder, "InspIRCd is now running")


async def moderate(tap, room, port, how):
    """What an evening in a channel brings: words, a mute, a ban, an answer, refusals."""
    await room.event(type="joined", room="#live")
    viewer = Viewer(port, "viewer1")
    await viewer.join("#live")

    await viewer.say("PRIVMSG #live :加微信 \x02abc\x0f12345")
    chat = await room.event(type="chat", text="加微信 abc12345")
    tap.ok(chat.get("id") and chat.get("ts", 0) > 1e12, f"{how}: a line has an id and a time")
    tap.ok(chat["user"]["identity"] == "session" and chat["user"]["name"] == "viewer1",
           f"{how}: its user is a session")

    user = chat["user"]["id"]
    done = await room.act("timeout", room="#live", user=user, seconds=600)
    tap.ok(done["ok"], f"{how}: a timeout is confirmed")
    await viewer.say("PRIVMSG #live :still there?")
    tap.ok("404" in await viewer.heard(" #live :"), f"{how}: who is muted can't speak")
    done = await room.act("untimeout", room="#live", user=user)
    tap.ok(done["ok"], f"{how}: the mute is taken back")
    await viewer.say("PRIVMSG #live :什么时候发货?")
    tap.ok(await room.event(type="chat", text="什么时候发货?"), f"{how}: who is unmuted speaks again")

    done = await room.act("reply", room="#live", message=chat["id"], text="48小时内发货")
    tap.ok(done["ok"], f"{how}: an answer is confirmed")
    tap.ok("48小时内发货" in await viewer.heard("PRIVMSG #live"), f"{how}: the viewer reads the answer")
    done = await room.act("delete", room="#live", message=chat["id"])
    tap.ok(done.get("error") == "unsupported", f"{how}: what InspIRCd can't do is unsupported")
    done = await room.act("warn", room="#live", user="nobody-here@x", text="hello")
    tap.ok(done.get("error") == "not_found", f"{how}: who is not there is not found")

    done = await room.act("ban", room="#live", user=user, reason="请勿发布联系方式")
    tap.ok(done["ok"], f"{how}: a ban is confirmed")
    tap.ok("请勿发布联系方式" in await viewer.heard("KICK #live viewer1"), f"{how}: the reason is told")
    await viewer.say("JOIN #live")
    tap.ok(await viewer.heard(" 474 "), f"{how}: who is banned stays out")
    await viewer.close()


async def story(tap, labels):
    how = "with labels" if labels else "without labels"
    with Folder() as folder:
        port = free_port()
        server = server_in(folder, port, labels)
        room = Room(f"irc+ws://127.0.0.1:{port}/#live", "weirmod")
        try:
            await server.start()
            await room.start()
            up = await room.event(type="up")
            tap.ok(up["timeout"] == "native" and up["delete"] == "none", f"{how}: it knows InspIRCd")
            await moderate(tap, room, port, how)
            server.kill()
            tap.ok(await room.event(type="down"), f"{how}: a killed server is noticed")
            await server.start()
            tap.ok(await room.event(type="joined", room="#live"), f"{how}: the room is joined again")
            viewer = Viewer(port, "viewer2")
            await viewer.join("#live")
            await viewer.say("PRIVMSG #live :back again")
            tap.ok(await room.event(type="chat", text="back again"), f"{how}: and read again")
            await viewer.close()
        finally:
            await room.stop()
            server.kill()


def main():
    if not shutil.which("inspircd", path="/usr/sbin:/usr/bin") or not find_modules():
        return skip_all("inspircd is not installed")
    tap = Tap()
    for labels in (True, False):
        try:
            asyncio.run(story(tap, labels))
        except Exception as error:  # whatever went wrong, the cases before it stand
            tap.ok(False, f"labels={labels}: {type(error).__name__}: {error}".replace("\n", " | "))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
