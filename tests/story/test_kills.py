#!/usr/bin/python3
"""weir run, killed again and again at moments that nobody chose, under load: what the room's side and Redis
count in the end is what an undisturbed run leaves. No decision of rules or humans is lost, none is applied
twice, no card is missing or counted twice.

    WEIR_KILLS=200 WEIR_KILLS_SECONDS=600 tests/story/test_kills.py    as scripts/soak does it
"""

import json
import os
import random
import signal
import time

from daemon import OwnRedis, Story, expected, sample_chat, tell, until

KILLS = int(os.environ.get("WEIR_KILLS", "40"))
SECONDS = int(os.environ.get("WEIR_KILLS_SECONDS", "45"))
PER_SECOND = 500  # messages of each of two rooms
LONGEST_LIFE = 1.2  # s from one start to the kill
SEED = int(os.environ.get("WEIR_SEED", str(random.SystemRandom().randrange(1 << 32))))

COUNT_OF_CARDS = """
local sum = 0
for _, key in ipairs(redis.call('KEYS', '{q:sales}:c:c-*')) do
    if redis.call('TYPE', key).ok == 'hash' then
        sum = sum + tonumber(redis.call('HGET', key, 'count'))
    end
end
return sum"""


def decide(redis, number):
    """What a moderator announces, as a queue's decision brings it to the room; False before weir has put its functions there."""
    action = {"type": "action", "id": f"a-human-{number}", "room": "r1", "do": "announce",
              "text": f"decision {number}", "by": "human"}
    answer = redis.cli("FCALL", "weir_relay", "1", "{a:r1}", action["id"], json.dumps(action))
    return answer.strip() == "1"


def kill_again_and_again(story, redis, play, daemon):
    dice = random.Random(SEED)
    end = time.monotonic() + SECONDS
    kills = decisions = 0
    while kills < KILLS and time.monotonic() < end and play.is_running():
        # Not awaited but slept: the moment must not be one that weir or the test chose.
        time.sleep(dice.uniform(0.02, LONGEST_LIFE))
        decisions += decide(redis, decisions)
        time.sleep(dice.uniform(0, 0.02))
        daemon.kill(signal.SIGKILL)
        daemon = story.run()
        kills += 1
    return daemon, kills, decisions


def nothing_is_lost_and_nothing_is_done_twice_however_often_it_is_killed():
    with Story() as story:
        count = PER_SECOND * SECONDS
        play = story.play(story.chat(sample_chat(count)), "--rooms", "2", "--speed",
                          str(PER_SECOND // 100), "--once", "--grace-ms", "120000")
        redis = OwnRedis(story)  # which no kill of weir takes along: decisions are made while it is dead
        story.config([{"url": play.url, "rooms": ["r1", "r2"]}], redis=redis.url)
        daemon, kills, decisions = kill_again_and_again(story, redis, play, story.run())
        report = play.report(SECONDS + 120)
        spam, asked = expected(count)
        print(f"# seed {SEED}: {kills} kills, {decisions} decisions, {report['sent']} messages sent, "
              f"{report['repeated_actions']} actions came again with their id")
        assert report["sent"] == 2 * count and report["gaps"] == 0, report
        assert report["actions"] == {"delete": 2 * spam, "timeout": 2 * spam, "announce": decisions}, report
        assert report["applied"] == 4 * spam + decisions, report
        until(lambda: redis.cli("EVAL", COUNT_OF_CARDS, "0").strip() == str(2 * asked), 60, what=f"{2 * asked} questions in Redis")
        assert daemon.stop() == 0


tell(nothing_is_lost_and_nothing_is_done_twice_however_often_it_is_killed)
