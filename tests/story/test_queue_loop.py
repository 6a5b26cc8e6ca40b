#!/usr/bin/python3
"""The whole loop of a moderator, with real processes: what is asked or flagged in a room becomes a card,
somebody takes it and decides in a terminal, and the decision arrives in the room exactly once."""

import signal

from daemon import OwnRedis, PACK, Story, expected, sample_chat, tell, until
from moderators import Loop, chat


def a_question_is_answered_in_the_room_once():
    with Story() as story:
        loop = Loop(story)
        loop.room.say(chat(1, "when does it ship ?"), chat(2, "When does it ship ???", user="u2"))
        card = until(lambda: [c for c in loop.cards() if c.get("count") == 2], what="both are one")[0]
        assert card["kind"] == "question" and card["askers"] == 2, card
        taken = loop.claim("kim", "sales")
        assert taken["id"] == card["id"] and taken["owner"] == "kim", taken
        loop.queue("answer", card["id"], "Within 48 hours", "--as", "kim")
        said = loop.until_human(1)[0]
        assert said["do"] == "reply" and said["text"] == "Within 48 hours @name_of_u2", said
        assert said["message"] == "m-1" and said["room"] == "r1", said
        loop.stays()
        assert len(loop.human()) == 1 and not loop.cards(), loop.human()
        assert loop.daemon.stop() == 0


TOPIC = """
  - {id: money, when: {word: [refund]}, queue: billing, target: 1s, needs: [refunds, language],
     escalate: {after: 0s, to: leads}}
"""


def a_question_that_nobody_took_goes_to_others_and_is_answered_there():
    with Story() as story:
        story.write("pack.yaml", PACK.replace("topics:\n", "topics:" + TOPIC, 1))
        loop = Loop(story)
        loop.room.say(chat(1, "where is my refund ?"), chat(2, "where is my refund ??", user="u2"))
        asked = until(lambda: [c for c in loop.cards() if c["count"] == 2], what="both are one")[0]
        assert asked["needs"] == "en refunds", asked
        card = until(lambda: loop.cards("leads"), what="it is passed on")[0]
        assert card["id"] == asked["id"] and card["count"] == 2 and card["level"] == 1, card
        assert "nothing waits" in loop.queue("claim", "leads", "--as", "bob", "--skill", "zh", ok=False)
        loop.queue("claim", "leads", "--as", "kim", "--skill", "refunds", "--skill", "en")
        until(lambda: [q for q in story.status()["queues"] if q["queue"] == "leads" and q.get("claimed") == 1],
              what="status tells that somebody is at it")
        loop.queue("answer", card["id"], "On its way", "--as", "kim")
        assert loop.until_human(1)[0]["text"].startswith("On its way"), loop.human()
        loop.daemon.kill(signal.SIGKILL)
        loop.start()
        loop.stays()
        assert len(loop.human()) == 1 and not loop.cards(), loop.human()
        assert loop.daemon.stop() == 0


def a_flag_is_resolved_and_its_timeout_taken_back():
    with Story() as story:
        loop = Loop(story)
        loop.room.say(chat(1, "lookatme", user="u7"))
        loop.until_cards(1)
        card = loop.claim("kim", "review")
        decision = loop.queue("resolve", card["id"], "--verdict", "delete+timeout", "--for", "10m",
                              "--as", "kim").split()[1]
        done = {said["do"]: said for said in loop.until_human(2)}
        assert done["delete"]["message"] == "m-1", done
        assert done["timeout"]["user"] == "u7" and done["timeout"]["seconds"] == 600, done
        assert "partly" in loop.queue("undo", decision, "--as", "kim")
        undone = loop.until_human(3)[2]
        assert undone["do"] == "untimeout" and undone["user"] == "u7", undone
        loop.stays()
        assert len(loop.human()) == 3, loop.human()
        assert loop.daemon.stop() == 0


