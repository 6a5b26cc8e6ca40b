#!/usr/bin/python3
"""What is on screen: told by the platform or a moderator, shown on cards, kept through kill -9, and when
it ends, what was to be answered before is due."""

import json
import time

from daemon import Story, tell, until
from moderators import Loop, chat

PACK = """\
pack: shop
about: A shop that shows one item after the other
topics:
  - {id: price, when: {word: [多少钱]}, queue: sales, target: {before: scene, within: 20m}}
  - {id: advice, when: {word: [怎么选]}, queue: sales, target: {before: stream, within: 30m}}
answers:
  - {id: price-7, topic: price, scene: item-7, ask: {zh: [多少钱]}, reply: {zh: 七号59元}, auto: true}
  - {id: price-8, topic: price, scene: item-8, ask: {zh: [多少钱]}, reply: {zh: 八号99元}}
"""


class Shop(Loop):
    def __init__(self, story):
        story.write("pack.yaml", PACK)
        super().__init__(story)

    def room_says(self, **what):
        self.room.say({"type": "room", "room": "r1", **what})

    def set(self, *words):
        return self.story.command("rooms", "set", "r1", *words)

    def state(self):
        rooms = self.story.status("rooms")
        return rooms and rooms["rooms"][0]

    def until_scene(self, scene):
        until(lambda: (self.state() or {}).get("scene") == scene, what=f"the scene is {scene}")

    def left(self, text):
        """Seconds until the card with this text is due."""
        now = time.time() * 1000
        return [(card["due"] - now) / 1000 for card in self.cards() if card["text"] == text][0]


def what_is_on_screen_answers_and_is_shown():
    with Story() as story:
        shop = Shop(story)
        shop.room_says(state="live", scene="item-7")
        shop.room.say(chat(1, "这个多少钱呀"))
        said = until(lambda: shop.room.all("action"), what="the price of what is shown")[0]
        assert said["text"] == "七号59元", said
        assert shop.set("--scene", "item-8").returncode == 0
        shop.room.say(chat(2, "多少钱", user="u2"))
        card = shop.until_cards(1)[0]
        assert card["scene"] == "item-8" and card["suggestion"] == "八号99元", card
        assert "@ item-8" in shop.queue("list") and "item-8" in shop.queue("show", card["id"])
        shop.room_says(scene="item-9")
        shop.until_scene("item-9")
        shop.room.say(chat(3, "多少钱", user="u3"))
        both = shop.until_cards(2)
        assert {card["scene"] for card in both} == {"item-8", "item-9"}, both
        assert shop.daemon.stop() == 0


def the_end_of_a_scene_brings_its_questions_forward():
    with Story() as story:
        shop = Shop(story)
        shop.room_says(scene="item-1")
        shop.room.say(chat(1, "多少钱"), chat(2, "怎么选", user="u2"))
        shop.until_cards(2)
        assert 1100 < shop.left("多少钱") < 1201 and 1700 < shop.left("怎么选") < 1801
        shop.room_says(scene_ends=int(time.time() * 1000) + 300000)
        until(lambda: shop.left("多少钱") < 301, what="the announced end counts")
        assert shop.left("多少钱") > 250 and shop.left("怎么选") > 1700
        assert shop.set("--ends", "10m", "--json").returncode == 0
        until(lambda: shop.left("怎么选") < 601, what="the stream's end, too")
        assert 250 < shop.left("多少钱") < 301, "a later end delays nothing"
        shop.room.say(chat(3, "40码的怎么选", user="u3"))
        shop.until_cards(3)
        assert shop.left("40码的怎么选") < 601, "who asks now is asked for before the end"
        shop.set("--scene", "item-2")
        until(lambda: shop.left("多少钱") < 1, what="the scene is over")
        assert shop.left("怎么选") > 500
        shop.set("--state", "ended")
        until(lambda: shop.left("怎么选") < 1, what="the stream is over")
        assert shop.daemon.stop() == 0


def a_moderators_word_survives_kill_9():
    with Story() as story:
        shop = Shop(story)
        shop.room_says(scene="item-1")
        shop.until_scene("item-1")
        said = json.loads(shop.set("--scene", "item-8", "--scene-ends", "5m", "--json").stdout)
        assert said["ok"] and said["scene"] == "item-8", said
        shop.room.say(chat(1, "你好"))
        until(lambda: shop.room.all("ack"), what="what came before is on disk")
        shop.daemon.kill()
        shop.start()
        shop.until_scene("item-8")
        assert 200000 < shop.state()["scene_ends"] - time.time() * 1000 < 300001, shop.state()
        shop.room.say(chat(2, "多少钱", user="u2"))
        card = shop.until_cards(1)[0]
        assert card["scene"] == "item-8" and shop.left("多少钱") < 301, card
        assert shop.daemon.stop() == 0


def what_can_not_be_set_is_one_sentence():
    with Story() as story:
        shop = Shop(story)
        until(shop.state, what="the daemon answers")
        for words, says in (((), "which room"), (("--scene",), "understood"), (("--ends", "soon"), "not a time"),
                            (("--state", "asleep"), "live, paused, ended"), (("--what", "x"), "understood")):
            done = shop.set(*words)
            assert done.returncode == 3 and says in done.stderr, (words, done)
        done = story.command("rooms", "set", "r9", "--scene", "x")
        assert done.returncode == 3 and "does not serve" in done.stderr, done
        assert shop.daemon.stop() == 0


tell(what_is_on_screen_answers_and_is_shown,
     the_end_of_a_scene_brings_its_questions_forward,
     a_moderators_word_survives_kill_9,
     what_can_not_be_set_is_one_sentence)
