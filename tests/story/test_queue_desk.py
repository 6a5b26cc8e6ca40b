#!/usr/bin/python3
"""A shift at the queues from terminals: presence, claims over queues and by skill, notes, moves, escalation, figures."""

import json
import subprocess
import sys
import time

from queue_redis import LIMIT_S, WEIR, must, run


def weir(redis, *words):
    done = redis.weir(*words)
    must(done.returncode == 0, f"{words}: {done.stderr}")
    return done.stdout


def refused(redis, says, *words):
    done = redis.weir(*words)
    must(done.returncode != 0 and says in done.stderr, f"{words}: {done.stdout}{done.stderr}")


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def a_shift(redis):
    redis.cli("SADD", "weir:queues", "sales", "service")
    redis.ask("late-1", queue="sales", target=90000)
    redis.ask("early-1", queue="service", target=10000)
    redis.ask("refund-1", "needs", "refunds", queue="service", target=5000)
    weir(redis, "present", "sales", "--queue", "service", "--as", "kim", "--for", "8h", "--capacity", "2", "--skill", "zh")
    must("service kim holds 0 of 2, can do zh" in weir(redis, "people"), "who is there")
    claimed = objects(weir(redis, "claim", "--fill", "--as", "kim", "--json"))
    must([(card["queue"], card["id"]) for card in claimed] == [("service", "early-1"), ("sales", "late-1")],
         "the earliest of both queues that kim can do")
    refused(redis, "kim holds 2 of 2 cards", "claim", "--as", "kim")
    refused(redis, "nothing waits", "claim", "--as", "bob", "--skill", "en")
    must('"id":"refund-1"' in weir(redis, "claim", "--as", "bob", "--skill", "refunds", "--json"), "bob can")
    weir(redis, "note", "refund-1", "paid", "twice", "--as", "bob")
    must("note        bob: paid twice" in weir(redis, "show", "refund-1"), weir(redis, "show", "refund-1"))
    must(objects(weir(redis, "show", "refund-1", "--json"))[0]["notes"][0]["text"] == "paid twice", "as a list")
    must(weir(redis, "leave", "--as", "kim").count("returned 1") == 2, "both cards go back")
    must("nobody is present" in weir(redis, "people"), "kim is gone")


def a_card_goes_where_it_belongs(redis):
    redis.cli("SADD", "weir:queues", "sales")
    redis.ask("c-0001")
    refused(redis, "no queue refunds; --new", "move", "c-0001", "refunds")
    must(weir(redis, "move", "c-0001", "refunds", "--new", "--as", "kim") == "moved refunds\n", "there")
    must(weir(redis, "list").startswith("refunds"), weir(redis, "list"))
    weir(redis, "claim", "refunds", "--as", "bob")
    refused(redis, "claimed by bob, not by kim", "move", "c-0001", "sales", "--as", "kim")
    weir(redis, "move", "c-0001", "sales", "--as", "bob")
    must(weir(redis, "list", "--queue", "refunds") == "nothing waits\n", "and back")
    refused(redis, "is no name of a queue", "move", "c-0001", "a b")


def what_waits_too_long_goes_to_others(redis):
    redis.cli("SADD", "weir:queues", "sales", "leads")
    must(weir(redis, "escalation", "sales", "--to", "leads", "--after", "2m") == "sales 120000 leads\n", "set")
    must(weir(redis, "escalation") == "leads never\nsales 120000 leads\n", "shown")
    redis.ask("c-0001")
    redis.ask("c-0002")
    must(weir(redis, "escalate", "c-0001", "--as", "kim") == "escalated leads\n", "by hand, before its time")
    listed = weir(redis, "list", "leads")
    must("escalated 1x" in listed, listed)
    weir(redis, "escalation", "sales", "--off")
    must(weir(redis, "escalate", "c-0002") == "level 1\n", "nowhere to go: a level higher")
    refused(redis, "not a time", "escalation", "sales", "--to", "leads", "--after", "soon")


def figures_for_people_and_machines(redis):
    redis.stop_clock(1800000000000)
    redis.cli("SADD", "weir:queues", "sales", "empty")
    redis.ask("c1", fp="f", age=4000)
    redis.ask("c2", fp="f", user="u2")
    redis.ask("c3", target=1000)
    redis.later(2000)
    weir(redis, "claim", "sales", "--as", "kim")
    redis.later(60000)
    weir(redis, "answer", "c3", "yes", "--queue", "sales", "--as", "kim")
    empty, sales = objects(weir(redis, "stats", "--json"))
    must(empty["queue"] == "empty" and empty["oldest_age_ms"] is None and empty["merged_ratio"] is None, empty)
    must(empty["since"] is None and empty["arrival_to_claim"]["count"] == 0, empty)
    must((sales["waiting"], sales["oldest_age_ms"], sales["overdue"]) == (1, 66000, 1), sales)
    must((sales["added"], sales["merged"], sales["merged_ratio"]) == (2, 1, 0.333), sales)
    answer = sales["arrival_to_answer"]
    must((answer["count"], answer["sum_ms"], len(answer["counts"])) == (1, 62000, len(answer["bounds_ms"]) + 1), answer)
    must(sales["workers"] == [{"name": "kim", "handled": 1, "time_ms": 60000}], sales)
    told = weir(redis, "stats", "sales")
    for words in ("1 waiting, 1 overdue, 0 claimed; the oldest was asked 66s ago", "2 added, 1 merged",
                  "merged ratio 0.333", "until claimed 1: on average 2s, half within 2s",
                  "in all       1: on average 62s, half within 2m", "kim: 1 handled, on average in 60s"):
        must(words in told, f"{words} in {told}")


def two_terminals_at_once(redis):
    """Two moderators work the same queues with the command; each card is answered once, by who claimed it."""
    redis.cli("SADD", "weir:queues", "sales", "service")
    for number in range(24):
        redis.ask(f"c-{number:04}", queue=("sales", "service")[number % 2], target=1000 * number + 60000)
    script = """
        while card=$("$1" queue claim --as "$2" --json --state "$3" 2>/dev/null); do
            id=$(printf '%s' "$card" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
            "$1" queue answer "$id" "answered by $2" --as "$2" --state "$3" >/dev/null || exit 1
            echo "$id"
        done"""
    terminals = [subprocess.Popen(["bash", "-c", script, "-", WEIR, name, redis.state], stdout=subprocess.PIPE,
                                  text=True) for name in ("kim", "bob")]
    outputs = [terminal.communicate(timeout=6 * LIMIT_S)[0].split() for terminal in terminals]
    must([terminal.returncode for terminal in terminals] == [0, 0], "nobody answered what was not his")
    must(sorted(outputs[0] + outputs[1]) == [f"c-{number:04}" for number in range(24)], outputs)
    must(all(outputs), f"both had work: {outputs}")
    for output in outputs:
        must(output == sorted(output), f"each got the earliest first: {output}")
    said = redis.cli("XRANGE", "{q:sales}:out", "-", "+") + redis.cli("XRANGE", "{q:service}:out", "-", "+")
    must(said.count('"do":"reply"') == 24, "each is said once")


if __name__ == "__main__":
    start = time.monotonic()
    status = run([a_shift, a_card_goes_where_it_belongs, what_waits_too_long_goes_to_others,
                  figures_for_people_and_machines, two_terminals_at_once])
    print(f"# {time.monotonic() - start:.1f} s")
    sys.exit(status)
