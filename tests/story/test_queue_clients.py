#!/usr/bin/python3
"""The clients that engine/store/clients.md shows, typed off and run: one in Python and one of redis-cli, at once."""

import os
import re
import subprocess
import sys

from queue_redis import LIMIT_S, ROOT, must, run


def shown(language):
    with open(os.path.join(ROOT, "engine", "store", "clients.md"), encoding="utf-8") as page:
        return re.search(r"```%s\n(.*?)```" % language, page.read(), re.S).group(1)


def start(redis, words, text):
    return subprocess.Popen([*words, text, redis.socket] if words[0] != "bash" else [*words, text, "-", redis.socket],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


CLIENTS = {"python": [sys.executable, "-c"], "sh": ["bash", "-c"]}


def finish(client, answers):
    out = client.communicate("".join(answer + "\n" for answer in answers), timeout=LIMIT_S)[0]
    must(client.returncode == 0, f"ended with {client.returncode}")
    return out


def said(redis):
    return re.findall(r'"text":"(answer \w+ \d+)"', redis.cli("XRANGE", "{q:sales}:out", "-", "+"))


def each_client_works_a_queue(redis):
    for language, words in CLIENTS.items():
        for number in range(3):
            redis.ask(f"{language}-{number}", target=1000 * (number + 1))
        out = finish(start(redis, words, shown(language)), [f"answer {language} {n}" for n in range(3)])
        must(out.count("r1") == 3 and out.count("when does it ship") == 3, f"{language} showed {out}")
        done = [line for line in said(redis) if language in line]
        must(done == [f"answer {language} {n}" for n in range(3)], f"{language} said {done}")
        must(redis.fields("stats", "sales")["waiting"] == 0, "nothing is left")


def two_clients_at_once_share_no_card(redis):
    for number in range(20):
        redis.ask(f"c-{number}", target=1000 * (number + 1))
    clients = {language: start(redis, words, shown(language)) for language, words in CLIENTS.items()}
    for language, client in clients.items():
        client.stdin.write("".join(f"answer {language} {n}\n" for n in range(20)))
        client.stdin.flush()
    shown_rooms = sum(finish(client, []).count("r1") for client in clients.values())
    must(shown_rooms == 20, f"{shown_rooms} cards were shown")
    must(len(said(redis)) == 20 and len(set(said(redis))) == 20, "each card is answered once")


def they_are_as_short_as_is_said(_redis):
    for language in CLIENTS:
        lines = [line for line in shown(language).splitlines() if line]
        must(len(lines) <= 10, f"{language}: {len(lines)} lines")


if __name__ == "__main__":
    sys.exit(run([each_client_works_a_queue, two_clients_at_once_share_no_card, they_are_as_short_as_is_said]))
