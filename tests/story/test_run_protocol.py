#!/usr/bin/python3
"""weir run against a server whose every word is scripted: what comes again, what is refused for now, what
is gone, a platform that lost its count."""

from daemon import Story, tell, until
from room import Room


def chat(seq, text, **more):
    return {"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}", "text": text,
            "user": {"id": f"u{seq}", "name": "x", "identity": "stable"}, **more}


def attach(story):
    room = Room()
    story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["r1"]}])
    return room, story.run()


def acked(room):
    return max((said["seq"] for said in room.all("ack")), default=0)


def what_comes_again_is_answered_again_and_not_judged_again():
    with Story() as story:
        room, daemon = attach(story)
        room.say(chat(1, "hello"), chat(2, "buyspam"), chat(3, "hello"))
        until(lambda: acked(room) == 3, what="all is settled")
        before = len(room.all("ack"))
        room.say(chat(2, "buyspam"))
        until(lambda: len(room.all("ack")) > before, what="it is acked again")
        room.say({**chat(4, "buyspam"), "id": "m-2"})
        until(lambda: acked(room) == 4, what="a repeated id settles")
        assert len(room.all("action")) == 2, room.all("action")
        counters = story.counters()
        assert counters["messages"] == 3 and counters["repeated"] == 2, counters
        assert daemon.stop() == 0


def resume_is_what_was_settled_also_after_a_restart():
    with Story() as story:
        room, daemon = attach(story)
        room.say(*[chat(seq, "hello") for seq in range(1, 50)])
        until(lambda: acked(room) == 49, what="all is settled")
        room.hang_up()
        until(lambda: len(room.all("join")) == 2, what="it comes back")
        assert room.all("join")[1]["resume"] == {"r1": 49}, room.all("join")
        assert daemon.stop() == 0
        daemon = story.run()
        until(lambda: len(room.all("join")) == 3, what="the next one comes")
        assert room.all("join")[2]["resume"] == {"r1": 49}, room.all("join")
        assert daemon.stop() == 0


def an_unanswered_action_holds_its_ack_and_is_repeated_with_its_id():
    with Story() as story:
        room, daemon = attach(story)
        room.answers = lambda action: None
        room.say(chat(1, "hello"), chat(2, "buyspam"), chat(3, "hello"))
        until(lambda: len(room.all("action")) == 2, what="it acts")
        assert acked(room) <= 1, room.all("ack")
        room.answers = lambda action: {"ok": True}
        room.hang_up()
        until(lambda: len(room.all("action")) == 4, what="it acts again")
        until(lambda: acked(room) == 3, what="all is settled")
        ids = [action["id"] for action in room.all("action")]
        assert sorted(ids[:2]) == sorted(ids[2:]), ids
        assert daemon.stop() == 0


def a_refusal_for_now_is_tried_again_when_the_platform_says():
    with Story() as story:
        room, daemon = attach(story)
        answers = [{"ok": False, "error": "rate_limited", "retry_ms": 300}] * 2
        room.answers = lambda action: answers.pop() if answers else {"ok": True}
        room.say(chat(1, "buyspam"))
        until(lambda: acked(room) == 1, what="it is done at last")
        assert len(room.all("action")) == 4, room.all("action")
        assert daemon.stop() == 0


def what_is_refused_for_good_becomes_a_card():
    with Story() as story:
        room, daemon = attach(story)
        room.answers = lambda action: {"ok": False, "error": "forbidden"}
        room.say(chat(1, "buyspam"))
        until(lambda: acked(room) == 1, what="it is settled")
        counters = story.counters()
        assert counters["actions_refused"] == 2 and counters["cards"] == 2, counters
        assert "action.refused" in daemon.log()
        assert daemon.stop() == 0


def a_platform_that_lost_its_count_is_still_judged():
    with Story() as story:
        room, daemon = attach(story)
        room.say(chat(1000, "hello"), {**chat(1, "buyspam"), "id": "new-1"})
        until(lambda: len(room.all("action")) == 2, what="it acts")
        assert acked(room) == 1000 and story.counters()["seq_back"] == 1, room.all("ack")
        assert daemon.stop() == 0


def an_edit_is_judged_and_gone_and_gaps_settle():
    with Story() as story:
        room, daemon = attach(story)
        room.say(chat(1, "hello"), {**chat(2, "buyspam"), "type": "edit", "id": "m-1"},
                 {"type": "gone", "room": "r1", "seq": 3, "id": "m-1"},
                 {"type": "gap", "room": "r1", "from": 4, "to": 9}, chat(10, "hello"))
        until(lambda: acked(room) == 10, what="all is settled")
        counters = story.counters()
        assert counters["edits"] == 1 and counters["gone"] == 1 and counters["gaps"] == 6, counters
        assert {a["message"] for a in room.all("action")} == {"m-1"}, room.all("action")
        assert daemon.stop() == 0


tell(what_comes_again_is_answered_again_and_not_judged_again,
     resume_is_what_was_settled_also_after_a_restart,
     an_unanswered_action_holds_its_ack_and_is_repeated_with_its_id,
     a_refusal_for_now_is_tried_again_when_the_platform_says,
     what_is_refused_for_good_becomes_a_card,
     a_platform_that_lost_its_count_is_still_judged,
     an_edit_is_judged_and_gone_and_gaps_settle)
