#!/usr/bin/python3
"""weir test as a rule author meets it: what a failure shows, floods, coverage, and what machines read."""

import json
import os
import subprocess
import xml.etree.ElementTree

from daemon import Story, WEIR, tell

PACK = """pack: shop
policy: {exempt: {role: moderator}}
rules:
  - id: shop.contact
    when:
      all:
        - word: [微信, telegram]
        - any: [{regex: '[a-z]+\\d{3,}'}, {link: any}]
      near: 10
    unless: {room: {scene: support}}
    except: [官方微信]
    then: {do: [delete]}
    hit: [加微信 abc123]
    miss: [微信]
  - id: shop.loud
    when: {caps: {percent: 70}}
    then: {score: 2}
topics:
  - {id: price, when: {word: 多少钱}, queue: sales}
"""


def test(story, *words):
    return subprocess.run([WEIR, "test", *words], cwd=story.folder, capture_output=True, timeout=60,
                          text=True)


def a_failure_shows_what_was_expected_and_how_it_was_read():
    with Story() as story:
        story.write("pack.yaml", PACK)
        story.write("a.test.yaml", "messages:\n"
                    "  - {text: 加.微.信 abc123, expect: delete}\n"
                    "  - {text: '微信 and so on, which is abc123', expect: shop.contact}\n"
                    "  - {text: 多少钱, expect: {verdict: hold, question: false}}\n")
        done = test(story, "pack.yaml", "a.test.yaml")
        assert done.returncode == 1 and done.stdout.endswith("2 passed, 3 failed\n"), done
        for line in ("a.test.yaml:2:34: expected delete, found pass", "    tight     加微信 abc123",
                     "a.test.yaml:3:53: rule shop.contact did not fire",
                     "    because   its hits overlap, or do not lie within 10 characters",
                     "a.test.yaml:4:25: expected hold, found pass; expected no question, found one",
                     "    verdict   pass, user none, score 0, a question"):
            assert line in done.stdout, (line, done.stdout)


def a_line_that_does_not_fire_says_which_check_failed():
    lines = {
        "[微信]": "all[1].any[0].regex finds nothing, and all[1].any[1].link finds nothing",
        "[官方微信 abc123]": "all[0].word finds something only inside an exception",
        "[{text: 加微信 abc123, scene: support}]": "its `unless` holds",
        "[{text: 加微信 abc123, user: {roles: [moderator]}}]": "the policy exempts this user",
    }
    with Story() as story:
        for line, reason in lines.items():
            story.write("pack.yaml", PACK.replace("hit: [加微信 abc123]", f"hit: {line}"))
            done = test(story, "pack.yaml")
            assert f"does not fire rule 'shop.contact': {reason}" in done.stdout, done.stdout


def a_flood_is_one_case():
    with Story() as story:
        story.write("pack.yaml", PACK)
        story.write("a.test.yaml", """cases:
  - about: nobody is punished for cheering
    messages:
      - {text: '冲冲冲 {n}', user: 'u{n}', times: 500, every: 10ms, expect: nothing}
      - {text: '微信 abc{n}', user: {id: 'v{n}', roles: vip}, times: 120, expect: delete}
""")
        done = test(story, "pack.yaml", "a.test.yaml")
        assert "expected delete, found pass (number 1 of 120)" in done.stdout, done.stdout
        assert done.stdout.endswith("3 passed, 1 failed\n"), done.stdout


def mistakes_in_a_test_file_are_all_told_before_anything_runs():
    with Story() as story:
        story.write("pack.yaml", PACK)
        story.write("a.test.yaml", "messages:\n  - {txt: a, expect: delte}\n"
                    "  - {text: a, at: 9s, user: {roles: [mod]}}\n"
                    "  - {text: a, at: 5s, expect: {rules: [shop.contct], score: many}}\n")
        done = test(story, "pack.yaml", "a.test.yaml")
        assert done.returncode == 1 and done.stdout.endswith("2 passed, 1 failed\n"), done
        assert "a message needs 'text'" not in done.stdout, "one mistake, told once"
        for place in ("2:6: unknown key 'txt' in a message; did you mean 'text'?",
                      "2:22: 'delte' is neither",
                      "3:38: not a role", "4:19: before the message above",
                      "4:40: 'shop.contct' is no rule's id; did you mean 'shop.contact'?",
                      "4:61: must be a whole number"):
            assert f"a.test.yaml:{place}" in done.stdout, (place, done.stdout)


def coverage_lists_what_nothing_reaches():
    with Story() as story:
        story.write("pack.yaml", PACK)
        done = test(story, "--coverage", "pack.yaml")
        assert done.returncode == 0, done
        gaps = [line.split(": ", 1)[1] for line in done.stdout.splitlines() if line.startswith("pack.yaml")]
        assert gaps == ["rule 'shop.contact': all[1].any[1].link is never reached",
                        "rule 'shop.contact': unless.room is never reached",
                        "rule 'shop.contact': except is never reached",
                        "rule 'shop.loud' never fires", "rule 'shop.loud': caps is never reached"], gaps
        assert "topic 'price' is never asked" in done.stdout
        assert "reached 1 of 2 rules, 2 of 6 branches, 0 of 1 topics" in done.stdout, done.stdout
        story.write("a.test.yaml", """cases:
  - messages: [{text: 官方微信 a.com and abc123}, {text: LOUD LOUD LOUD}, {text: 多少钱}]
  - {scene: support, messages: [{text: 加微信 abc123, expect: pass}]}
""")
        done = test(story, "--coverage", "--json", "pack.yaml", "a.test.yaml")
        answer = json.loads(done.stdout)
        assert answer["passed"] == 3 and answer["coverage"]["not_reached"] == [], answer
        assert answer["coverage"]["topics_not_asked"] == [], answer


def build_servers_can_read_it():
    with Story() as story:
        story.write("pack.yaml", PACK)
        story.write("a.test.yaml", "messages:\n  - {text: '<微信> \"abc123\"', expect: pass}\n")
        done = test(story, "--junit", "pack.yaml", "a.test.yaml")
        root = xml.etree.ElementTree.fromstring(done.stdout)
        assert done.returncode == 1 and root.get("tests") == "3" and root.get("failures") == "1"
        failure = root.find("testsuite[@name='a.test.yaml']/testcase/failure")
        assert "expected pass, found delete" in failure.get("message"), failure.attrib
        assert "raw       <微信> \"abc123\"" in failure.text, failure.text


def tests_stand_beside_packs():
    with Story() as story:
        os.mkdir(story.path("rules"))
        story.write("rules/pack.yaml", PACK)
        story.write("rules/pack.test.yaml", "messages: [{text: 微信, expect: pass}]\n")
        assert test(story, "rules").stdout == "3 passed, 0 failed\n"
        checked = subprocess.run([WEIR, "check", "rules"], cwd=story.folder, capture_output=True,
                                 timeout=60, text=True)
        assert checked.returncode == 1 and "ok: 2 rules" in checked.stdout, checked.stdout


tell(a_failure_shows_what_was_expected_and_how_it_was_read,
     a_line_that_does_not_fire_says_which_check_failed, a_flood_is_one_case,
     mistakes_in_a_test_file_are_all_told_before_anything_runs, coverage_lists_what_nothing_reaches,
     build_servers_can_read_it, tests_stand_beside_packs)
