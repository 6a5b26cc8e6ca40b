#!/usr/bin/python3
"""The queues in a real Redis: the lines of the library's header typed into redis-cli, the terminal
commands, two claimers at once, late answers, leases that end, and a Redis without functions."""

import json
import re
import subprocess
import sys
import threading
import time

from queue_redis import LIMIT_S, Redis, library, must


def field(answer, name):
    lines = answer.splitlines()
    return lines[lines.index(name) + 1]


def header_lines():
    return re.findall(r"^--   (FCALL .*)$", library(), re.M)


def the_lines_of_the_header_work_in_redis_cli(redis):
    lines = header_lines()
    must(len(lines) >= 10, "the header shows how to call the library")
    token = ""
    for line in lines:
        answer = redis.shell(line.replace("TOKEN", token).replace("{", "'{").replace("}", "}'"))
        must(answer and not re.match(r"(ERR|STALE|GONE|INVALID)", answer), f"{line}: {answer}")
        if "weir_claim 1" in line:
            token = field(answer, "token")
        if "weir_undo" in line:
            must(answer.strip() == "removed", answer)
    show = redis.cli("FCALL", "weir_show", "1", "{q:sales}", "c-1")
    must(field(show, "decided") == "withdrawn", show)


def a_card_is_worked_from_a_terminal(redis):
    redis.cli("SADD", "weir:queues", "sales", "review")
    redis.add("review", "f1", 30000, "text", "加我薇信\x1b[31m", "verdict", "hold")
    redis.add("sales", "c1", 60000, "text", "什么时候发货")
    listed = redis.weir("list").stdout
    must(listed.splitlines()[0].startswith("review"), listed)
    must("\x1b" not in listed and "due in" in listed, listed)
    card = json.loads(redis.weir("claim", "--as", "kim", "--json").stdout)
    must(card["id"] == "f1" and card["queue"] == "review", f"the earliest of all: {card}")
    other = redis.weir("resolve", "f1", "--verdict", "delete", "--as", "bob")
    must(other.returncode == 1 and "claimed by kim" in other.stderr, other.stderr)
    wrong = redis.weir("resolve", "f1", "--verdict", "delte", "--as", "kim")
    must("unknown verdict" in wrong.stderr, wrong.stderr)
    done = redis.weir("resolve", "f1", "--verdict", "delete+timeout", "--for", "10m", "--as", "kim")
    must(done.stdout.startswith("decision d-f1-"), done.stdout + done.stderr)
    out = redis.cli("XRANGE", "{q:review}:out", "-", "+")
    must('"do":"delete"' in out and '"seconds":600' in out, out)
    undone = redis.weir("undo", done.stdout.split()[1], "--as", "kim")
    must(undone.stdout.strip() == "undone removed", undone.stdout + undone.stderr)
    must(redis.cli("XLEN", "{q:review}:out").strip() == "0", "nothing of it is left to send")


def the_beginning_of_an_id_is_enough(redis):
    redis.cli("SADD", "weir:queues", "sales", "review")
    for queue, card in (("review", "c-5f1c0a77"), ("review", "c-5f1c0b88"), ("sales", "c-5f1d"),
                        ("sales", "c-77aa11223344")):
        redis.add(queue, card)
    listed = [line.split("r1")[1].split()[0] for line in redis.weir("list").stdout.splitlines()]
    must(sorted(listed) == ["c-5f1c0a", "c-5f1c0b", "c-5f1d", "c-77aa"], listed)
    must("c-77aa\n" in redis.weir("list", "sales").stdout, "and of one queue")
    for short in listed:
        must(redis.weir("show", short).stdout.startswith("card " + short), short)
    must('"id":"c-5f1c0a77"' in redis.weir("list", "--json").stdout, "programs get all of it")
    many = redis.weir("show", "c-5f1c")
    must(many.returncode == 1 and many.stderr == "weir queue: 2 cards begin with c-5f1c, c-5f1c0a77 and "
         "c-5f1c0b88 among them; write more of it\n", many.stderr)
    must(redis.weir("show", "c-5f", "--queue", "sales").stdout.startswith("card c-5f1d"), "in a queue")
    must("write 4 characters" in redis.weir("show", "c-7").stderr, "too short")
    must("no card c-99 in any queue" in redis.weir("show", "c-99").stderr, "none")
    redis.weir("claim", "review", "--as", "kim")
    redis.weir("claim", "review", "--as", "kim")
    for words in (("extend", "c-5f1c0a"), ("resolve", "c-5f1c0a", "--verdict", "delete"),
                  ("undo", "d-c-5f1c0a"), ("undo", "c-5f1c0a"), ("release", "c-5f1c0b")):
        done = redis.weir(*words, "--as", "kim")
        must(done.returncode == 0, f"{words}: {done.stderr}")
    must("nothing is decided" in redis.weir("undo", "d-c-77aa").stderr, "nothing to undo")
    redis.weir("claim", "review", "--as", "kim")
    redis.weir("claim", "review", "--as", "kim")
    said = redis.weir("answer", "c-5f1c0b", "yes", "--as", "kim").stdout.split()[1]
    undone = redis.weir("undo", said.replace("0b88", "0b"), "--as", "kim")
    must(undone.stdout == "undone removed\n", undone.stdout + undone.stderr)
    late = redis.weir("undo", "d-c-5f1c0b-12", "--as", "kim")
    must(late.returncode == 1 and "not the last" in late.stderr, late.stderr)


