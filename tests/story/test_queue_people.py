#!/usr/bin/python3
"""Who gets which card: several queues, skills, capacity, and moderators who leave or are not heard of."""

import sys

from queue_redis import as_fields, ids, must, run


def the_earliest_of_several_queues_comes_first(redis):
    redis.ask("late", queue="sales", target=90000)
    redis.ask("early", queue="review", target=30000)
    redis.ask("middle", queue="service", target=60000)
    three = ["sales", "review", "service"]
    cards = redis.claim("kim", 2, queue=three)
    must(ids(cards) == ["early", "middle"], ids(cards))
    must([card["queue"] for card in cards] == ["review", "service"], "each says where it is")
    heads = [redis.fields("head", queue, "kim") for queue in three]
    must([head.get("id") for head in heads] == ["late", None, None], heads)
    too_early = redis.claim("kim", 1, "until", int(heads[0]["due"]) - 1, queue="sales")
    must(too_early == [], "somebody was quicker, and what is left is due later than what was seen")
    must(ids(redis.claim("kim", 1, "until", heads[0]["due"], queue="sales")) == ["late"], "as seen")


def a_card_waits_for_who_can_do_it(redis):
    redis.ask("refund", "needs", '["Refunds", "zh"]', target=10000)
    redis.ask("chinese", "needs", "zh", target=20000)
    redis.ask("plain", target=30000)
    stats = redis.fields("stats", "sales")
    must(stats["waiting"] == 3, f"all of them wait: {stats}")
    must([as_fields(c)["id"] for c in redis.call("list", "sales")[1:]] == ["refund", "chinese", "plain"], "by due")
    must(redis.fields("head", "sales", "bob", "skill", "zh")["id"] == "chinese", "what bob would get")
    must(ids(redis.claim("bob", 5, "skill", "zh")) == ["chinese", "plain"], "nothing that he can't do")
    must(redis.claim("bob", 5, "skill", "zh") == [], "and no more")
    card = redis.claim("kim", 5, "skill", "ZH", "skill", "refunds")[0]
    must(card["id"] == "refund" and card["needs"] == "refunds zh", card)
    redis.call("release", "sales", "refund", card["token"])
    must(ids(redis.claim("eve")) == ["refund"], "who names no skill may take everything")
    for needs in redis.cli("SMEMBERS", "{q:sales}:needs").split("\n"):
        must(needs in ("zh", "refunds zh", ""), needs)
    redis.call("sweep", "sales", 1000)
    must(redis.cli("SCARD", "{q:sales}:needs").strip() == "0", "lines where nobody waits are forgotten")


