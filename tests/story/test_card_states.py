#!/usr/bin/python3
"""A card changes only as the table in engine/store/card-states.md says: every call, tried in every state."""

import os
import re
import sys

from queue_redis import as_fields, must, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = os.path.join(ROOT, "engine", "store", "card-states.md")
STATES = ["none", "ready", "claimed", "expired", "done", "withdrawn", "merged", "moving", "moved", "swept"]
START = 1800000000000
OLD = "1"  # a token that no claim gave


def claim(redis):
    return redis.claim("kim")[0]["token"]


# How a card c1 of the queue `sales` comes into each state; the token that its holder has, or had.
def to_none(_):
    return OLD


def to_ready(redis):
    redis.ask("c1")
    return OLD


def to_claimed(redis):
    redis.ask("c1")
    return claim(redis)


def to_expired(redis):
    token = to_claimed(redis)
    redis.later(60001)
    return token


def to_done(redis):
    token = to_claimed(redis)
    redis.call("answer", "sales", "c1", token, "yes")
    return token


def to_withdrawn(redis):
    redis.ask("c1")
    redis.call("withdraw", "sales", "c1", "m-c1", "u1")
    return OLD


def to_merged(redis):
    redis.ask("c0", fp="f")
    redis.ask("c1", fp="f", user="u2")
    return OLD


def to_moving(redis):
    redis.ask("c1")
    redis.call("move", "sales", "c1", "", "service", "kim")
    return OLD


def to_moved(redis):
    to_moving(redis)
    redis.call("moved", "sales", "c1", 1)
    return OLD


def to_swept(redis):
    token = to_done(redis)
    redis.later(3600000)
    redis.call("sweep", "sales", 1000)
    return token


def packed(redis):
    """The card c1 as it comes from a third queue, where it was before."""
    redis.ask("c1", queue="review")
    return redis.call("move", "review", "c1", "", "sales", "kim")[2].replace('"hops":"1"', '"hops":"2"')


# Each call about c1, with the token of the state.
CALLS = {
    "add": lambda token: ["c1", "", 0, 60000, "u1", "kind", "question", "message", "m-c1", "user", "u1"],
    "claim": lambda token: ["bob", 60000],
    "extend": lambda token: ["c1", token, 60000],
    "release": lambda token: ["c1", token],
    "answer": lambda token: ["c1", token, "yes"],
    "resolve": lambda token: ["c1", token, "done"],
    "undo": lambda token: [f"d-c1-{token}", "kim"],
    "withdraw": lambda token: ["c1", "m-c1", "u1"],
    "move": lambda token: ["c1", token if token != OLD else "", "service", "kim"],
    "moved": lambda token: ["c1", 1],
    "arrive": lambda token: ["c1", "review"],
    "reopen": lambda token: ["c1", "m-9"],
    "hasten": lambda token: ["c1", 1],
}
# The same with a token that is not the card's: never accepted.
FENCED = ["extend", "release", "answer", "resolve", "move"]


def state_of(redis):
    card = dict(zip(*[iter(redis.cli("HGETALL", "{q:sales}:c:c1").split("\n"))] * 2))
    state = card.get("state", "")
    if state == "claimed" and redis.call("stats", "sales") and as_fields(redis.call("stats", "sales"))["expired"]:
        return "expired"
    if not state:
        return "swept" if redis.cli("ZSCORE", "{q:sales}:seen", "c1").strip() else "none"
    return "withdrawn" if card.get("decided") == "withdrawn" else state


def word_of(answer):
    if isinstance(answer, list):
        first = answer[0] if answer else "nothing"
        return "card" if isinstance(first, list) else str(first)
    if re.match(r"(STALE|GONE|BUSY|INVALID) ", str(answer)):
        return answer.split()[0]
    return "ok"


def try_call(redis, state, name, token_of=None):
    redis.cli("FLUSHALL")
    redis.set_clock(START)
    token = globals()["to_" + state](redis)
    must(state_of(redis) == state, f"the test can make a card {state}, not {state_of(redis)}")
    more = [packed(redis)] if name == "arrive" else []
    answer = redis.call(name, "sales", *CALLS[name](token_of or token), *more)
    return word_of(answer), state_of(redis)


def read_table():
    with open(TABLE, encoding="utf-8") as file:
        table = file.read().split("| call |")[1].splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table if not line.startswith("|-")]
    must(rows[0] == STATES, f"the table has the states {STATES}")
    return {row[0]: dict(zip(STATES, row[1:])) for row in rows[1:] if len(row) > 1}


def cell_of(state, word, after):
    return word if after == state else f"{word}: {after}"


def every_call_in_every_state(redis):
    redis.stop_clock(START)
    table = read_table()
    must(sorted(table) == sorted(CALLS), f"the table has all calls: {sorted(CALLS)}")
    wrong = []
    for name in CALLS:
        for state in STATES:
            found = cell_of(state, *try_call(redis, state, name))
            if found != table[name][state]:
                wrong.append(f"{name} of a card that is {state}: {found}, the table says {table[name][state]}")
    must(not wrong, "\n# ".join(wrong))


def a_wrong_token_changes_nothing(redis):
    redis.stop_clock(START)
    for name in FENCED:
        word, after = try_call(redis, "claimed", name, "2")
        must(word == "STALE" and after == "claimed", f"{name}: {word}, {after}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--print"]:
        from queue_redis import Redis
        redis = Redis()
        redis.stop_clock(START)
        for name in CALLS:
            print("| " + " | ".join([name] + [cell_of(s, *try_call(redis, s, name)) for s in STATES]) + " |")
        redis.close()
        sys.exit(0)
    sys.exit(run([every_call_in_every_state, a_wrong_token_changes_nothing]))
