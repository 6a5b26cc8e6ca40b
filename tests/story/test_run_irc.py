#!/usr/bin/python3
"""weir run as the operator of a channel on a real InspIRCd: who breaks the rules is muted or kicked, a
question waits in its queue; and the same again after the server was killed."""

import asyncio
import sys

from daemon import Story, until
from irc_peers import Folder, Tap, Viewer, free_port, skip_all
from test_irc_inspircd import find_modules, server_in

PACK = """
pack: story
about: Rules that a story can foresee
rules:
  - id: story.spam
    about: Mutes who sends it
    when: {word: [buyspam]}
    then: {do: [{timeout: 10m}], reason: {zh: 请勿刷屏, en: Please do not spam}}
    hit: [buyspam now]
    miss: [hello]
  - id: story.abuse
    about: Bans who says it
    when: {word: [getout]}
    then: {do: [ban], reason: {zh: 请友善发言, en: Please be kind}}
    hit: [getout]
    miss: [hello]
topics:
  - {id: anything, when: {includes: ['?']}, queue: sales, target: 90s}
"""


async def moderate(tap, port, when):
    spammer, abuser = Viewer(port, "spammer"), Viewer(port, "abuser")
    await spammer.join("#live")
    await abuser.join("#live")
    await spammer.say("PRIVMSG #live :buyspam now")
    await spammer.heard("+b")
    await spammer.say("PRIVMSG #live :and again")
    tap.ok(await spammer.heard(" 404 "), f"{when}: who spams is muted")
    await abuser.say("PRIVMSG #live :getout all of you")
    tap.ok(await abuser.heard("KICK #live abuser"), f"{when}: who abuses is kicked")
    await spammer.close()
    await abuser.close()


async def ask(tap, story, port):
    """A question is a card in the private Redis."""
    asker = Viewer(port, "asker")
    await asker.join("#live")
    await asker.say("PRIVMSG #live :when does it ship?")
    waiting = await asyncio.get_running_loop().run_in_executor(
        None, lambda: until(lambda: story.redis("ZCARD", "{q:sales}:ready") == ["1"], what="a card"))
    tap.ok(waiting, "a question waits in its queue")
    await asker.close()


async def joined_as_operator(port, nick="watcher"):
    """Waits, from outside, until weir holds @ in the channel: NAMES tells without joining."""
    watcher = Viewer(port, nick)
    await watcher.join("#lobby")
    while True:
        await watcher.say("NAMES #live")
        await watcher.heard(" 366 ")
        if any(" 353 " in line and "@weirmod" in line for line in watcher.lines):
            await watcher.close()
            return
        await asyncio.sleep(0.1)


async def story_of(tap, story, folder):
    port = free_port()
    server = server_in(folder, port, True)
    story.write("pack.yaml", PACK)
    story.config([{"url": f"irc+ws://127.0.0.1:{port}/#live", "name": "weirmod"}])
    try:
        await server.start()
        story.run()
        await asyncio.wait_for(joined_as_operator(port), 30)
        await moderate(tap, port, "at first")
        await ask(tap, story, port)
        server.kill()
        await server.start()
        await asyncio.wait_for(joined_as_operator(port), 60)
        await moderate(tap, port, "after the server was killed")
    finally:
        server.kill()


def main():
    if not find_modules():
        return skip_all("inspircd is not installed")
    tap = Tap()
    try:
        with Folder() as folder, Story() as story:
            asyncio.run(story_of(tap, story, folder))
    except Exception as error:  # whatever went wrong, the cases before it stand
        tap.ok(False, f"{type(error).__name__}: {error}".replace("\n", " | "))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
