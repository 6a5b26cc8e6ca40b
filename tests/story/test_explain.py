#!/usr/bin/python3
"""What weir explain shows to somebody who sees it for the first time."""

import json
import os
import subprocess
import unicodedata

from daemon import PACK, Story, WEIR, sample_chat, tell


def explain(text, pack=PACK):
    with Story() as story:
        story.write("pack.yaml", pack)
        done = subprocess.run([WEIR, "explain", "--rules", story.path("pack.yaml"), text],
                              capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.split("\n")


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def several_readings_stand_side_by_side():
    lines = explain("soooo g00d fuuuck")
    tight = [line for line in lines if line.startswith("tight ")][0]
    assert " | " in tight and not any("\x1f" in line or "\u241f" in line for line in lines), lines


def the_mark_stands_under_wide_characters():
    lines = explain("什么\x1b 时候 buyspam 发货")
    mark = [line for line in lines if line.strip() and not line.strip("^ ")][0]
    shown = lines[lines.index(mark) - 1]
    assert "\x1b" not in "".join(lines), lines
    assert columns(shown[:shown.index("buyspam")]) == mark.index("^"), (shown, mark)
    assert mark.count("^") == len("buyspam"), mark


def what_a_check_finds_at_one_place_is_told_once():
    views = PACK.replace("{word: [buyspam]}", "{word: [buyspam], view: [fold, tight, skeleton]}")
    lines = explain("buyspam, BUYSPAM b u y s p a m", views)
    hits = [line.split("  view ")[1] for line in lines if line.startswith("hit ")]
    assert hits == ["fold, tight  0-7", "fold, tight  9-16", "tight  17-30"], lines
    assert len([line for line in lines if line.strip() and not line.strip("^ ")]) == 3, lines


COUNTING = """pack: story
policy:
  strikes: {ladder: {3: [{timeout: 10m}], 5: [ban]}}
rules:
  - id: story.flood
    when: {all: [{rate: {max: 3, per: 10s}}, {word: go}]}
    then: {do: [delete, {strike: 1}]}
  - id: story.bad
    when: {word: bad}
    unless: {room: {scene: [rehearsal]}}
    then: {do: [delete, {strike: 2}]}
  - id: story.known
    when: {all: [{trust: {messages: 3}}, {word: old}]}
    then: {do: [flag]}
"""
CHAT = [{"ts": 1700000000000 + i * 1000, "room": "r", "user": "u1", "text": text}
        for i, text in enumerate(["go 1", "go 2", "go 3", "go 4", "go 5", "bad", "bad old", "fine?"])]


def weir(story, *words):
    return subprocess.run([WEIR, *words], cwd=story.folder, capture_output=True, text=True, timeout=60)


def recorded(story):
    """The same verdicts as replay writes them, and as the daemon's log does: with the message."""
    story.write("pack.yaml", COUNTING)
    story.chat(CHAT)
    lines = weir(story, "replay", "--json", "--rules", "pack.yaml", "chat.jsonl").stdout.splitlines()
    story.write("verdicts.jsonl", "\n".join(lines) + "\n")
    story.chat([{**json.loads(line), "log": {"state": "live", "scene": "", "message": message}}
                for line, message in zip(lines, CHAT)], "log.jsonl")
    return [json.loads(line) for line in lines]


def a_recorded_verdict_comes_out_again():
    with Story() as story:
        verdicts = recorded(story)
        assert [v["user_verdict"] for v in verdicts] == ["none"] * 5 + ["timeout", "ban", "none"], verdicts
        for number in range(1, len(CHAT) + 1):
            for words in ((f"log.jsonl:{number}",), (f"verdicts.jsonl:{number}", "--chat", "chat.jsonl")):
                done = weir(story, "explain", "--rules", "pack.yaml", "--verdict", *words)
                assert done.returncode == 0 and done.stdout.endswith("recorded  the same verdict\n"), done
        assert "counter   story.flood all[0].rate reads 4" in weir(
            story, "explain", "--rules", "pack.yaml", "--verdict", "log.jsonl:5").stdout


def the_log_of_the_daemon_is_enough():
    with Story() as story:
        counting = PACK.replace("{word: [buyspam]}", "{all: [{word: buyspam}, {rate: {max: 1, per: 10s, by: room}}]}")
        counting = counting.replace("    hit: [buyspam now]\n", "")
        play = story.play(story.chat(sample_chat(100)), "--rooms", "1", "--speed", "max", "--once")
        story.config([{"url": play.url, "rooms": ["r1"]}])
        story.write("pack.yaml", counting)
        daemon = story.run()
        play.report()
        assert daemon.stop() == 0
        log, = [name for name in os.listdir(story.path("state/verdicts"))]
        lines = story.lines("state/verdicts")
        assert len([line for line in lines if line["verdict"] == "delete"]) == 10, len(lines)
        for number in range(1, len(lines) + 1):
            done = weir(story, "explain", "--rules", "pack.yaml", "--verdict", f"state/verdicts/{log}:{number}")
            assert done.returncode == 0, done


def another_set_and_another_outcome_are_told():
    with Story() as story:
        recorded(story)
        story.write("pack.yaml", COUNTING.replace("{word: bad}", "{word: worse}"))
        done = weir(story, "explain", "--rules", "pack.yaml", "--verdict", "log.jsonl:6")
        assert done.returncode == 1 and "set       sha256:" in done.stdout, done
        assert 'recorded  differs: verdict was "delete", is "pass"' in done.stdout, done.stdout
        answer = json.loads(weir(story, "explain", "--json", "--rules", "pack.yaml", "--verdict",
                                 "log.jsonl:6").stdout)
        assert answer["reproduced"] is False and answer["recorded_set"] != answer["set"], answer
        done = weir(story, "explain", "--rules", "pack.yaml", "--verdict", "log.jsonl:1")
        assert done.returncode == 0 and "          was sha256:" in done.stdout, "another set, the same verdict"


def what_is_no_verdict_is_said():
    with Story() as story:
        recorded(story)
        for place, says in (("verdicts.jsonl:6", "--chat FILE"), ("log.jsonl:99", "has no line 99"),
                            ("log.jsonl", "FILE:LINE"), ("pack.yaml:2", "no verdict"),
                            ("nothing:1", "No such file")):
            done = weir(story, "explain", "--rules", "pack.yaml", "--verdict", place)
            assert done.returncode == 3 and says in done.stderr, (place, done)
        assert weir(story, "explain", "--rules", "pack.yaml").returncode == 3


def a_rule_that_did_not_fire_says_why():
    with Story() as story:
        story.write("pack.yaml", COUNTING)
        done = weir(story, "explain", "--rules", "pack.yaml", "go old")
        assert "not fired story.flood: all[0].rate does not hold" in done.stdout, done.stdout
        assert "all[0].rate          no (reads 1)" in done.stdout, done.stdout
        done = weir(story, "explain", "--rules", "pack.yaml", "--scene", "rehearsal", "bad")
        assert "not fired story.bad: its `unless` holds" in done.stdout, done.stdout


tell(several_readings_stand_side_by_side, the_mark_stands_under_wide_characters,
     what_a_check_finds_at_one_place_is_told_once, a_recorded_verdict_comes_out_again,
     the_log_of_the_daemon_is_enough, another_set_and_another_outcome_are_told,
     what_is_no_verdict_is_said, a_rule_that_did_not_fire_says_why)
