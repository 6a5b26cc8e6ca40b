#!/usr/bin/python3
"""Actions under a budget: what goes first, what one action does for many, what expires, and that nothing is
left undone in silence."""

import time

from daemon import Story, tell, until
from room import Room

PACK = """\
pack: story
about: Rules that a story can foresee
rules:
  - id: story.delete
    when: {word: [deleteme]}
    then: {do: [delete]}
    hit: [deleteme]
    miss: [hello]
  - id: story.mute
    when: {word: [muteme]}
    then: {do: [{timeout: 10m}]}
    hit: [muteme]
    miss: [hello]
  - id: story.reply
    when: {word: [hours]}
    then: {do: [{reply: {en: We close at nine, zh: 九点关门}}]}
    hit: [hours]
    miss: [hello]
  - id: story.warn
    when: {word: [rude, 粗鲁]}
    then: {do: [{warn: {en: Please be kind, zh: 请友善}}]}
    hit: [rude]
    miss: [hello]
"""


def chat(seq, text, user=None):
    return {"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}", "text": text,
            "user": {"id": user or f"u{seq}", "name": "x", "identity": "stable"}}


RAID = """\
pack: story
about: Many users, one text
rules:
  - id: story.raid
    when: {campaign: {accounts: 4, per: 1m, lasts: 5m}}
    then: {do: [delete]}
"""


def attach(story, pack=PACK, **connection):
    room = Room()
    story.write("pack.yaml", pack)
    story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["r1"], **connection}])
    return room, story.run()


def acked(room):
    return max((said["seq"] for said in room.all("ack")), default=0)


def done(room):
    return [action["do"] for action in room.all("action")]


def undone(story):
    return [(line["why"], line["do"], line["message"]) for line in story.lines("state/not-done")]


def one_a_second(*kinds):
    return [{"do": list(kinds) or "all", "max": 1, "per": "1s"}]


def what_protects_goes_before_talk_and_never_faster_than_the_budget():
    with Story() as story:
        room, daemon = attach(story, budget=[{"do": "all", "max": 2, "per": "1s", "each": "room"}])
        times = []
        room.answers = lambda action: times.append(time.monotonic()) or {"ok": True}
        room.say_joined(chat(1, "hours"), chat(2, "deleteme"), chat(3, "deleteme"), chat(4, "muteme"))
        until(lambda: acked(room) == 4, what="all is settled")
        assert done(room) == ["delete", "delete", "timeout", "reply"], done(room)
        for first, third in zip(times, times[2:]):
            assert third - first > 0.9, times
        assert story.counters()["actions_waited"] == 3, story.counters()
        assert daemon.stop() == 0


def one_timeout_does_for_the_deletes_of_a_user():
    with Story() as story:
        room, daemon = attach(story, clears=["timeout"], budget=one_a_second())
        room.say_joined(*[chat(seq, "deleteme", "troll") for seq in range(1, 31)])
        until(lambda: acked(room) == 30, what="all is settled")
        assert sorted(done(room)) == ["delete", "timeout"], done(room)
        assert story.counters()["actions_coalesced"] == 29, story.counters()
        assert undone(story) == []
        assert daemon.stop() == 0


def one_reply_does_for_many_askers():
    with Story() as story:
        room, daemon = attach(story)
        room.say_joined(*[chat(seq, "hours") for seq in range(1, 31)])
        until(lambda: acked(room) == 30, what="all is settled")
        assert done(room) == ["reply"], done(room)
        assert story.counters()["actions_coalesced"] == 29, story.counters()
        assert daemon.stop() == 0


def a_delete_expires_once_its_message_has_left_the_screen():
    with Story() as story:
        room, daemon = attach(story, delete_within="1s")
        room.say_joined(*[chat(seq, "hello") for seq in range(1, 61)])
        until(lambda: acked(room) == 60, what="the room scrolls fast")
        room.answers = lambda action: {"ok": False, "error": "rate_limited", "retry_ms": 4000}
        room.say_joined(chat(61, "deleteme"), chat(62, "muteme"))
        until(lambda: len(room.all("action")) == 2, what="both are tried")
        room.say_joined(*[chat(seq, "hello") for seq in range(63, 163)])
        room.answers = lambda action: {"ok": True}
        until(lambda: acked(room) == 162, what="all is settled")
        assert done(room) == ["delete", "timeout", "timeout"], done(room)
        counters = story.counters()
        assert counters["actions_expired"] == 1 and counters["rate_limited"] == 2, counters
        until(lambda: undone(story) == [("expired", "delete", "m-61")], what="it is listed")
        assert daemon.stop() == 0