def what_joins_a_card_that_needs_skills_brings_it_forward(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1", "needs", "zh", fp="f", target=60000)
    redis.ask("c2", fp="f", target=20000, user="u2")
    head = redis.fields("head", "sales", "kim")
    must((head["id"], head["due"]) == ("c1", "1800000020000"), head)


def skills_may_be_told_once(redis):
    redis.ask("chinese", "needs", "zh", target=10000)
    redis.ask("english", "needs", "en", target=20000)
    redis.call("present", "sales", "bob", 60000, "skill", "en")
    must(ids(redis.claim("bob", 5)) == ["english"], "those that he was present with")
    redis.call("present", "sales", "bob", 60000)
    must(ids(redis.claim("bob", 5)) == ["chinese"], "each presence says all")


def nobody_holds_more_than_he_can(redis):
    for number in range(5):
        redis.ask(f"c{number}", target=10000 * (number + 1))
    redis.ask("other", queue="review", target=1000)
    said = redis.fields("present", "sales", "kim", 60000, "capacity", 3)
    must((said["held"], said["capacity"]) == (0, 3), said)
    first = redis.claim("kim", "fill")
    must(ids(first) == ["c0", "c1", "c2"], ids(first))
    must(redis.claim("kim").startswith("FULL kim holds 3 of 3"), "one more is refused")
    must(redis.claim("kim", "fill") == [], "nothing to fill")
    must(redis.claim("kim", "fill", queue=["review", "sales"]) == [], "nor from another queue in the same call")
    redis.call("answer", "sales", "c1", first[1]["token"], "yes")
    must(ids(redis.claim("kim", "fill")) == ["c3"], "an answer makes room for what is due first")
    must("wants a capacity" in redis.claim("bob", "fill"), "filled up to what?")
    must(ids(redis.claim("bob")) == ["c4"], "who is not present is not limited")


def who_leaves_gives_back_at_once(redis):
    redis.ask("c1")
    redis.ask("c2")
    redis.call("present", "sales", "kim", 60000)
    held = redis.claim("kim", 2)
    must(redis.call("leave", "sales", "kim") == 2, "both")
    must(redis.fields("stats", "sales")["waiting"] == 2, "they wait again")
    late = redis.call("answer", "sales", "c1", held[0]["token"], "yes")
    must(late.startswith("STALE"), late)
    must(redis.call("people", "sales") == [], "he is gone")
    must(redis.call("leave", "sales", "kim") == 0, "leaving twice is harmless")
    redis.claim("eve", 1)
    must(redis.call("leave", "sales", "eve") == 1, "even who was never present may leave")


def who_is_not_heard_of_gives_back_at_once(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1")
    redis.call("present", "sales", "kim", 30000, "capacity", 2)
    held = redis.claim("kim", lease=600000)
    redis.later(20000)
    redis.call("present", "sales", "kim", 30000, "capacity", 2)
    redis.later(29999)
    must(redis.claim("bob") == [], "heard of in time")
    redis.later(1)
    must(ids(redis.claim("bob")) == ["c1"], "the next claim gets it, long before the lease is over")
    late = redis.call("answer", "sales", "c1", held[0]["token"], "yes")
    must(late.startswith("STALE"), late)
    what = [line for line in redis.cli("XRANGE", "{q:sales}:hist", "-", "+").split("\n")
            if line in ("present", "absent", "returned", "claimed")]
    must(what == ["present", "claimed", "returned", "absent", "returned", "claimed"], what)


def an_answer_of_the_absent_is_late_even_before_another_claims(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1")
    redis.call("present", "sales", "kim", 30000)
    held = redis.claim("kim", lease=600000)
    redis.later(30000)
    must(redis.call("extend", "sales", "c1", held[0]["token"], 1000).startswith("STALE"), "given back")
    must(redis.fields("show", "sales", "c1")["state"] == "ready", "and waiting")


def leases_end_without_a_claim(redis):
    redis.stop_clock(1800000000000)
    redis.ask("c1")
    redis.claim("kim", lease=1000)
    must(redis.call("expire", "sales") == 0, "not yet")
    redis.later(1000)
    must(redis.call("expire", "sales") == 1, "now")
    must(redis.fields("stats", "sales")["waiting"] == 1, "it waits")


def wishes_that_make_no_sense_are_refused(redis):
    for name, *args in (("claim", "kim", 1000, "all"), ("claim", "kim", 1000, 1, "skill"), ("claim", "kim", 1000, 0),
                        ("claim", "kim", 1000, 1, "until", "soon"), ("claim", "kim", 1000, 1, "wish", "x"),
                        ("present", "kim"), ("present", "kim", 0), ("present", "", 1000),
                        ("present", "kim", 1000, "capacity", -1), ("present", "kim", 1000, "mood", "good"),
                        ("leave",), ("head", "kim", "all", "x")):
        answer = redis.call(name, "sales", *args)
        must(isinstance(answer, str) and answer.startswith("INVALID"), f"{name} {args}: {answer}")


STORIES = [
    the_earliest_of_several_queues_comes_first, a_card_waits_for_who_can_do_it,
    what_joins_a_card_that_needs_skills_brings_it_forward, skills_may_be_told_once,
    nobody_holds_more_than_he_can, who_leaves_gives_back_at_once, who_is_not_heard_of_gives_back_at_once,
    an_answer_of_the_absent_is_late_even_before_another_claims, leases_end_without_a_claim,
    wishes_that_make_no_sense_are_refused,
]

if __name__ == "__main__":
    sys.exit(run(STORIES))
