#!/usr/bin/python3
"""The spool in the daemon: a disk that takes nothing for a while, Redis away for thousands of cards, and what goes
first when there is no more room."""

import resource
import signal
import subprocess

from daemon import OwnRedis, Story, expected, sample_chat, tell, until
from test_run_redis import COUNT


def asked_in(redis):
    answer = redis.cli("EVAL", COUNT, "0").strip()
    return int(answer) if answer.isdigit() else 0


def small_files():
    """As a full disk: no file grows beyond this, and the signal that says so is ignored."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40000, resource.RLIM_INFINITY))


def a_full_disk_holds_back_what_it_must_and_loses_nothing():
    with Story() as story:
        redis = OwnRedis(story)
        play = story.play(story.chat(sample_chat(3000)), "--rooms", "1", "--speed", "5", "--once",
                          "--grace-ms", "60000")
        story.config([{"url": play.url, "rooms": ["r1"]}], redis=redis.url)
        daemon = story.run(preexec_fn=small_files, restore_signals=False)
        until(lambda: story.status() and "can't write" in story.status()["spool"]["trouble"], 30, "the disk is full")
        before = story.counters()["actions_done"]
        until(lambda: story.counters()["actions_done"] > before + 10, what="moderation goes on")
        subprocess.run(["prlimit", "--pid", str(daemon.process.pid), "--fsize=unlimited:unlimited"], check=True)
        report = play.report(90)
        spam, asked = expected(3000)
        assert report["applied"] == 2 * spam, report
        until(lambda: asked_in(redis) >= asked, 30, "all questions are in Redis")
        assert asked_in(redis) == asked, (asked_in(redis), asked)
        assert story.status()["spool"]["trouble"] == "", story.status()["spool"]
        assert daemon.stop() == 0


def away_with(story, when_full, count):
    """Questions enough for more than a spool of one MiB, while Redis is away; then it is back."""
    redis = OwnRedis(story)
    redis.away()
    chat = [{"ts": 1700000000000 + i, "room": "r", "user": f"u{i}", "text": f"what about thing {i} {'x' * 200} ?"}
            for i in range(count)]
    play = story.play(story.chat(chat), "--rooms", "1", "--speed", "5", "--once", "--grace-ms", "60000")
    story.config([{"url": play.url, "rooms": ["r1"]}], redis=redis.url, spool=f"{{max_mib: 1, when_full: {when_full}}}")
    daemon = story.run()
    play.report(90)
    counters = until(lambda: story.counters().get("messages", 0) == count and story.counters(), 30, "all are judged")
    assert counters["cards_shed"] > 0 and story.status()["spool"]["bytes"] < 1.3 * 2 ** 20, story.status()["spool"]
    redis.back()
    until(lambda: story.status()["redis"]["up"] and story.status()["redis"]["waiting"] == 0, 30, "all are in Redis")
    shed = story.counters()["cards_shed"]
    assert asked_in(redis) + shed == count, (asked_in(redis), shed, count)
    listed = redis.cli("EVAL", """
        local texts = {}
        for _, key in ipairs(redis.call('KEYS', '{q:sales}:c:*')) do
            if redis.call('TYPE', key).ok == 'hash' then texts[#texts + 1] = redis.call('HGET', key, 'text') end
        end
        return texts""", "0")
    assert daemon.stop() == 0
    return "thing 0 " in listed, f"thing {count - 1} " in listed


def the_newest_are_refused_where_that_is_the_policy():
    with Story() as story:
        assert away_with(story, "newest", 4000) == (True, False)


def the_oldest_are_given_up_where_that_is_the_policy():
    with Story() as story:
        assert away_with(story, "oldest", 12000) == (False, True)


tell(a_full_disk_holds_back_what_it_must_and_loses_nothing,
     the_newest_are_refused_where_that_is_the_policy,
     the_oldest_are_given_up_where_that_is_the_policy)
