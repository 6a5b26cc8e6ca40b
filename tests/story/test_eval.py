#!/usr/bin/python3
"""How good a pack is, as weir eval tells its author."""

import gzip
import json
import subprocess

from daemon import Story, WEIR, tell

PACK = """
pack: shop
policy:
  score: {6: [delete]}
rules:
  - id: adverts.spam
    tags: [adverts]
    when: {word: [buyspam]}
    then: {score: 6}
    hit: [buyspam]
    miss: [hello]
  - id: adverts.mild
    mode: shadow
    tags: [adverts]
    when: {word: [offer]}
    then: {score: 6}
    hit: [an offer]
    miss: [hello]
  - id: rude
    when: {word: [fool]}
    then: {score: 1}
    hit: [you fool]
    miss: [hello]
topics:
  - {id: price, when: {word: [price]}, queue: sales, target: 60s}
"""

LINES = [
    {"text": "buyspam now", "label": "ad", "y": 1, "type": "a"},
    {"text": "buyspam later", "label": "ad", "y": 1, "type": "a"},
    {"text": "good offer", "label": "ad", "y": 1, "type": "b"},
    {"text": "you fool", "label": "rude", "y": 0, "type": "b"},
    {"text": "hello", "label": "fine", "y": 0},
    {"text": "I never buyspam", "label": "fine", "y": 0, "type": "a"},
    {"text": "what price is it?", "label": "fine", "y": 0},
]


def evaluate(story, *arguments, lines=LINES):
    story.write("pack.yaml", PACK)
    story.write("lines.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    done = subprocess.run([WEIR, "eval", "--json", "--rules", story.path("pack.yaml"),
                           *arguments, story.path("lines.jsonl")],
                          capture_output=True, text=True, timeout=60, check=False)
    return done, json.loads(done.stdout) if done.stdout else None


def counts(report):
    return [report[name] for name in ("true_positives", "false_positives", "false_negatives",
                                      "true_negatives")]


def rules_tags_and_verdicts_choose_what_is_caught():
    with Story() as story:
        for arguments, expected in [
                ((), [2, 2, 1, 2]),
                (("--shadow",), [3, 2, 0, 2]),
                (("--rules", "adverts"), [2, 1, 1, 3]),
                (("--rules", "adverts.*", "--rules", "rude"), [2, 2, 1, 2]),
                (("--rules", "shop"), [2, 2, 1, 2]),
                (("--verdict", "delete"), [2, 1, 1, 3]),
                (("--acted",), [2, 1, 1, 3]),
                (("--positive", "rude"), [1, 3, 0, 3]),
                (("--positive", "label=r*", "--positive", "ad"), [3, 1, 1, 2]),
                (("--where", "type=a"), [2, 1, 0, 0]),
                (("--where", "type=a", "--where", "type=b"), [2, 2, 1, 0]),
                (("--question", "--positive", "fine"), [1, 0, 2, 4]),
                (("--topic", "price", "--positive", "fine"), [1, 0, 2, 4]),
                (("--clean", "--acted"), [0, 3, 0, 4])]:
            done, report = evaluate(story, *arguments)
            assert done.returncode == 0, done.stderr
            assert counts(report) == expected, (arguments, counts(report))


def mistakes_are_shown_and_groups_are_counted():
    with Story() as story:
        _, report = evaluate(story, "--by", "label", "--worst", "1")
        worst = report["false_positives_worst"]
        assert [item["text"] for item in worst] == ["I never buyspam"], worst
        assert worst[0]["line"] == 6 and worst[0]["rules"] == "adverts.spam", worst
        assert [item["text"] for item in report["false_negatives_worst"]] == ["good offer"]
        assert {group["is"]: group["caught"] for group in report["by"]} == \
            {"ad": 2, "fine": 1, "rude": 1}, report["by"]
        spam = [rule for rule in report["rules"] if rule["rule"] == "adverts.spam"][0]
        assert (spam["right"], spam["wrong"]) == (2, 1), spam
        assert report["precision"]["low"] < report["precision"]["value"] < 1


def a_missed_limit_is_exit_1():
    with Story() as story:
        assert evaluate(story, "--min-recall", "0.66")[0].returncode == 0
        done, report = evaluate(story, "--min-recall", "0.67", "--max-fpr", "0.6")
        assert done.returncode == 1 and not report["ok"], report
        assert [limit["ok"] for limit in report["limits"]] == [False, True], report
        assert evaluate(story, "--min-caught", "5")[0].returncode == 1
        assert evaluate(story, "--rules", "nothing")[0].returncode == 3
        assert evaluate(story, "--topic", "nothing")[0].returncode == 3


def labels_may_be_kept_apart():
    with Story() as story:
        story.write("labels", "lines.jsonl:1 ad\nlines.jsonl:5 none\nother.jsonl:9 ad\n")
        done, report = evaluate(story, "--labels", story.path("labels"), "--positive", "ad")
        assert done.returncode == 0 and counts(report) == [1, 0, 0, 1], (done.stderr, report)
        assert report["left_out"] == 5, report
        story.write("labels", "lines.jsonl:99 ad\n")
        done, _ = evaluate(story, "--labels", story.path("labels"), "--positive", "ad")
        assert done.returncode == 3 and "no such line" in done.stderr, done.stderr


def what_cannot_be_read_is_told_and_never_counted():
    with Story() as story:
        path = story.path("bad.jsonl.gz")
        with gzip.open(path, "wb") as file:
            file.write(b'{"text":"buyspam","y":1}\n\n{"text":"no label"}\n{broken\n{"y":1}\n'
                       b'{"text":"' + b"x" * 70000 + b'","y":0}\n\xff\n{"text":"hello","y":0}')
        done, report = evaluate(story, path, lines=[])
        assert counts(report) == [1, 0, 0, 1] and report["skipped"] == 5, (done.stderr, report)
        assert all(f"bad.jsonl.gz:{line}: skipped" in done.stderr for line in (3, 4, 5, 6, 7))


tell(rules_tags_and_verdicts_choose_what_is_caught, mistakes_are_shown_and_groups_are_counted,
     a_missed_limit_is_exit_1, labels_may_be_kept_apart,
     what_cannot_be_read_is_told_and_never_counted)
