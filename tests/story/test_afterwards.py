#!/usr/bin/python3
"""What comes after an answer: all who asked are told, what they write next counts, who asks a little later
is told, too, and who complained hears what became of it. Also through kill -9."""

import json

from daemon import OwnRedis, Story, tell, until
from moderators import Loop, chat

PACK = """\
pack: shop
about: A shop
rules:
  - {id: shop.spam, when: {word: [buyspam]}, then: {do: [delete]}, hit: [buyspam now]}
topics:
  - {id: refund, when: {word: [退款, refund]}, queue: complaints, target: 60s, complaint: true}
  - {id: shipping, when: {word: [发货, ship]}, queue: sales, target: 90s}
afterwards:
  satisfied: {zh: [谢谢, 明白了], en: [thanks]}
  unsatisfied: {zh: [还是不行], en: [not what i asked]}
  outcomes: {acted: {zh: 已处理, en: acted}, done: {zh: 已解决, en: dealt with}, dismissed: {zh: 未发现问题, en: nothing found}}
  late: 10m
"""


class Shop(Loop):
    def __init__(self, story, pack=PACK, **more):
        story.write("pack.yaml", pack)
        super().__init__(story, **more)

    def said(self):
        return [said["text"] for said in self.room.all("action") if said["do"] == "reply"]

    def until_said(self, count):
        return until(lambda: len(self.said()) >= count and self.said(), what=f"{count} replies")

    def answer(self, text, queue="sales"):
        card = self.claim("kim", queue)
        self.queue("answer", card["id"], text, "--as", "kim")
        return card["id"]

    def show(self, card):
        return json.loads(self.queue("show", card, "--json"))

    def until_counted(self, name, count):
        until(lambda: self.story.counters().get(name) == count, what=f"{name} is {count}")


def all_who_asked_are_told_and_what_they_say_counts():
    with Story() as story:
        shop = Shop(story)
        shop.room.say(*[chat(i, "什么时候发货", user=f"u{i}") for i in range(1, 15)])
        until(lambda: [c for c in shop.cards() if c.get("count") == 14], what="one card")
        card = shop.answer("48小时内")
        first, rest = shop.until_said(2)
        assert first.startswith("48小时内 @") and first.count("@name_of_u") == 10, first
        assert rest.count("@name_of_u") == 3 and "u1 " not in first + " " + rest, (first, rest)
        shop.room.say(chat(20, "谢谢！", user="u2"), chat(21, "谢谢", user="u2"), chat(22, "thanks", user="stranger"),
                      chat(23, "明白了", user="u3"))
        until(lambda: shop.show(card).get("satisfied"), what="it helped")
        shop.until_counted("satisfied", 2)
        shop.room.say(chat(24, "还是不行啊，什么时候发货", user="u4"))
        again = shop.until_cards(1)[0]
        assert again["id"] == card and again["state"] == "ready" and "satisfied" not in again, again
        assert "还是不行啊" in shop.queue("show", card), "the moderator sees what did not help"
        shop.room.say(chat(25, "什么时候发货", user="u30"))
        until(lambda: shop.cards()[0]["count"] == 15, what="who asks now joins the open card")
        shop.answer("明天上午十点")
        assert shop.until_said(4)[2].startswith("明天上午十点 @"), shop.said()
        assert shop.daemon.stop() == 0


def who_asks_late_is_told_with_others_and_makes_no_card():
    with Story() as story:
        shop = Shop(story)
        shop.room.say(chat(1, "when does it ship?"))
        shop.until_cards(1)
        shop.answer("Within 48 hours")
        shop.until_said(1)
        shop.room.say(chat(2, "When does it ship", user="u2"), chat(3, "when will it ship pls", user="u3"))
        late = shop.until_said(2)[1]
        assert late == "Within 48 hours @name_of_u2 @name_of_u3", late
        assert not shop.cards() and story.counters()["answered_late"] == 2, shop.cards()
        until(lambda: any(a["seq"] == 3 for a in shop.room.all("ack")), what="their messages settle")
        assert shop.daemon.stop() == 0


