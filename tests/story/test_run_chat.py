#!/usr/bin/python3
"""weir run against weir play: every message judged once, violations acted on, through cut connections,
kill -9 and a stop in the middle; what was recorded replays to the verdict log, byte for byte."""

import os
import signal
import subprocess

from daemon import Story, WEIR, expected, sample_chat, tell, until


def attach(story, play, rooms, **more):
    story.config([{"url": play.url, "rooms": rooms}], **more)
    return story.run()


def every_message_is_judged_exactly_once_through_a_cut_connection():
    with Story() as story:
        play = story.play(story.chat(sample_chat(3000)), "--rooms", "2", "--speed", "max",
                          "--once", "--cut-after", "2500")
        daemon = attach(story, play, ["r1", "r2"])
        report = play.report()
        counters = until(lambda: story.counters().get("messages") == 6000 and story.counters(),
                         what="all are judged")
        spam, _ = expected(3000)
        assert report["sent"] == 6000 and report["connections"] == 2, report
        assert report["actions"] == {"delete": 2 * spam, "timeout": 2 * spam}, report
        assert report["applied"] == 4 * spam, report
        assert counters["deleted"] == 2 * spam, counters
        assert daemon.stop() == 0


def a_killed_daemon_goes_on_where_it_stopped_and_acts_on_nothing_twice():
    with Story() as story:
        play = story.play(story.chat(sample_chat(4000)), "--rooms", "1", "--speed", "10",
                          "--once", "--grace-ms", "60000")
        daemon = attach(story, play, ["r1"])
        for messages in (300, 500):
            until(lambda: story.counters().get("messages", 0) >= messages, what="it is at work")
            daemon.kill(signal.SIGKILL)
            daemon = story.run()
            until(story.status, what="it is up again")
        report = play.report()
        spam, _ = expected(4000)
        assert report["sent"] == 4000 and report["gaps"] == 0, report
        assert report["actions"] == {"delete": spam, "timeout": spam}, report
        assert report["applied"] == 2 * spam, report
        assert daemon.stop() == 0


def a_stopped_daemon_leaves_the_rest_to_the_next_one():
    with Story() as story:
        play = story.play(story.chat(sample_chat(3000)), "--rooms", "1", "--speed", "10",
                          "--once", "--grace-ms", "60000")
        daemon = attach(story, play, ["r1"])
        until(lambda: story.counters().get("messages", 0) >= 300, what="it is at work")
        assert daemon.stop(10) == 0, "drains within 10 s"
        daemon = story.run()
        report = play.report()
        spam, _ = expected(3000)
        assert report["repeated_actions"] == 0 and report["applied"] == 2 * spam, report
        assert daemon.stop() == 0


def the_record_replays_to_the_verdict_log():
    with Story() as story:
        play = story.play(story.chat(sample_chat(1000)), "--rooms", "2", "--speed", "max", "--once")
        daemon = attach(story, play, ["r1", "r2"], record="{dir: chats}")
        play.report()
        assert daemon.stop() == 0
        chats = [os.path.join(story.path("chats"), name)
                 for name in sorted(os.listdir(story.path("chats")))]
        replayed = subprocess.run([WEIR, "replay", "--json", "--hits", "--rules",
                                   story.path("pack.yaml"), *chats], capture_output=True,
                                  timeout=60, check=True).stdout
        logged = b""
        for name in sorted(os.listdir(story.path("state/verdicts"))):
            with open(os.path.join(story.path("state/verdicts"), name), "rb") as file:
                logged += b"".join(line.split(b',"log":')[0] + b"}\n" for line in file
                                   if b'"sample":true' not in line)
        assert len(logged) > 1000 and logged == replayed, (len(logged), len(replayed))


def a_gate_gets_a_verdict_for_every_message():
    with Story() as story:
        play = story.play(story.chat(sample_chat(1000)), "--rooms", "1", "--speed", "max", "--once",
                          "--gate", "--deadline-ms", "5000")
        daemon = attach(story, play, ["r1"])
        report = play.report()
        spam, _ = expected(1000)
        assert report["judged"] == 1000, report
        assert report["actions"] == {"timeout": spam}, report
        assert daemon.stop() == 0


def without_act_everything_is_judged_and_nothing_is_done():
    with Story() as story:
        play = story.play(story.chat(sample_chat(500)), "--rooms", "1", "--speed", "max", "--once")
        story.config([{"url": play.url, "rooms": ["r1"], "act": False}])
        daemon = story.run()
        report = play.report()
        spam, _ = expected(500)
        counters = story.counters()
        assert report["actions"] == {} and counters["deleted"] == spam, (report, counters)
        assert counters["not_acted"] == 2 * spam, counters
        assert daemon.stop() == 0


def rules_are_reloaded_and_a_mistake_changes_nothing():
    with Story() as story:
        play = story.play(story.chat(sample_chat(100)), "--rooms", "1", "--speed", "1")
        daemon = attach(story, play, ["r1"])
        before = until(story.status, what="it is up")["set"]
        with open(story.path("pack.yaml"), encoding="utf-8") as file:
            good = file.read()
        story.write("pack.yaml", good.replace("buyspam]", "buyspam, sellspam]"))
        done = story.command("reload", "--wait")
        after = story.status()["set"]
        assert done.returncode == 0 and after in done.stdout and after != before, done
        story.write("pack.yaml", good.replace("delete,", "delet,"))
        done = story.command("reload", "--wait")
        assert done.returncode == 2 and "delet" in done.stderr and after in done.stderr, done
        assert story.status()["set"] == after
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: daemon.log().count("rules.refused") >= 2, what="the hangup is heard")
        assert daemon.stop() == 0


def a_second_daemon_and_a_state_that_is_no_folder_are_told_in_one_sentence():
    with Story() as story:
        play = story.play(story.chat(sample_chat(10)), "--rooms", "1")
        daemon = attach(story, play, ["r1"])
        until(story.status, what="it is up")
        second = story.run("second")
        assert second.wait() == 3 and "another weir" in second.log(), second.log()
        assert daemon.is_running() and story.status()
        assert daemon.stop() == 0
        story.write("file", "")
        story.write("weir.yaml", f"state: file/state\nrules: [pack.yaml]\nrooms: [{{url: '{play.url}'}}]\n")
        third = story.run("third")
        assert third.wait() == 3 and "file" in third.log(), third.log()
        story.write("weir.yaml", "stat: x\nrooms: [{url: nowhere}]\n")
        fourth = story.run("fourth")
        assert fourth.wait() == 3, fourth.log()
        assert "weir.yaml:1:1" in fourth.log() and "weir.yaml:2:15" in fourth.log(), fourth.log()


tell(every_message_is_judged_exactly_once_through_a_cut_connection,
     a_killed_daemon_goes_on_where_it_stopped_and_acts_on_nothing_twice,
     a_stopped_daemon_leaves_the_rest_to_the_next_one,
     the_record_replays_to_the_verdict_log,
     a_gate_gets_a_verdict_for_every_message,
     without_act_everything_is_judged_and_nothing_is_done,
     rules_are_reloaded_and_a_mistake_changes_nothing,
     a_second_daemon_and_a_state_that_is_no_folder_are_told_in_one_sentence)