def too_much_for_the_budget_is_said_and_answered_with_a_mode():
    for mode in (None, {"slow": "30s", "for": "2s"}):
        with Story() as story:
            more = {"on_short": mode} if mode else {}
            room, daemon = attach(story, budget=one_a_second("delete"), **more)
            room.say_joined(*[chat(seq, "deleteme") for seq in range(1, 100)])
            until(lambda: "budget.short" in daemon.log(), what="it is said")
            until(lambda: story.counters().get("cards") == 1, what="a card tells")
            if mode:
                until(lambda: "room_mode" in done(room), what="it is entered")
                modes = [a for a in room.all("action") if a["do"] == "room_mode"]
                assert modes[0]["mode"] == "slow" and modes[0]["seconds"] == 30, modes
                until(lambda: done(room).count("room_mode") == 2, what="it is left")
                modes = [a["mode"] for a in room.all("action") if a["do"] == "room_mode"]
                assert modes == ["slow", "-slow"], modes
            else:
                assert set(done(room)) == {"delete"}, done(room)
            assert story.counters()["budget_short"] == 1, story.counters()
            assert story.status()["connections"][0]["not_sent"]["delete"] > 80, story.status()
            daemon.kill()


def one_decision_takes_the_earlier_messages_of_a_campaign_along():
    with Story() as story:
        room, daemon = attach(story, RAID)
        text = "come all to the other channel, it gives away free skins tonight"
        room.say_joined(*[chat(seq, text) for seq in range(1, 4)], chat(4, "what a lovely evening it is"),
                        *[chat(seq, text + "!") for seq in range(5, 7)])
        until(lambda: acked(room) == 6, what="all is settled")
        until(lambda: len(room.all("action")) == 5, what="all five are deleted")
        assert sorted(action["message"] for action in room.all("action")) == [
            "m-1", "m-2", "m-3", "m-5", "m-6"], room.all("action")
        assert daemon.stop() == 0


def a_notice_comes_in_ones_language_and_once_a_minute():
    with Story() as story:
        room, daemon = attach(story)
        room.say_joined(chat(1, "that is rude", "ann"), chat(2, "真 粗鲁", "bo"), chat(3, "rude!", "ann"),
                        chat(4, "粗鲁", "cy"))
        until(lambda: acked(room) == 4, what="all is settled")
        said = [(action["user"], action["text"]) for action in room.all("action")]
        assert sorted(said) == [("ann", "Please be kind"), ("bo", "请友善"), ("cy", "请友善")], said
        assert story.counters()["notices_spared"] == 1, story.counters()
        assert daemon.stop() == 0


def a_platform_that_refuses_everything_makes_few_cards_and_a_long_list():
    with Story() as story:
        room, daemon = attach(story)
        room.answers = lambda action: {"ok": False, "error": "forbidden"}
        room.say_joined(*[chat(seq, "deleteme") for seq in range(1, 501)],
                        *[chat(seq, "muteme") for seq in range(501, 1001)])
        until(lambda: acked(room) == 1000, what="all is settled")
        counters = story.counters()
        assert counters["actions_refused"] == 1000 and counters["cards"] == 2, counters
        until(lambda: len(undone(story)) == 1000, what="each is listed")
        assert set(why for why, _, _ in undone(story)) == {"refused"}
        assert daemon.stop() == 0


tell(a_platform_that_refuses_everything_makes_few_cards_and_a_long_list,
     what_protects_goes_before_talk_and_never_faster_than_the_budget,
     one_timeout_does_for_the_deletes_of_a_user,
     one_reply_does_for_many_askers,
     a_delete_expires_once_its_message_has_left_the_screen,
     too_much_for_the_budget_is_said_and_answered_with_a_mode,
     one_decision_takes_the_earlier_messages_of_a_campaign_along,
     a_notice_comes_in_ones_language_and_once_a_minute)
