#!/usr/bin/python3
"""The metrics of a queue, against a clock that is moved by hand: each number as its definition says."""

import sys

from queue_redis import as_fields, must, run

START = 1800000000000


def metrics(redis, queue="sales"):
    counters, histograms, workers, since = redis.call("metrics", queue)
    shapes = {name: as_fields(flat) for name, flat in as_fields(histograms).items()}
    return as_fields(counters), shapes, {who["name"]: who for who in map(as_fields, workers)}, since


def counts(histogram):
    """The bounds with something in them, and the sum."""
    return {bound: int(count) for bound, count in histogram.items() if count != "0"}


def times_are_those_of_the_clock(redis):
    redis.stop_clock(START)
    redis.ask("c1", age=3000, target=60000)
    redis.later(4000)
    token = redis.claim("kim")[0]["token"]
    redis.later(20000)
    redis.call("answer", "sales", "c1", token, "yes")
    counters, shapes, workers, since = metrics(redis)
    must(since == str(START), since)
    must((counters["added"], counters["answered"], counters["late"]) == ("1", "1", "0"), counters)
    must(counts(shapes["arrival_to_claim"]) == {"10000": 1, "sum": 7000}, "asked 3 s before it came here")
    must(counts(shapes["claim_to_answer"]) == {"30000": 1, "sum": 20000}, shapes)
    must(counts(shapes["arrival_to_answer"]) == {"30000": 1, "sum": 27000}, shapes)
    must((workers["kim"]["handled"], workers["kim"]["time"]) == ("1", "20000"), workers)


def a_bound_belongs_to_what_does_not_exceed_it(redis):
    redis.stop_clock(START)
    for number, (age, bound) in enumerate(((0, "1000"), (1000, "1000"), (1001, "2000"), (86400000, "86400000"),
                                           (86400001, "more"))):
        redis.ask("c%d" % number, age=age)
        before = counts(metrics(redis)[1]["arrival_to_claim"]).get(bound, 0)
        redis.claim("kim")
        must(counts(metrics(redis)[1]["arrival_to_claim"])[bound] == before + 1, f"{age} in {bound}")


def only_the_first_claim_counts_from_the_arrival(redis):
    redis.stop_clock(START)
    redis.ask("c1")
    redis.claim("kim", lease=5000)
    redis.later(5000)
    token = redis.claim("bob")[0]["token"]
    redis.call("release", "sales", "c1", token)
    redis.call("present", "sales", "eve", 1000)
    redis.claim("eve")
    redis.later(1000)
    token = redis.claim("bob")[0]["token"]
    redis.later(3000)
    redis.call("answer", "sales", "c1", token, "yes")
    _, shapes, workers, _ = metrics(redis)
    must(counts(shapes["arrival_to_claim"]) == {"1000": 1}, "at once, and never again")
    must(counts(shapes["claim_to_answer"]) == {"5000": 1, "sum": 3000}, "from the claim that led to it")
    must(counts(shapes["arrival_to_answer"]) == {"10000": 1, "sum": 9000}, "all of the waiting")
    must(workers["kim"] == {"name": "kim", "returned_by_lease": "1"}, workers)
    must(workers["eve"] == {"name": "eve", "returned_by_absence": "1"}, workers)
    must(workers["bob"]["released"] == "1" and workers["bob"]["time"] == "3000", workers)


def undone_and_reopened_cards(redis):
    redis.stop_clock(START)
    redis.ask("c1")
    redis.later(1000)
    decision = redis.call("answer", "sales", "c1", redis.claim("kim")[0]["token"], "yes")
    redis.call("undo", "sales", decision, "kim")
    redis.later(60000)
    redis.call("answer", "sales", "c1", redis.claim("kim")[0]["token"], "no")
    counters, shapes, _, _ = metrics(redis)
    must((counters["undone"], counters["answered"]) == ("1", "2"), counters)
    must(counts(shapes["arrival_to_answer"]) == {"1000": 1, "sum": 1000}, "the first decision only")
    must(counts(shapes["arrival_to_claim"]) == {"1000": 1, "sum": 1000}, "and the first claim")
    redis.later(60000)
    redis.call("reopen", "sales", "c1", "m2")
    redis.later(2000)
    redis.call("answer", "sales", "c1", redis.claim("kim")[0]["token"], "really")
    redis.call("satisfied", "sales", "c1", "m3")
    counters, shapes, _, _ = metrics(redis)
    must((counters["reopened"], counters["satisfied"]) == ("1", "1"), counters)
    must(counts(shapes["arrival_to_claim"]) == {"1000": 1, "2000": 1, "sum": 3000}, "anew from the reopening")
    must(counts(shapes["arrival_to_answer"]) == {"1000": 1, "2000": 1, "sum": 3000}, shapes)


