#!/usr/bin/python3
"""Shadow rules on live chat: judged and recorded, never acting; and what they would have done."""

import json

from daemon import PACK, Story, sample_chat, tell, until

SHADOW = """\
pack: tryout
mode: shadow
rules:
  - {id: tryout.numbers, when: {word: [message]}, then: {do: [{timeout: 5m}]}, hit: [message]}
  - {id: tryout.spam, when: {word: [buyspam]}, then: {do: [ban]}, hit: [buyspam]}
  - {id: tryout.live, mode: live, when: {word: [nobodysaysthis]}, then: {do: [delete]}}
"""


def chat_with_shadow(story):
    story.write("shadow.yaml", SHADOW)
    play = story.play(story.chat(sample_chat(300)), "--rooms", "1", "--speed", "max", "--once")
    story.config([{"url": play.url, "rooms": ["r1"]}], verdicts="{sample: 0}")
    with open(story.path("weir.yaml"), encoding="utf-8") as file:
        text = file.read()
    story.write("weir.yaml", text.replace("[pack.yaml]", "[pack.yaml, shadow.yaml]"))
    daemon = story.run()
    report = play.report()
    status = until(lambda: story.counters().get("messages") == 300 and story.status(),
                   what="all are judged")
    assert daemon.stop() == 0
    return report, status


def a_shadow_pack_is_judged_and_never_acts():
    with Story() as story:
        report, status = chat_with_shadow(story)
        assert status["rules_shadow"] == 2 and status["counters"]["shadowed"] > 200, status
        assert report["actions"] == {"delete": 30, "timeout": 30}, report
        lines = story.lines("state/verdicts")
        spam = [line for line in lines if line["verdict"] == "delete"]
        assert len(spam) == 30, len(spam)
        for line in spam:
            assert line["shadow"]["user_verdict"] == "ban", line
            assert [name.split("@")[0] for name in line["shadow_rules"]] == ["tryout.spam"], line
            assert {"do": "ban"} in line["shadow"]["actions"], line
            assert [action["do"] for action in line["log"]["acted"]] == ["delete", "timeout"], line
            assert any(hit.get("shadow") for hit in line["hits"]), line


def diff_live_tells_what_they_would_have_done():
    with Story() as story:
        chat_with_shadow(story)
        done = story.command("diff", "--live", "--json", "--samples", "2")
        assert done.returncode == 1, done.stderr
        report = json.loads(done.stdout)
        rules = {rule["rule"]: rule for rule in report["rules"]}
        spam, numbers = rules["tryout.spam"], rules["tryout.numbers"]
        assert (spam["done"], spam["shadow"], spam["changed_action"]) == (0, 30, 30), spam
        assert numbers["newly_caught"] == numbers["shadow"] > 200, numbers
        assert report["newly_spared"] == 0 and report["bad_lines"] == 0, report
        samples = [sample for sample in report["samples"] if sample["rule"] == "tryout.spam"]
        assert len(samples) == 2 and all("buyspam" in sample["text"] for sample in samples), samples
        assert samples[0]["done"].startswith("delete+timeout"), samples
        assert samples[0]["shadow"].startswith("delete+ban"), samples
        text = story.command("diff", "--live").stdout
        assert "newly caught" in text and "tryout.numbers" in text, text
        assert json.loads(story.command("diff", "--live", "--json", "--hours", "0").stdout)["messages"] == 0


def a_shadow_set_that_changes_nothing_is_no_finding():
    with Story() as story:
        story.write("pack.yaml", PACK)
        play = story.play(story.chat(sample_chat(50)), "--rooms", "1", "--speed", "max", "--once")
        story.config([{"url": play.url, "rooms": ["r1"]}])
        daemon = story.run()
        play.report()
        assert daemon.stop() == 0
        done = story.command("diff", "--live")
        assert done.returncode == 0 and " 0 changed" in done.stdout, done


tell(a_shadow_pack_is_judged_and_never_acts, diff_live_tells_what_they_would_have_done,
     a_shadow_set_that_changes_nothing_is_no_finding)
