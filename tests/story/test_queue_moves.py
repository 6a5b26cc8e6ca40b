#!/usr/bin/python3
"""Cards go to other queues, by hand and when nobody took them in time, and are never lost or doubled on the way."""

import json
import sys

from queue_redis import ids, must, run


def move(redis, card, source, to, token=""):
    """All three calls."""
    moving = redis.call("move", source, card, token, to, "kim")
    must(moving[0] == "moving", moving)
    must(redis.call("arrive", to, card, source, moving[2])[0] == "arrived", "it arrives")
    must(redis.call("moved", source, card, moving[1]) == "OK", "and is gone here")


def states(redis, card, *queues):
    found = []
    for queue in queues:
        shown = redis.call("show", queue, card)
        found.append("" if isinstance(shown, str) else dict(zip(shown[0::2], shown[1::2]))["state"])
    return found


def a_card_arrives_as_it_was(redis):
    redis.ask("c1", "needs", "zh", "escalate", "99000 leads", fp="ship", target=60000)
    redis.ask("c2", fp="ship", user="u2")
    redis.call("note", "sales", "c1", "kim", "he asked twice: 为什么 \"x\"\n")
    before = redis.fields("show", "sales", "c1")
    token = redis.claim("kim")[0]["token"]
    must(redis.call("move", "sales", "c1", "", "service", "bob").startswith("STALE"), "it is kim's")
    move(redis, "c1", "sales", "service", token)
    after = redis.fields("show", "service", "c1")
    for field in ("due", "created", "count", "askers", "asks", "text", "notes", "needs", "fp", "escalate"):
        must(before[field] == after[field], f"{field}: {before[field]} {after.get(field)}")
    must(redis.call("show", "sales", "c1").startswith("GONE card c1 is in queue service"), "and says so")
    must(redis.fields("stats", "sales")["waiting"] == 0 and redis.fields("stats", "service")["waiting"] == 1, "counts")
    late = redis.call("answer", "sales", "c1", token, "yes")
    must(late.startswith("STALE"), late)
    again = redis.claim("bob", queue="service")[0]
    must(int(again["token"]) > int(token), "tokens go on rising")
    must(redis.call("answer", "service", "c1", again["token"], "yes").startswith("d-c1-"), "answered there")


def each_step_may_be_repeated(redis):
    redis.ask("c1")
    first = redis.call("move", "sales", "c1", "", "service", "kim")
    must(redis.call("move", "sales", "c1", "", "service", "kim") == first, "asked again, the same answer")
    must(redis.call("move", "sales", "c1", "", "review", "bob").startswith("GONE"), "it goes to one place")
    must(redis.claim("bob") == [] and states(redis, "c1", "sales") == ["moving"], "nobody's on the way")
    must(redis.call("moving", "sales", 10) == [["c1", "service", *first[1:]]], "whoever looks finds it")
    for answer in ("arrived", "repeated", "repeated"):
        must(redis.call("arrive", "service", "c1", "sales", first[2])[0] == answer, answer)
    for _ in range(2):
        must(redis.call("moved", "sales", "c1", first[1]) == "OK", "told twice")
    token = redis.claim("kim", queue="service")[0]["token"]
    redis.call("answer", "service", "c1", token, "yes")
    must(redis.call("arrive", "service", "c1", "sales", first[2]) == ["repeated", "c1", "done"], "late repetition")
    must(redis.call("move", "sales", "c1", "", "service", "kim")[0] == "moved", "it is there already")


def a_card_may_come_back(redis):
    redis.ask("c1")
    stale = redis.call("move", "sales", "c1", "", "service", "kim")
    redis.call("arrive", "service", "c1", "sales", stale[2])
    redis.call("moved", "sales", "c1", stale[1])
    move(redis, "c1", "service", "sales")
    must(states(redis, "c1", "sales", "service") == ["ready", ""], "back")
    must(redis.call("arrive", "service", "c1", "sales", stale[2])[0] == "repeated", "an old arrival changes nothing")
    redis.call("moved", "sales", "c1", stale[1])
    must(states(redis, "c1", "sales", "service") == ["ready", ""], "nor an old departure")