def the_oldest_is_the_one_asked_first(redis):
    redis.stop_clock(START)
    must(redis.fields("stats", "sales")["oldest"] == "", "nothing is not 0")
    redis.ask("old", age=50000, target=600000)
    redis.ask("urgent", age=1000, target=2000)
    redis.ask("held", age=90000, target=1000)
    must(redis.claim("kim")[0]["id"] == "held", "due first, asked first")
    stats = redis.fields("stats", "sales")
    must(stats["oldest"] == str(START - 50000), "of those that wait, not of those in hand")
    must((stats["waiting"], stats["claimed"], stats["overdue"]) == (2, 1, 0), stats)
    redis.later(1000)
    must(redis.fields("stats", "sales")["overdue"] == 0, "due now is not overdue")
    redis.later(1)
    stats = redis.fields("stats", "sales")
    must((stats["overdue"], stats["next_due"]) == (1, str(START + 1000)), stats)
    redis.call("leave", "sales", "kim")
    must(redis.fields("stats", "sales")["oldest"] == str(START - 90000), "given back, it is the oldest")


def what_is_counted_once_is_counted_once(redis):
    redis.stop_clock(START)
    must(metrics(redis)[0]["merged_ratio"] == "", "of nothing there is no ratio")
    for _ in range(2):
        redis.ask("c1", fp="f")
        redis.ask("c2", fp="f", user="u2")
        redis.ask("c3", fp="f", user="u3")
        redis.ask("c4")
        redis.call("automatic", "sales", "m-7")
    redis.call("withdraw", "sales", "c4", "m-c4", "u1")
    redis.later(61000)
    token = redis.claim("kim")[0]["token"]
    for _ in range(2):
        redis.call("answer", "sales", "c1", token, "yes")
    counters = metrics(redis)[0]
    must(counters["added"] == "2" and counters["merged"] == "2" and counters["merged_ratio"] == "0.500", counters)
    must((counters["automatic"], counters["withdrawn"], counters["answered"]) == ("1", "1", "1"), counters)
    must(counters["late"] == "1", "it was due a second before")


def a_moved_card_counts_from_its_asking_where_it_is_worked(redis):
    redis.stop_clock(START)
    redis.ask("c1")
    redis.later(3000)
    moving = redis.call("move", "sales", "c1", "", "service", "kim")
    redis.later(4000)
    redis.call("arrive", "service", "c1", "sales", moving[2])
    redis.call("moved", "sales", "c1", moving[1])
    redis.claim("bob", queue="service")
    must(counts(metrics(redis, "service")[1]["arrival_to_claim"]) == {"10000": 1, "sum": 7000}, "7 s since it was asked")
    must(metrics(redis)[0]["moved_out"] == "1" and metrics(redis, "service")[0]["moved_in"] == "1", "in and out")


def every_change_stands_in_the_history(redis):
    redis.stop_clock(START)
    redis.ask("c1", "escalate", "0", fp="f", target=10000)
    redis.ask("c2", fp="f", user="u2")
    redis.call("hasten", "sales", "c1", 5000)
    redis.later(5000)
    redis.call("escalate", "sales", 1)
    redis.call("present", "sales", "kim", 100000)
    token = redis.claim("kim")[0]["token"]
    redis.call("extend", "sales", "c1", token, 1000)
    redis.call("note", "sales", "c1", "kim", "x")
    redis.call("release", "sales", "c1", token)
    redis.claim("kim", lease=1000)
    redis.later(1000)
    token = redis.claim("kim")[0]["token"]
    redis.call("leave", "sales", "kim")
    token = redis.claim("kim")[0]["token"]
    decision = redis.call("answer", "sales", "c1", token, "yes")
    redis.call("undo", "sales", decision, "kim")
    redis.call("resolve", "sales", "c1", redis.claim("kim")[0]["token"], "done")
    redis.call("satisfied", "sales", "c1", "m")
    redis.call("reopen", "sales", "c1", "m")
    redis.call("withdraw", "sales", "c2", "m-c2", "u2")
    moving = redis.call("move", "sales", "c1", "", "service", "kim")
    redis.call("arrive", "service", "c1", "sales", moving[2])
    redis.call("moved", "sales", "c1", moving[1])
    redis.call("withdraw", "service", "c1", "m-c1", "u1")
    what = [as_fields(entry[1])["what"] for queue in ("sales", "service")
            for entry in [[line["id"], line["flat"]] for line in history(redis, queue)]]
    must(what == ["added", "merged", "hastened", "escalated", "present", "claimed", "extended", "noted", "released",
                  "claimed", "expired", "claimed", "returned", "left_queue", "claimed", "answered", "undone",
                  "claimed", "resolved", "satisfied", "reopened", "left", "moving", "moved", "arrived", "withdrawn"],
         what)


def history(redis, queue):
    lines = redis.cli("XRANGE", "{q:%s}:hist" % queue, "-", "+").split("\n")
    found = []
    for line in lines:
        if line.count("-") == 1 and line.replace("-", "").isdigit():
            found.append({"id": line, "flat": []})
        elif found:
            found[-1]["flat"].append(line)
    return found


STORIES = [
    times_are_those_of_the_clock, a_bound_belongs_to_what_does_not_exceed_it,
    only_the_first_claim_counts_from_the_arrival, undone_and_reopened_cards, the_oldest_is_the_one_asked_first,
    what_is_counted_once_is_counted_once, a_moved_card_counts_from_its_asking_where_it_is_worked,
    every_change_stands_in_the_history,
]

if __name__ == "__main__":
    sys.exit(run(STORIES))