def two_moderators_never_share_a_card_and_one_gives_back():
    with Story() as story:
        loop = Loop(story)
        loop.room.say(chat(1, "lookatme first"), chat(2, "lookatme second", user="u2"))
        loop.until_cards(2)
        first, second = loop.claim("kim"), loop.claim("bob")
        assert first["id"] != second["id"], (first, second)
        assert "nothing" in loop.queue("claim", "--as", "eve", ok=False)
        wrong = loop.queue("resolve", first["id"], "--verdict", "ban", "--as", "bob", ok=False)
        assert "claimed by kim" in wrong, wrong
        loop.queue("release", first["id"], "--as", "kim")
        again = loop.claim("bob")
        assert again["id"] == first["id"] and again["token"] != first["token"], again
        late = loop.queue("resolve", first["id"], "--verdict", "ban", "--as", "kim", "--token",
                          first["token"], ok=False)
        assert "claim" in late, late
        loop.queue("resolve", first["id"], "--verdict", "dismiss", "--as", "bob")
        loop.stays()
        assert not loop.human(), loop.human()
        assert loop.daemon.stop() == 0


def an_answer_arrives_once_though_weir_is_killed_around_it():
    with Story() as story:
        redis = OwnRedis(story)
        loop = Loop(story, redis=redis.url)
        loop.room.say(chat(1, "when does it ship ?"), chat(2, "where is my parcel ?"))
        cards = loop.until_cards(2)
        taken = [loop.claim("kim"), loop.claim("kim")]
        loop.daemon.kill(signal.SIGKILL)
        loop.queue("answer", taken[0]["id"], "while it was away", "--as", "kim")
        loop.start()
        loop.until_human(1)
        loop.queue("answer", taken[1]["id"], "and killed at once", "--as", "kim")
        loop.daemon.kill(signal.SIGKILL)
        loop.start()
        until(lambda: len(set(said["id"] for said in loop.human())) == 2, what="both arrive")
        loop.stays()
        texts = {said["id"]: said["text"] for said in loop.human()}
        assert sorted(texts.values()) == ["and killed at once", "while it was away"], texts
        assert len(cards) == 2 and not loop.cards(), loop.cards()
        assert loop.daemon.stop() == 0


def asks(seq, text, user="u1"):
    return chat(seq, text + " ?", user)


def gone(seq, of):
    return {"type": "gone", "room": "r1", "seq": seq, "id": f"m-{of}"}


def a_question_is_withdrawn_with_the_last_of_its_messages():
    with Story() as story:
        redis = OwnRedis(story)
        loop = Loop(story, redis=redis.url)
        loop.room.say(asks(1, "when does it ship"), asks(2, "When does it ship ??", "u2"),
                      asks(3, "is it red"), chat(4, "lookatme", "u4"))
        until(lambda: sorted(int(c["count"]) for c in loop.cards()) == [1, 1, 2], what="cards stand")
        loop.room.say(gone(5, 1))
        card = until(lambda: [c for c in loop.cards("sales") if c["message"] == "m-2"],
                     what="it is the second asker's now")[0]
        assert card["count"] == 1 and card["askers"] == 1 and card["user"] == "u2", card
        loop.claim("kim", "sales")
        loop.room.say(gone(6, 2), gone(7, 4))
        until(lambda: len(loop.cards("sales")) == 1, what="it is withdrawn")
        late = loop.queue("answer", card["id"], "soon", "--as", "kim", ok=False)
        assert "withdrawn" in late, late
        until(lambda: "gone" in loop.cards("review")[0], what="the flag stays, and tells")
        redis.away()
        loop.room.say(gone(8, 3), chat(9, "hello"))
        until(lambda: {"type": "ack", "room": "r1", "seq": 9} in loop.room.heard, what="it settles")
        loop.daemon.kill(signal.SIGKILL)
        redis.back()
        loop.start()
        until(lambda: not loop.cards("sales"), what="what was gone meanwhile is withdrawn, too")
        assert not loop.human(), loop.human()
        assert loop.daemon.stop() == 0