def what_is_asked_and_withdrawn_finds_the_card(redis):
    redis.ask("c1", fp="ship")
    redis.ask("c2", fp="ship", user="u2")
    moving = redis.call("move", "sales", "c1", "", "service", "kim")
    must(redis.call("withdraw", "sales", "c2", "m-c2", "u2").startswith("BUSY"), "told again later")
    redis.call("arrive", "service", "c1", "sales", moving[2])
    redis.call("moved", "sales", "c1", moving[1])
    must(redis.ask("c2", fp="ship", user="u2") == ["repeated", "c1", "moved", "service"], "a repeated add is told")
    must(redis.ask("c3", fp="ship", user="u3")[0] == "added", "who asks now waits here")
    for answer in (["left", "c1", 1], ["over"]):
        must(redis.call("withdraw", "sales", "c2", "m-c2", "u2") == ["moved", "c1", "service"], "where it is")
        must(redis.call("withdraw", "service", "c1", "m-c2", "u2") == answer, answer)
    must(redis.call("withdraw", "service", "c1", "m-c1", "u1") == ["withdrawn", "c1"], "the last one")


def what_must_not_move_stays(redis):
    redis.ask("c1", fp="f")
    redis.ask("c2", fp="f", user="u2")
    for args, word in ((("c1", "", "sales", "kim"), "INVALID"), (("c1", "", "a b", "kim"), "INVALID"),
                       (("c1", "", "a}", "kim"), "INVALID"), (("c1", "", "", "kim"), "INVALID"),
                       (("c1", "", "service", ""), "INVALID"), (("c2", "", "service", "kim"), "GONE"),
                       (("c9", "", "service", "kim"), "GONE"), (("c1", "77", "service", "kim"), "STALE")):
        answer = redis.call("move", "sales", *args)
        must(isinstance(answer, str) and answer.startswith(word), f"{args}: {answer}")
    for card in ("", "{", "[]", '{"card":{}}', '{"card":{"due":"x"}}',
                 json.dumps({"card": {"due": "1", "hops": "1", "created": "1", "target": "1", "text": [1]},
                             "asks": [], "users": [], "names": [], "notes": [], "gone": [], "said": []})):
        answer = redis.call("arrive", "service", "c9", "sales", card)
        must(isinstance(answer, str) and answer.startswith("INVALID"), f"{card}: {answer}")
    token = redis.claim("kim")[0]["token"]
    redis.call("answer", "sales", "c1", token, "yes")
    must(redis.call("move", "sales", "c1", token, "service", "kim").startswith("STALE"), "decided")


