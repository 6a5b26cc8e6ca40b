#!/usr/bin/python3
"""weir import: rules of others become packs that load, judge as they did, and say what they lost."""

import json
import os
import subprocess

import yaml

from daemon import ROOT, Story, WEIR, tell

SEEDS = os.path.join(ROOT, "tests/fuzz/seeds/import")


def weir(story, *words):
    return subprocess.run([WEIR, *words], cwd=story.folder, capture_output=True, timeout=60, text=True)


def imported(story, source, *words):
    done = weir(story, "import", *words, source)
    story.write("pack.yaml", done.stdout)
    return done


def verdict(story, text, *words):
    done = weir(story, "explain", "--json", "--rules", "pack.yaml", *words, "--", text)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def fired(story, text, *words):
    """Shadow rules too: they hit, and do nothing."""
    return sorted({hit["rule"] for hit in verdict(story, text, *words)["hits"]})


def all_of_it_is_accepted():
    with Story() as story:
        for name, rules, told in (("automoderator.yaml", 3, 9), ("discord.json", 2, 9), ("words.txt", 1, 3)):
            done = imported(story, os.path.join(SEEDS, name))
            assert done.returncode == 1, done
            assert f"imported {rules} of " in done.stderr and f"; {told} things were not" in done.stderr, done.stderr
            assert weir(story, "check", "pack.yaml").returncode == 0, done.stdout
            assert len(yaml.safe_load(done.stdout)["rules"]) == rules
            answer = json.loads(weir(story, "import", "--json", os.path.join(SEEDS, name)).stdout)
            assert answer["pack"] == done.stdout and len(answer["report"]) == told, answer


def automoderator_is_read_as_reddit_does():
    with Story() as story:
        story.write("rules.yaml", """# the first rule
title (includes): ["scam"]
action: remove
action_reason: "Scams"
---
body (includes-word, regex): ['fr[e3]{2}', "deal(s)?"]
~author: [boss]
action: filter
---
body (full-exact): "first"
moderators_exempt: false
action: report
---
body (regex, case-sensitive): ['BUY']
~body: [not]
action: spam
---
author: {name: [eve]}
body_longer_than: 5
comment: |
    Hello.
    Again.
---
title (case-sensitive, ends-with): ["e. (e)"]
action: remove
""")
        done = imported(story, "rules.yaml", "--pack", "r")
        assert done.returncode == 0 and "imported 6 of 6 rules; 0 things" in done.stderr, done
        pack = {rule["id"]: rule for rule in yaml.safe_load(done.stdout)["rules"]}
        assert pack["r.scams-1"]["then"] == {"do": ["delete"], "reason": "Scams"}
        assert pack["r.5"]["then"] == {"do": [{"reply": "Hello. Again."}]}
        assert "unless" in pack["r.2"] and "unless" not in pack["r.3"]
        for text, rules in (("a scammer", ["r.scams-1"]), ("SCAM", ["r.scams-1"]), ("free deals", ["r.2"]),
                            ("carefree dealers", []), ("First", ["r.3"]), ("first one", []),
                            ("BUY now", ["r.4"]), ("buy now", []), ("BUY not", []),
                            ("the e. (e)", ["r.6"]), ("the E. (e)", [])):
            assert fired(story, text) == rules, (text, rules, fired(story, text))
        assert fired(story, "a scam", "--user-role", "moderator") == []


def discord_is_read_as_discord_does():
    with Story() as story:
        imported(story, os.path.join(SEEDS, "discord.json"), "--pack", "d")
        for text, hit in (("a cat here", True), ("category", False), ("concatenate", False), ("my 代练 now", True),
                          ("free nitrogen", True), ("a bigscam", True), ("scamper", False), ("xpornx", True),
                          ("D1SCORD   gift", True)):
            assert (fired(story, text) == ["d.bad-words-1"]) == hit, (text, fired(story, text))
        assert verdict(story, "a cat")["verdict"] == "pass", "it comes in shadow mode"


def nothing_acts_on_more_than_it_did():
    with Story() as story:
        story.write("rules.yaml", "body: [a]\nauthor: {account_age: '< 1 days'}\naction: remove\n---\n"
                    "body: [b]\n~title (regex): ['(bad']\naction: remove\n")
        rules = yaml.safe_load(imported(story, "rules.yaml").stdout)["rules"]
        assert [rule["mode"] for rule in rules] == ["shadow", "shadow"], rules


def what_holds_no_rules_is_said():
    with Story() as story:
        story.write("a.json", "{\"a\": 1}")
        story.write("b.json", "{\"a\": ")
        story.write("c.yaml", "- 1\n- 2\n")
        for name in ("a.json", "b.json", "c.yaml"):
            done = weir(story, "import", name)
            assert done.returncode == 2 and not done.stdout and name in done.stderr, done
        assert weir(story, "import", "d.json").returncode == 3
        assert weir(story, "import", "--from", "slashdot", "a.json").returncode == 3
        assert weir(story, "import", "--pack", "Not A Name", "a.json").returncode == 3


tell(all_of_it_is_accepted, automoderator_is_read_as_reddit_does, discord_is_read_as_discord_does,
     nothing_acts_on_more_than_it_did, what_holds_no_rules_is_said)
