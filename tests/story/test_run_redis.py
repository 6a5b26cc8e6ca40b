#!/usr/bin/python3
"""Questions on their way to Redis: each is counted there exactly once, whatever is killed meanwhile, and
moderation of violations never stops. A human's decision comes back into the room."""

import json
import os
import re
import signal

from daemon import Story, expected, sample_chat, tell, until


COUNT = """
local total = 0
for _, key in ipairs(redis.call('KEYS', '{q:*}:c:*')) do
    if redis.call('TYPE', key).ok == 'hash' then
        total = total + (tonumber(redis.call('HGET', key, 'count')) or 0)
    end
end
return total
"""


def asked_in_redis(story):
    """Messages that all cards in the queue of the story's topic stand for."""
    answer = story.redis("EVAL", COUNT, "0")
    return int(answer[0]) if answer and answer[0].isdigit() else 0


def redis_pid(story):
    answer = story.redis("INFO", "server", raw=True)
    found = re.search(r"process_id:(\d+)", answer)
    return int(found.group(1)) if found else 0


def attach(story, play, rooms):
    story.config([{"url": play.url, "rooms": rooms}])
    return story.run()


def questions_reach_redis_once_though_the_daemon_is_killed_twice():
    with Story() as story:
        play = story.play(story.chat(sample_chat(3000)), "--rooms", "1", "--speed", "5",
                          "--once", "--grace-ms", "90000")
        daemon = attach(story, play, ["r1"])
        for messages in (200, 700):
            until(lambda: story.counters().get("messages", 0) >= messages, what="it is at work")
            daemon.kill(signal.SIGKILL)
            daemon = story.run()
            until(story.status, what="it is up again")
        report = play.report(90)
        spam, asked = expected(3000)
        assert report["applied"] == 2 * spam, report
        until(lambda: asked_in_redis(story) >= asked, what="all questions are in Redis")
        assert asked_in_redis(story) == asked, (asked_in_redis(story), asked)
        assert daemon.stop() == 0


def a_killed_redis_loses_no_question_and_stops_no_moderation():
    with Story() as story:
        play = story.play(story.chat(sample_chat(2000)), "--rooms", "1", "--speed", "5",
                          "--once", "--grace-ms", "60000")
        daemon = attach(story, play, ["r1"])
        until(lambda: asked_in_redis(story) >= 10, what="questions arrive")
        os.kill(redis_pid(story), signal.SIGKILL)
        before = story.counters().get("actions_done", 0)
        until(lambda: story.counters()["actions_done"] > before + 10, what="moderation goes on")
        report = play.report(60)
        spam, asked = expected(2000)
        assert report["applied"] == 2 * spam, report
        until(lambda: asked_in_redis(story) >= asked, 60, "all questions are in Redis")
        assert asked_in_redis(story) == asked, (asked_in_redis(story), asked)
        assert daemon.stop() == 0


def a_stopped_daemon_leaves_no_redis_behind():
    with Story() as story:
        play = story.play(story.chat(sample_chat(100)), "--rooms", "1", "--speed", "max")
        daemon = attach(story, play, ["r1"])
        until(lambda: redis_pid(story), what="Redis is up")
        pid = redis_pid(story)
        assert daemon.stop(10) == 0
        until(lambda: not os.path.exists(f"/proc/{pid}"), 10, "Redis has ended")


def an_answer_of_a_human_is_said_in_the_room():
    with Story() as story:
        play = story.play(story.chat(sample_chat(60)), "--rooms", "1", "--speed", "max")
        daemon = attach(story, play, ["r1"])
        until(lambda: asked_in_redis(story) >= 5, what="questions arrive")
        listed = story.command("queue", "list", "--json")
        if listed.returncode != 0 and "unknown command" in listed.stderr:
            assert daemon.stop() == 0
            return "weir queue is not built"
        claimed = story.command("queue", "claim", "sales", "--json", "--as", "mia")
        assert claimed.returncode == 0, claimed
        card = json.loads(claimed.stdout)
        answered = story.command("queue", "answer", card["id"], "Tomorrow morning", "--as", "mia")
        assert answered.returncode == 0, answered
        counters = until(lambda: story.counters().get("human_actions") and story.counters(),
                         what="the decision comes")
        assert counters["human_actions"] == 1, counters
        assert daemon.stop() == 0
        play.kill(signal.SIGINT)
        report = json.loads(play.out().splitlines()[-1])
        assert report["by_human"] == 1 and report["actions"].get("reply") == 1, report
    return None


def other_words_join_an_open_card_after_a_kill():
    asked = [(0, "什么时候发货？"), (20, "when does it ship?"), (6000, "请问主播什么时候发货啊??"),
             (6020, "when will it ship pls?"), (6040, "有红色吗?")]
    with Story() as story:
        chat = [{"ts": 1700000000000 + at, "room": "r", "user": f"u{at}", "text": text} for at, text in asked]
        play = story.play(story.chat(chat), "--rooms", "1", "--speed", "1", "--once", "--grace-ms", "20000")
        daemon = attach(story, play, ["r1"])
        until(lambda: asked_in_redis(story) == 2, what="two questions arrive")
        daemon.kill(signal.SIGKILL)
        daemon = story.run()
        play.report(40)
        until(lambda: asked_in_redis(story) == 5, what="all questions are in Redis")
        cards = [json.loads(line) for line in story.command("queue", "list", "--json").stdout.splitlines()]
        assert sorted(int(card["count"]) for card in cards) == [1, 2, 2], cards
        assert daemon.stop() == 0


if __name__ == "__main__":
    tell(questions_reach_redis_once_though_the_daemon_is_killed_twice,
         a_killed_redis_loses_no_question_and_stops_no_moderation,
         a_stopped_daemon_leaves_no_redis_behind,
         other_words_join_an_open_card_after_a_kill,
         an_answer_of_a_human_is_said_in_the_room)
