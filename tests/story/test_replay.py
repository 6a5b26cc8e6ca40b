#!/usr/bin/python3
"""A recorded chat judged again: what the summary counts, and what a terminal shows meanwhile."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import time

from daemon import Story, WEIR, tell


def summary(story, chat, *options):
    done = subprocess.run([WEIR, "replay", "--summary", "--rules", story.path("pack.yaml"), *options,
                           chat], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def in_terminal(arguments, columns):
    """What a command writes to a terminal of that width, and its exit code."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    return shown.decode(), process.wait(30)


def rules_are_told_with_users_and_what_became_of_the_messages():
    with Story() as story:
        chat = story.chat([{"ts": 1700000000000 + i * 1000, "room": f"r{i % 3}", "user": f"u{i % 5}",
                            "text": "buyspam" if i % 2 else "lookatme ?"} for i in range(40)])
        report = json.loads(summary(story, chat, "--json"))
        rules = {rule["rule"]: rule for rule in report["rules"]}
        spam, look = rules["story.spam"], rules["story.look"]
        assert (spam["messages"], spam["users"], spam["delete"], spam["timeout"]) == (20, 5, 20, 20)
        assert (look["messages"], look["users"], look["flag"]) == (20, 5, 20), look
        assert report["last_ms"] - report["first_ms"] == 39000, report
        text = summary(story, chat)
        assert "messages " in text and "2023-11-14T22:13:20" in text and "█" in text, text
        assert max(len(line) for line in text.splitlines()) <= 80, text


def thousands_of_rooms_cost_no_search():
    with Story() as story:
        chat = story.chat([{"ts": 1700000000000 + i, "room": f"room-{i * 7919 % 20000}", "text": "hi"}
                           for i in range(40000)])
        begun = time.monotonic()
        report = json.loads(summary(story, chat, "--json"))
        assert report["messages"] == 40000 and time.monotonic() - begun < 30


def a_long_run_shows_how_far_it_is_and_leaves_no_trace():
    with Story() as story:
        chat = story.chat([{"ts": 1700000000000 + i, "room": "r", "text": "hello there, how are you " * 8}
                           for i in range(60000)])
        arguments = [WEIR, "replay", "--summary", "--rules", story.path("pack.yaml"), chat]
        try:
            shown, code = in_terminal(arguments, 100)
        except OSError as error:
            return f"no terminal is to be had here: {error}"
        assert code == 0, shown
        bars = [part for part in shown.split("\r") if part.startswith("[")]
        if time_of(shown) > 1:
            assert bars and all("messages/s" in bar and "left" in bar for bar in bars), shown
            assert all(len(bar.replace("\x1b[K", "")) <= 100 for bar in bars), bars
            assert "\r\x1b[K60000 messages in" in shown, shown[-3000:]
        else:
            print("# too fast a machine to see the bar")
        plain = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)
        assert plain.stderr == "" and "\r" not in plain.stdout
    return None


def time_of(shown):
    return float(shown.split(" messages in ")[1].split(" s:")[0])


SHOP = """pack: shop
about: A shop
rules: []
topics:
  - {id: shipping, when: {word: [发货, shipping]}, queue: sales, target: 90s}
answers:
  - {id: ships, topic: shipping, ask: {zh: [什么时候发货]}, reply: {zh: 48小时内发货}, auto: true}
"""


def questions_join_and_known_ones_are_answered():
    said = ["什么时候发货呀", "有红色吗", "红色有没有", "有蓝色吗", "什么时候发货？", "你好"]
    with Story() as story:
        story.write("pack.yaml", SHOP)
        chat = story.chat([{"ts": 1700000000000 + i, "room": "r", "user": f"u{i}", "text": text}
                           for i, text in enumerate(said)])
        done = subprocess.run([WEIR, "replay", "--questions", "--json", "--rules",
                               story.path("pack.yaml"), chat], capture_output=True, text=True,
                              timeout=60, check=True)
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert [q["text"] for q in found] == said[:5], found
        assert [q["answer"] for q in found] == ["ships", None, None, None, "ships"], found
        assert [q["said"] for q in found] == [True, False, False, False, False], found
        assert [q["asked_again"] for q in found] == [False, False, True, False, False], found
        cards = [q["card"] for q in found]
        assert cards[1] == cards[2] != cards[3], cards
        report = json.loads(summary(story, chat, "--json"))
        assert (report["questions"], report["asked_again"], report["auto_answered"]) == (5, 1, 2)


tell(rules_are_told_with_users_and_what_became_of_the_messages, thousands_of_rooms_cost_no_search,
     a_long_run_shows_how_far_it_is_and_leaves_no_trace, questions_join_and_known_ones_are_answered)
