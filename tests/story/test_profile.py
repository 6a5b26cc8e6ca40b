#!/usr/bin/python3
"""What each rule and check costs, and on which message most."""

import json
import subprocess

from daemon import Story, WEIR, tell

PACK = """\
pack: costs
rules:
  - {id: cheap, when: {word: [nobodysaysthis]}, then: {do: [flag]}}
  - {id: needs.digits, when: {regex: 'code \\d{6}'}, then: {do: [flag]}, hit: [code 123456]}
  - {id: dear, when: {regex: '(x+x+)+y'}, then: {do: [flag]}, hit: [xxy]}
  - {id: both, when: {all: [{word: [hello]}, {length: {min: 8}}]}, then: {do: [flag]}, hit: [hello there]}
"""
CHAT = ([{"room": "r", "user": "u", "text": "hello there friends"}] * 50
        + [{"room": "r", "user": "u", "text": "code 123456"}, {"room": "r", "user": "u", "text": "code 12"}]
        + [{"room": "r", "user": "u", "text": "x" * 40 + " but no y? " + "x" * 30 + "z y"}]
        + [{"room": "r", "user": "u", "text": "what is on tonight"}] * 50)


def profile(story, *options):
    pack = story.write("costs.yaml", PACK)
    done = subprocess.run([WEIR, "profile", *options, "--rules", pack, story.chat(CHAT)],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def each_rule_and_check_is_counted():
    with Story() as story:
        report = json.loads(profile(story, "--json"))
        rules = {rule["rule"]: rule for rule in report["rules"]}
        assert report["messages"] == len(CHAT) and report["ns"] > 0, report
        assert "cheap" not in rules, "what no literal concerned costs nothing"
        digits = rules["needs.digits"]["checks"][0]
        assert (digits["evaluated"], digits["matched"]) == (2, 1), digits
        assert digits["confirmed"] == 1, "too few digits never reach PCRE2"
        word, length = rules["both"]["checks"]
        assert (word["evaluated"], word["matched"], length["matched"]) == (50, 50, 50), (word, length)
        assert rules["both"]["matched"] == 50 and rules["needs.digits"]["matched"] == 1, rules
        assert 0 < sum(rule["share"] for rule in report["rules"]) <= 1, report


def the_dearest_comes_first_with_its_worst_message():
    with Story() as story:
        report = json.loads(profile(story, "--json"))
        costs = [rule["ns"] for rule in report["rules"]]
        assert costs == sorted(costs, reverse=True), costs
        dear = [rule for rule in report["rules"] if rule["rule"] == "dear"][0]
        assert dear["worst_line"] == 53 and dear["limits"] + dear["confirmed"] > 0, dear
        text = profile(story, "--top", "9")
        lines = text.splitlines()
        worst = [line for line in lines if "chat.jsonl:53" in line]
        assert worst and "x" * 40 in worst[0], text
        assert "regex" in text and "confirmed" in text, text


def a_rule_that_was_suspended_says_so():
    with Story() as story:
        pack = story.write("costs.yaml", PACK)
        slow = [{"room": "r", "user": f"u{i}", "text": "x" * 40 + f" why {i}"} for i in range(60)]
        command = [WEIR, "profile", "--rules", pack, story.chat(slow)]
        shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        assert "suspended 1 time: it met its limits too often" in shown, shown
        command.insert(2, "--json")
        report = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)
        dear = [rule for rule in report["rules"] if rule["rule"] == "dear"][0]
        assert dear["suspended"] == 1 and dear["limits"] == 16, dear


tell(each_rule_and_check_is_counted, the_dearest_comes_first_with_its_worst_message,
     a_rule_that_was_suspended_says_so)