def answers_are_remembered_through_kill_9_and_redis_away():
    with Story() as story:
        redis = OwnRedis(story)
        shop = Shop(story, redis=redis.url)
        shop.room.say(chat(1, "when does it ship?"))
        shop.until_cards(1)
        card = shop.answer("Within 48 hours")
        shop.until_said(1)
        until(lambda: shop.room.all("ack"), what="it is on disk")
        shop.daemon.kill()
        redis.away()
        shop.start()
        shop.room.say(chat(2, "when does it ship?", user="u2"))
        until(lambda: "Within 48 hours @name_of_u2" in shop.said(), what="the late one is told")
        shop.room.say(chat(3, "that's not what I asked"))
        until(lambda: any(a["seq"] == 3 for a in shop.room.all("ack")), what="what the asker said is on disk")
        shop.daemon.kill()
        redis.back()
        shop.start()
        again = shop.until_cards(1)[0]
        assert again["id"] == card and again["reopened"] in (1, "1"), again
        assert shop.daemon.stop() == 0


def who_complained_hears_what_became_of_it():
    with Story() as story:
        shop = Shop(story)
        outcomes = (("done", "我的退款呢", "已解决"), ("dismiss", "where is my refund", "nothing found"),
                    ("delete", "退款退款！怎么还没退款", "已处理"))
        for number, (verdict, text, told) in enumerate(outcomes):
            shop.room.say(chat(number + 1, text, user=f"u{number}"))
            shop.until_cards(1)
            card = shop.claim("kim", "complaints")
            decision = shop.queue("resolve", card["id"], "--verdict", verdict, "--as", "kim")
            assert decision, decision
            assert shop.until_said(number + 1)[number] == told, shop.said()
            reply = [said for said in shop.room.all("action") if said["do"] == "reply"][number]
            assert reply["user"] == f"u{number}" and reply["message"] == f"m-{number + 1}", reply
        shop.room.say(chat(9, "什么时候发货", user="u9"))
        shop.until_cards(1)
        card = shop.claim("kim", "sales")
        shop.queue("resolve", card["id"], "--verdict", "done", "--as", "kim")
        shop.stays()
        assert len(shop.said()) == 3, "no complaint, no outcome"
        assert shop.daemon.stop() == 0


def a_rating_is_asked_for_where_the_rules_want_it():
    with Story() as story:
        shop = Shop(story, PACK + "  rating: {zh: 有用回1，没用回2, en: 1 or 2}\n")
        shop.room.say(chat(1, "什么时候发货"))
        shop.until_cards(1)
        card = shop.answer("48小时内")
        assert shop.until_said(1)[0] == "48小时内 有用回1，没用回2", shop.said()
        shop.room.say(chat(2, "2"))
        assert shop.until_cards(1)[0]["id"] == card
        shop.answer("明天")
        shop.until_said(2)
        shop.room.say(chat(3, "1"))
        until(lambda: shop.show(card).get("satisfied"), what="it helped")
        assert shop.daemon.stop() == 0


def an_automatic_answer_that_does_not_help_makes_a_card():
    with Story() as story:
        known = "answers:\n  - {id: ships, topic: shipping, ask: {zh: [什么时候发货]}, reply: {zh: 48小时内}, auto: true}\n"
        shop = Shop(story, PACK + known)
        shop.room.say(chat(1, "什么时候发货"), chat(2, "什么时候发货呀", user="u2"))
        shop.until_said(1)
        shop.room.say(chat(3, "谢谢", user="u2"), chat(4, "还是不行，什么时候发货"))
        card = shop.until_cards(1)[0]
        assert card["queue"] == "sales" and card["text"] == "什么时候发货 / 还是不行，什么时候发货", card
        assert card["user"] == "u1" and len(shop.said()) == 1, card
        shop.until_counted("satisfied", 1)
        until(lambda: json.loads(story.command("queue", "stats", "sales", "--json").stdout)["automatic"] == 2,
              what="both are counted")
        assert shop.daemon.stop() == 0


tell(all_who_asked_are_told_and_what_they_say_counts,
     who_asks_late_is_told_with_others_and_makes_no_card,
     answers_are_remembered_through_kill_9_and_redis_away,
     who_complained_hears_what_became_of_it,
     a_rating_is_asked_for_where_the_rules_want_it,
     an_automatic_answer_that_does_not_help_makes_a_card)
