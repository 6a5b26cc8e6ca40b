#!/usr/bin/python3
"""weir run as the operator of a channel on a real InspIRCd: who breaks the rules is muted or kicked, a
question waits in its queue until a human answers it there and then; and the same again after the server
was killed."""

import asyncio
import json
import sys

from daemon import Story, until
from irc_peers import Folder, Relay, Tap, Viewer, free_port, skip_all
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
  - id: story.look
    about: Shows a line to a human
    when: {word: [lookatme]}
    then: {do: [flag]}
    hit: [lookatme]
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


def times(lines, part):
    return sum(part in line for line in lines)


async def in_terminal(story, *words):
    """What a moderator types, and what it printed."""
    done = await asyncio.to_thread(story.command, "queue", *words, "--as", "kim")
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


async def claim(story, queue):
    await asyncio.to_thread(until, lambda: story.redis("ZCARD", f"{{q:{queue}}}:ready") == ["1"],
                            what=f"a card in {queue}")
    return json.loads(await in_terminal(story, "claim", queue, "--json"))


async def ask(tap, story, port):
    """A question is a card; what a human answers is said in the channel, as an answer, once."""
    asker = Viewer(port, "asker")
    await asker.join("#live", "CAP REQ :message-tags echo-message")
    await asker.say("PRIVMSG #live :when does it ship?")
    question = await asker.heard("when does it ship?")
    card = await claim(story, "sales")
    tap.ok(card["text"] == "when does it ship?", "a question waits in its queue")
    await in_terminal(story, "answer", card["id"], "within 48 hours")
    answer = await asker.heard("within 48 hours")
    asked = question.split("msgid=")[1].split(";")[0].split(" ")[0]
    tap.ok(":weirmod!" in answer and "PRIVMSG #live :" in answer and f"reply={asked}" in answer,
           "weir says the answer, as an answer to it")
    await asker.say("PRIVMSG #live :lookatme", "NICK hider")
    card = await claim(story, "review")
    await in_terminal(story, "resolve", card["id"], "--verdict", "timeout", "--for", "10m")
    await asker.heard("+b")
    await asker.say("PRIVMSG #live :still here")
    tap.ok(await asker.heard(" 404 "), "who a human mutes is mute")
    tap.ok(any("m:hider!" in line for line in asker.lines), "under the nick that it has by then")
    tap.ok(times(asker.lines, "within 48 hours") == 1, "the answer was said once")
    await asker.close()


async def answer_while_away(story, port, server, relay):
    """What is answered while the server is gone is said when it is back, once."""
    asker = Viewer(port, "asker2")
    await asker.join("#live")
    await asker.say("PRIVMSG #live :is it blue?")
    card = await claim(story, "sales")
    server.kill()
    await in_terminal(story, "answer", card["id"], "it is green")
    await server.start()
    await asyncio.wait_for(joined_as_operator(port), 60)
    await asyncio.to_thread(until, lambda: times(relay.said, "it is green"), what="it is said")


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
    server, relay = server_in(folder, port, True), Relay(port)
    story.write("pack.yaml", PACK)
    await relay.start()
    story.config([{"url": f"irc+ws://127.0.0.1:{relay.port}/#live", "name": "weirmod"}])
    try:
        await server.start()
        story.run()
        await asyncio.wait_for(joined_as_operator(port), 30)
        await moderate(tap, port, "at first")
        await ask(tap, story, port)
        await answer_while_away(story, port, server, relay)
        await moderate(tap, port, "after the server was killed")
        tap.ok(times(relay.said, "it is green") == 1,
               "what was answered while the server was gone is said once")
    finally:
        await relay.stop()
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
