#!/usr/bin/python3
"""What the daemon writes down of every verdict that matters, and that it can be judged once more."""

import json
import os
import subprocess

from daemon import Story, WEIR, sample_chat, tell, until


def logged(story, chat, *options, **more):
    play = story.play(story.chat(chat), "--rooms", "1", "--speed", "max", "--once", *options)
    story.config([{"url": play.url, "rooms": ["r1"]}], **more)
    daemon = story.run()
    play.report()
    assert daemon.stop() == 0
    return story.lines("state/verdicts")


def a_verdict_can_be_judged_once_more():
    with Story() as story:
        lines = logged(story, sample_chat(200), verdicts="{sample: 0}")
        spam = [line for line in lines if line["verdict"] == "delete"]
        assert len(spam) == 20, len(spam)
        assert all("sample" not in line["log"] for line in lines), "sample: 0 takes none"
        for line in spam[:3]:
            rule, version = line["rules"][0].split("@")
            assert rule == "story.spam" and len(version) == 8, line
            log = line["log"]
            assert log["took_us"] >= 0 and log["state"] == "live", log
            assert [action["do"] for action in log["acted"]] == ["delete", "timeout"], log
            assert all(action["id"].startswith("a-") for action in log["acted"]), log
            again = story.chat([log["message"]], "again.jsonl")
            done = subprocess.run([WEIR, "replay", "--json", "--rules", story.path("pack.yaml"),
                                   again], capture_output=True, text=True, timeout=60, check=True)
            del line["log"]
            assert json.loads(done.stdout) == line, (done.stdout, line)


def the_sample_is_the_same_each_time():
    chat = list(sample_chat(2000))
    taken = []
    for _ in range(2):
        with Story() as story:
            lines = logged(story, chat, verdicts="{sample: 10}")
            taken.append({line["id"] for line in lines if line["log"].get("sample")})
    assert taken[0] == taken[1] and 100 < len(taken[0]) < 220, len(taken[0])


def what_users_wrote_is_left_out_where_the_configuration_says_so():
    with Story() as story:
        logged(story, sample_chat(200), verdicts="{text: false, sample: 5}")
        text = ""
        for name in os.listdir(story.path("state/verdicts")):
            with open(os.path.join(story.path("state/verdicts"), name), encoding="utf-8") as file:
                text += file.read()
        assert "story.spam@" in text and '"start":0' in text, text[:500]
        assert "buyspam" not in text and "message number" not in text, text[:2000]


def what_is_only_watched_is_logged_as_not_acted_on():
    with Story() as story:
        play = story.play(story.chat(sample_chat(50)), "--rooms", "1", "--speed", "max", "--once")
        story.config([{"url": play.url, "rooms": ["r1"], "act": False}])
        daemon = story.run()
        play.report()
        until(lambda: story.counters().get("messages") == 50, what="all are judged")
        assert daemon.stop() == 0
        spam = [line for line in story.lines("state/verdicts") if line["verdict"] == "delete"]
        assert len(spam) == 5 and all(line["log"]["acted"] == [] for line in spam), spam


def the_log_is_bounded():
    with Story() as story:
        chat = ({"ts": 1700000000000 + i * 10, "room": "r", "user": f"u{i}",
                 "text": f"buyspam {i} " + "x" * 1500} for i in range(1500))
        logged(story, chat, verdicts="{max_mib: 1, sample: 1}")
        folder = story.path("state/verdicts")
        sizes = [os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)]
        assert len(sizes) > 1 and sum(sizes) < 1.3 * 1024 * 1024, sizes


tell(a_verdict_can_be_judged_once_more, the_sample_is_the_same_each_time,
     what_users_wrote_is_left_out_where_the_configuration_says_so,
     what_is_only_watched_is_logged_as_not_acted_on, the_log_is_bounded)