def what_has_left_is_countered_or_impossible(redis):
    redis.cli("SADD", "weir:queues", "review")
    for card, verdict, outcome in (("b1", "ban", "countered"), ("d1", "delete", "impossible"),
                                   ("e1", "delete+ban", "partly")):
        redis.add("review", card)
        redis.weir("claim", "--as", "kim")
        decision = redis.weir("resolve", card, "--verdict", verdict, "--as", "kim").stdout.split()[1]
        redis.cli("FCALL", "weir_outgoing", "1", "{q:review}", "p1", "10", "-1")
        for _ in range(2):
            undone = redis.weir("undo", decision, "--as", "kim").stdout.strip()
            must(undone == "undone " + outcome, f"{verdict}: {undone}")
        if outcome != "impossible":
            redis.weir("claim", "--as", "kim")
            redis.weir("resolve", card, "--verdict", "done", "--as", "kim")
    out = redis.cli("XRANGE", "{q:review}:out", "-", "+")
    must(out.count('"do":"unban"') == 2, out)


def claimers_never_share_a_card(redis):
    for number in range(200):
        redis.add("review", f"c{number}")
    claimed, lock = [], threading.Lock()

    def work(name):
        while True:
            answer = redis.cli("FCALL", "weir_claim", "1", "{q:review}", name, "60000", "3")
            ids = re.findall(r"^id\n(.*)$", answer, re.M)
            if not ids:
                return
            with lock:
                claimed.extend(ids)

    workers = [threading.Thread(target=work, args=(name,)) for name in ("kim", "bob", "eve")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(LIMIT_S)
    must(len(claimed) == 200, f"{len(claimed)} claims of 200 cards")
    must(len(set(claimed)) == 200, "a card was claimed twice")


def a_lease_that_ends_gives_the_card_to_another(redis):
    redis.add("review", "c1")
    first = redis.cli("FCALL", "weir_claim", "1", "{q:review}", "kim", "1")
    token = field(first, "token")
    end = time.monotonic() + LIMIT_S
    second = ""
    while "token" not in second and time.monotonic() < end:
        second = redis.cli("FCALL", "weir_claim", "1", "{q:review}", "bob", "60000")
    must(field(second, "owner") == "bob", second)
    must(field(second, "token") != token, "the token is a new one")
    late = redis.cli("FCALL", "weir_answer", "1", "{q:review}", "c1", token, "too late")
    must(late.startswith("STALE"), late)
    must(redis.cli("XLEN", "{q:review}:out").strip() == "0", "nothing was said")
    again = [redis.cli("FCALL", "weir_answer", "1", "{q:review}", "c1", field(second, "token"), "yes")
             for _ in range(2)]
    must(again[0] == again[1] and again[0].startswith("d-c1-"), f"repeating is harmless: {again}")
    must(redis.cli("XLEN", "{q:review}:out").strip() == "1", "it is said once")


def relaying_twice_is_once(redis):
    for _ in range(3):
        redis.cli("FCALL", "weir_relay", "1", "{a:r1}", "a-1", '{"do":"delete"}')
    must(redis.cli("XLEN", "{a:r1}:actions").strip() == "1", "one action")
    first = redis.cli("FCALL", "weir_actions", "1", "{a:r1}", "p1", "10", "new")
    must('{"do":"delete"}' in first, first)
    must(not redis.cli("FCALL", "weir_actions", "1", "{a:r1}", "p2", "10", "new").strip(), "given")
    again = redis.cli("FCALL", "weir_actions", "1", "{a:r1}", "p2", "10", "all")
    must('{"do":"delete"}' in again, "an owner that takes over is given what was not taken")
    redis.cli("FCALL", "weir_taken", "1", "{a:r1}", again.splitlines()[0])
    must(not redis.cli("FCALL", "weir_actions", "1", "{a:r1}", "p2", "10", "all").strip(), "taken")


def finished_cards_are_swept(redis):
    redis.add("review", "c1")
    token = field(redis.cli("FCALL", "weir_claim", "1", "{q:review}", "kim", "60000"), "token")
    redis.cli("FCALL", "weir_resolve", "1", "{q:review}", "c1", token, "done")
    must(redis.cli("FCALL", "weir_sweep", "1", "{q:review}", "3600000").strip() == "0", "too early")
    end = time.monotonic() + LIMIT_S
    while redis.cli("FCALL", "weir_sweep", "1", "{q:review}", "1").strip() != "1":
        must(time.monotonic() < end, "it is swept")
    must(redis.add("review", "c1").startswith("repeated"), "and still known for two days")


def bad_calls_are_refused(redis):
    calls = [("add", "c1"), ("add", "", "", "0", "1", "u"), ("add", "c1", "", "x", "1", "u"),
             ("add", "c1", "", "0", "1", "u", "owner", "me"), ("claim", "kim"),
             ("claim", "kim", "-1"), ("claim", "kim", "1", "1000000"), ("list", "0"),
             ("sweep", "never"), ("extend", "c1", "1"), ("answer", "c1", "1", "")]
    for name, *args in calls:
        answer = redis.cli("FCALL", "weir_" + name, "1", "{q:review}", *args)
        must(answer.startswith("INVALID"), f"{name} {args}: {answer}")
    must(redis.cli("FCALL", "weir_show", "1", "{q:review}", "no").startswith("GONE"), "show")
    must(redis.cli("FCALL", "weir_undo", "1", "{q:review}", "d-no-1", "kim").startswith("GONE"), "undo")


def the_same_text_runs_without_functions(redis):
    sha = redis.cli("-x", "SCRIPT", "LOAD", text=library().split("\n", 1)[1]).strip()
    added = redis.cli("EVALSHA", sha, "1", "{q:plain}", "weir_add", "c1", "", "0", "1000", "u1",
                      "kind", "flag", "room", "r1")
    must(added.startswith("added"), added)
    claimed = redis.cli("EVALSHA", sha, "1", "{q:plain}", "weir_claim", "kim", "60000")
    must(field(claimed, "id") == "c1", claimed)
    done = redis.cli("EVALSHA", sha, "1", "{q:plain}", "weir_resolve", "c1", field(claimed, "token"),
                     "done")
    must(done.startswith("d-c1-"), done)


STORIES = [
    the_lines_of_the_header_work_in_redis_cli, a_card_is_worked_from_a_terminal,
    the_beginning_of_an_id_is_enough,
    what_has_left_is_countered_or_impossible, claimers_never_share_a_card,
    a_lease_that_ends_gives_the_card_to_another, relaying_twice_is_once, finished_cards_are_swept,
    bad_calls_are_refused, the_same_text_runs_without_functions,
]


def main():
    failed = 0
    print(f"1..{len(STORIES)}")
    for number, story in enumerate(STORIES, 1):
        redis = Redis()
        try:
            redis.weir("list")  # loads the function library, as every command does
            story(redis)
            print(f"ok {number} - {story.__name__}")
        except (AssertionError, ValueError, IndexError, KeyError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"not ok {number} - {story.__name__}\n# {error!r}")
        finally:
            redis.close()
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