def all_gone_of(seq, user):
    return {"type": "gone", "room": "r1", "seq": seq, "user": {"id": user}}


def the_questions_of_a_user_are_withdrawn_with_all_that_he_wrote():
    with Story() as story:
        redis = OwnRedis(story)
        loop = Loop(story, redis=redis.url)
        loop.room.say(asks(1, "when does it ship"), asks(2, "When does it ship ??", "u2"),
                      asks(3, "is it red"), chat(4, "lookatme"), asks(5, "is it blue", "m-2"))
        until(lambda: sorted(int(c["count"]) for c in loop.cards()) == [1, 1, 1, 2], what="cards stand")
        loop.room.say(all_gone_of(6, "u1"))
        left = until(lambda: len(loop.cards("sales")) == 2 and loop.cards("sales"), what="two are left")
        assert sorted(card["user"] for card in left) == ["m-2", "u2"], left
        until(lambda: "gone" in loop.cards("review")[0], what="the flag stays, and tells")
        redis.away()
        loop.room.say(all_gone_of(7, "u2"), asks(8, "is it green", "u2"))
        until(lambda: {"type": "ack", "room": "r1", "seq": 8} in loop.room.heard, what="it settles")
        loop.daemon.kill(signal.SIGKILL)
        redis.back()
        loop.start()
        until(lambda: sorted(card["message"] for card in loop.cards("sales")) == ["m-5", "m-8"],
              what="what he asked later stands")
        loop.room.say(all_gone_of(9, ""))
        until(lambda: not loop.cards("sales"), what="the room is emptied")
        assert loop.daemon.stop() == 0


def a_question_that_is_gone_before_redis_comes_never_stands_there():
    with Story() as story:
        redis = OwnRedis(story)
        redis.away()
        loop = Loop(story, redis=redis.url)
        loop.room.say(asks(1, "when does it ship"), asks(2, "is it red"), gone(3, 1))
        until(lambda: {"type": "ack", "room": "r1", "seq": 3} in loop.room.heard, what="it settles")
        redis.back()
        loop.until_cards(1)
        assert loop.cards()[0]["message"] == "m-2", loop.cards()
        assert not loop.cards("--done"), loop.cards("--done")
        assert loop.daemon.stop() == 0


def an_undone_decision_leaves_a_card_that_an_emptied_redis_gets_again():
    with Story() as story:
        redis = OwnRedis(story)
        loop = Loop(story, redis=redis.url)
        loop.room.say(chat(1, "lookatme {}\x1b[31m", "u7"))
        before = loop.until_cards(1)[0]
        loop.claim("kim")
        decision = loop.queue("resolve", before["id"], "--verdict", "ban", "--as", "kim").split()[1]
        loop.until_human(1)
        until(lambda: story.status()["spool"]["live"] <= 1, what="the spool lets go of the card")
        loop.queue("undo", decision, "--as", "kim")
        loop.until_human(2)
        until(lambda: story.status()["spool"]["live"] >= 2, what="it is spooled again")
        redis.cli("FLUSHALL")
        redis.away()
        redis.back()
        after = loop.until_cards(1)[0]
        given = ("id", "queue", "kind", "room", "text", "message", "user", "name", "at", "rules",
                 "seq", "verdict", "urgent", "roles")
        assert abs(after["due"] - before["due"]) < 1000, "its age is taken anew, by two clocks"
        assert [after.get(name) for name in given] == [before.get(name) for name in given], after
        assert loop.daemon.stop() == 0


HOLDS = PACK.replace("topics:", """\
  - id: story.hold
    about: Waits for a human
    when: {word: [suspicious]}
    then: {do: [hold]}
    hit: [suspicious]
  - id: story.mask
    about: Is shown with stars
    when: {word: [rude]}
    then: {do: [mask]}
    hit: [so rude]
topics:""")


def verdicts(loop):
    return {said["id"]: said for said in loop.room.all("verdict")}