def overdue_cards_are_passed_on_step_by_step(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1", "escalate", "0, 60000 leads", target=90000)
    redis.later(89999)
    must(redis.call("escalate", "sales", 10) == 0, "not overdue yet")
    redis.later(1)
    must(redis.call("escalate", "sales", 10) == 1, "first a level higher, where it is")
    card = redis.fields("show", "sales", "c1")
    must((card["level"], card["state"]) == ("1", "ready"), card)
    redis.later(59999)
    must(redis.call("escalate", "sales", 10) == 0, "the next step is later")
    redis.later(1)
    must(redis.call("escalate", "sales", 10) == 1, "then to another queue")
    on_its_way = redis.call("moving", "sales", 10)
    must([on_its_way[0][0], on_its_way[0][1]] == ["c1", "leads"], on_its_way)
    redis.call("arrive", "leads", "c1", "sales", on_its_way[0][3])
    redis.call("moved", "sales", "c1", on_its_way[0][2])
    must(redis.fields("show", "leads", "c1")["level"] == "2", "and it says how far it rose")
    redis.later(3600000)
    must(redis.call("escalate", "leads", 10) == 0, "it has no more steps")
    must(dict(zip(*[iter(redis.call("metrics", "sales")[0])] * 2))["escalated"] == "2", "counted where it was")


def a_queue_passes_on_what_brings_no_steps(redis):
    redis.stop_clock(1800000000000)
    redis.ask("before", target=10000)
    must(redis.call("settings", "sales", "escalate", "5000 leads") == ["escalate", "5000 leads"], "set")
    must(redis.call("settings", "leads", "escalate", "5000 sales") == ["escalate", "5000 sales"], "and back")
    redis.ask("held", target=10000)
    redis.ask("c1", target=11000)
    redis.claim("kim", 1, lease=600000)
    redis.claim("kim", 1, lease=600000)
    redis.later(16000)
    must(redis.call("escalate", "sales", 10) == 1, "what waits; what somebody works on stays with him")
    moving = redis.call("moving", "sales", 10)[0]
    must(moving[0] == "c1", moving)
    redis.call("arrive", "leads", "c1", "sales", moving[3])
    redis.call("moved", "sales", "c1", moving[2])
    must(redis.call("escalate", "leads", 10) == 1, "on to the next, once")
    moving = redis.call("moving", "leads", 10)[0]
    redis.call("arrive", "sales", "c1", "leads", moving[3])
    redis.call("moved", "leads", "c1", moving[2])
    redis.later(100000)
    must(redis.call("escalate", "sales", 10) == 0, "but not round and round")
    must(redis.call("settings", "sales", "escalate", "soon").startswith("INVALID"), "no such step")
    must(redis.call("settings", "sales", "colour", "red").startswith("INVALID"), "no such setting")


def what_is_brought_forward_is_passed_on_sooner(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1", "escalate", "0 leads", fp="f", target=90000)
    redis.ask("c2", fp="f", target=30000, user="u2")
    redis.later(30000)
    must(redis.call("escalate", "sales", 10) == 1, "due after 30 s now")


def notes_are_kept_once_each(redis):
    redis.ask("c1")
    must(redis.call("note", "sales", "c1", "kim", "first", "n1") == 1, "one")
    must(redis.call("note", "sales", "c1", "kim", "first", "n1") == 1, "the same again")
    must(redis.call("note", "sales", "c1", "bob", "第二") == 2, "two")
    notes = json.loads(redis.fields("show", "sales", "c1")["notes"])
    must([(note["by"], note["text"]) for note in notes] == [("kim", "first"), ("bob", "第二")], notes)
    must(redis.call("note", "sales", "c9", "kim", "x").startswith("GONE"), "no such card")
    must(redis.call("note", "sales", "c1", "kim", "").startswith("INVALID"), "nothing to note")
    must(redis.call("note", "sales", "c1", "kim", "x" * 4001).startswith("INVALID"), "a novel")


def an_answer_that_did_not_help_opens_the_card_again(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1", fp="f", target=60000)
    must(redis.call("reopen", "sales", "c1", "m9").startswith("STALE"), "it is open")
    token = redis.claim("kim")[0]["token"]
    must(redis.call("satisfied", "sales", "c1", "m9").startswith("STALE"), "nothing was said yet")
    redis.call("answer", "sales", "c1", token, "yes")
    redis.later(10000)
    must(redis.call("reopen", "sales", "c1", "m9", 30000, "还是不行") == ["reopened", "1800000040000"], "due anew")
    must(redis.call("reopen", "sales", "c1", "m9", 30000, "还是不行") == ["repeated", "1800000040000"], "once")
    card = redis.fields("show", "sales", "c1")
    must(card["reopened"] == "1" and "还是不行" in card["notes"] and "answer" not in card, card)
    must(redis.ask("c2", fp="f", user="u2")[0] == "merged", "who asks the same joins it again")
    must(redis.call("answer", "sales", "c1", token, "yes").startswith("STALE"), "the old claim is over")
    token = redis.claim("kim")[0]["token"]
    redis.call("answer", "sales", "c1", token, "really")
    must([redis.call("satisfied", "sales", "c1", "m10") for _ in range(2)] == [1, 0], "content, once")


def all_of_a_finished_card_goes_after_its_retention(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1", "needs", "zh", "escalate", "0 leads", fp="f")
    redis.call("note", "sales", "c1", "kim", "x")
    redis.ask("c2", fp="f", user="u2")
    redis.call("present", "sales", "kim", 1000000000)
    redis.call("answer", "sales", "c1", redis.claim("kim")[0]["token"], "yes")
    redis.call("outgoing", "sales", "p1", 10, -1)
    redis.call("leave", "sales", "kim")
    redis.later(9 * 24 * 3600000)
    must(redis.call("sweep", "sales", 7 * 24 * 3600000) == 1, "one card")
    must(redis.ask("c1", fp="f")[0] == "repeated", "who asks the same again is still known")
    redis.later(49 * 3600000)
    must(redis.call("sweep", "sales", 7 * 24 * 3600000) == 0, "no more cards")
    left = sorted(key for key in redis.cli("KEYS", "*").split() if key.startswith("{q:sales}"))
    must(left == ["{q:sales}:c:c2", "{q:sales}:hist", "{q:sales}:metrics", "{q:sales}:out", "{q:sales}:workers"], left)
    must(int(redis.cli("PTTL", "{q:sales}:c:c2")) > 0, "what joined it goes by itself")


STORIES = [
    a_card_arrives_as_it_was, each_step_may_be_repeated, a_card_may_come_back,
    what_is_asked_and_withdrawn_finds_the_card, what_must_not_move_stays,
    overdue_cards_are_passed_on_step_by_step, a_queue_passes_on_what_brings_no_steps,
    what_is_brought_forward_is_passed_on_sooner, notes_are_kept_once_each,
    an_answer_that_did_not_help_opens_the_card_again, all_of_a_finished_card_goes_after_its_retention,
]

if __name__ == "__main__":
    sys.exit(run(STORIES))
