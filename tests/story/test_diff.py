#!/usr/bin/python3
"""What another set of rules would change, before it does."""

import json
import os
import subprocess

from daemon import Story, WEIR, tell

OLD = """\
pack: shop
rules:
  - {id: ads, when: {word: [buyspam]}, then: {do: [delete]}, hit: [buyspam]}
  - {id: gone, when: {word: [oldword]}, then: {do: [flag]}, hit: [oldword]}
  - {id: harder, when: {word: [fool]}, then: {do: [flag]}, hit: [fool]}
  - {id: same, when: {word: [spoiler]}, then: {do: [delete]}, hit: [spoiler]}
topics:
  - {id: price, when: {word: [price]}, queue: sales}
"""
NEW = """\
pack: shop
rules:
  - {id: ads, when: {word: [buyspam, cheapstuff]}, then: {do: [delete]}, hit: [buyspam]}
  - {id: harder, when: {word: [fool]}, then: {do: [{timeout: 10m}]}, hit: [fool]}
  - {id: renamed, when: {word: [spoiler]}, then: {do: [delete]}, hit: [spoiler]}
topics:
  - {id: cost, when: {word: [price]}, queue: sales}
"""
CHAT = [{"room": "r", "user": "u", "text": text} for text in
        ("buyspam", "oldword", "fool", "cheapstuff", "some cheapstuff", "what price is it?", "hello",
         "spoiler")]


def diff(*arguments, code):
    done = subprocess.run([WEIR, "diff", *arguments], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout


def each_change_is_told_with_its_rule_and_samples():
    with Story() as story:
        old, new, chat = story.write("old.yaml", OLD), story.write("new.yaml", NEW), story.chat(CHAT)
        report = json.loads(diff("--json", "--samples", "1", old, new, chat, code=1))
        kinds = ("newly_caught", "newly_spared", "changed_action", "changed_question", "other_way")
        assert [report[kind] for kind in kinds] == [2, 1, 1, 1, 1], report
        assert report["messages"] == 8 and report["changed"] == 5, report
        rules = {rule["rule"]: rule for rule in report["rules"]}
        assert (rules["ads"]["old"], rules["ads"]["new"], rules["ads"]["gained"]) == (1, 3, 2), rules
        assert rules["gone"]["newly_spared"] == 1 and rules["gone"]["lost"] == 1, rules
        samples = {(sample["change"], sample["rule"]): sample for sample in report["samples"]}
        assert "cheapstuff" in samples[("newly_caught", "ads")]["text"], samples
        assert samples[("newly_spared", "gone")]["line"] == 2, samples
        assert samples[("changed_action", "")]["new"].startswith("pass+timeout"), samples
        assert ("other_way", "renamed") in samples and ("other_way", "same") in samples, samples
        text = diff(old, new, chat, code=1)
        assert "newly caught: 2" in text and "pass 0 -> delete 0" in text, text


def what_changes_nothing_is_no_finding():
    with Story() as story:
        old, chat = story.write("old.yaml", OLD), story.chat(CHAT)
        diff(old, old, chat, code=0)
        other = story.write("other.yaml", OLD.replace("id: same", "id: other"))
        report = json.loads(diff("--json", old, other, chat, code=0))
        assert report["changed"] == 0 and report["other_way"] == 1, report
        broken = story.write("broken.yaml", OLD.replace("word:", "wrod:", 1))
        assert diff(old, broken, chat, code=2) == ""
        diff(old, old, story.path("missing.jsonl"), code=3)
        diff(old, chat, code=3)


def packs_of_both_sides_and_two_checkouts():
    with Story() as story:
        chat = story.chat(CHAT)
        repository = story.path("repository")
        os.makedirs(os.path.join(repository, "rules"))
        git = ["git", "-C", repository, "-c", "user.name=a", "-c", "user.email=a@b.example"]
        for arguments, pack in ((["init", "-q"], OLD), (["commit", "-qm", "one"], None)):
            subprocess.run([*git, *arguments], check=True, timeout=60)
            if pack:
                story.write("repository/rules/shop.yaml", pack)
                subprocess.run([*git, "add", "."], check=True, timeout=60)
        subprocess.run([*git, "worktree", "add", "-q", story.path("before")], check=True, timeout=60)
        story.write("repository/rules/shop.yaml", NEW)
        shared = story.write("shared.yaml", "pack: shared\nrules:\n"
                             "  - {id: hi, when: {word: [hello]}, then: {do: [flag]}, hit: [hello]}\n")
        report = json.loads(diff("--json", "--rules", shared, story.path("before/rules"),
                                 os.path.join(repository, "rules"), chat, code=1))
        rules = {rule["rule"]: rule for rule in report["rules"]}
        assert report["changed"] == 5 and rules["hi"]["old"] == rules["hi"]["new"] == 1, report


tell(each_change_is_told_with_its_rule_and_samples, what_changes_nothing_is_no_finding,
     packs_of_both_sides_and_two_checkouts)