def a_gate_is_told_every_verdict_and_a_human_lets_pass_what_was_held():
    with Story() as story:
        story.write("pack.yaml", HOLDS)
        loop = Loop(story, {"mode": "gate", "deadline_ms": 5000, "late": "hold"})
        loop.room.say(chat(1, "hello"), chat(2, "buyspam", user="u2"), chat(3, "suspicious offer"),
                      chat(4, "that is rude"), chat(5, "suspicious again", user="u5"))
        until(lambda: len(verdicts(loop)) == 5, what="every message has its verdict")
        said = [verdicts(loop)[f"m-{seq}"]["verdict"] for seq in range(1, 6)]
        assert said == ["pass", "delete", "hold", "mask", "hold"], said
        assert verdicts(loop)["m-4"]["text"] == "that is ****", verdicts(loop)["m-4"]
        loop.until_cards(2)
        held = {card["message"]: card for card in (loop.claim("kim"), loop.claim("bob"))}
        assert sorted(held) == ["m-3", "m-5"], held
        assert all(card["verdict"] == "hold" for card in held.values()), held
        for message, verdict, does in (("m-3", "dismiss", "release"), ("m-5", "delete", "delete")):
            loop.queue("resolve", held[message]["id"], "--verdict", verdict,
                       "--as", held[message]["owner"])
            done = until(lambda: [said for said in loop.human() if said["message"] == message],
                         what=f"{message} is decided")
            assert [said["do"] for said in done] == [does], done
        before = len(loop.room.all("verdict"))
        loop.room.say(chat(3, "suspicious offer"))
        until(lambda: len(loop.room.all("verdict")) > before, what="what comes again is answered")
        assert loop.room.all("verdict")[-1]["verdict"] == "hold", loop.room.all("verdict")[-1]
        assert story.counters().get("late", 0) == 0, story.counters()
        assert loop.daemon.stop() == 0


def verdicts_that_miss_the_deadline_are_counted():
    with Story() as story:
        loop = Loop(story, {"mode": "gate", "deadline_ms": 1, "late": "pass"})
        loop.room.say_joined(*[chat(seq, "hello " * 10) for seq in range(1, 5001)])
        until(lambda: len(verdicts(loop)) == 5000, what="every message has its verdict")
        assert story.counters()["late"] > 0, story.counters()
        assert loop.daemon.stop() == 0


def play_as_a_gate_gets_one_verdict_for_each_message():
    with Story() as story:
        play = story.play(story.chat(sample_chat(2000)), "--rooms", "2", "--speed", "max", "--gate",
                          "--deadline-ms", "10000", "--once")
        story.config([{"url": play.url, "rooms": ["r1", "r2"]}])
        daemon = story.run()
        report = play.report()
        spam, _ = expected(2000)
        told = report["verdicts"]
        assert report["sent"] == told["pass"] + told["delete"] == 4000, report
        assert told["delete"] == 2 * spam and told["repeated"] == 0, report
        assert report["actions"].get("delete", 0) == 0, "what the gate stopped needs no deleting"
        assert daemon.stop() == 0


tell(a_question_is_answered_in_the_room_once,
     a_question_that_nobody_took_goes_to_others_and_is_answered_there,
     a_flag_is_resolved_and_its_timeout_taken_back,
     two_moderators_never_share_a_card_and_one_gives_back,
     an_answer_arrives_once_though_weir_is_killed_around_it,
     a_question_is_withdrawn_with_the_last_of_its_messages,
     the_questions_of_a_user_are_withdrawn_with_all_that_he_wrote,
     a_question_that_is_gone_before_redis_comes_never_stands_there,
     an_undone_decision_leaves_a_card_that_an_emptied_redis_gets_again,
     a_gate_is_told_every_verdict_and_a_human_lets_pass_what_was_held,
     verdicts_that_miss_the_deadline_are_counted,
     play_as_a_gate_gets_one_verdict_for_each_message)
