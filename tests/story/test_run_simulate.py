#!/usr/bin/python3
"""Every cause for which a message can't be decided, in the daemon: forced by --simulate, its policy is carried out
and it is counted; and the one that needs no force, a Redis that is away."""

from daemon import OwnRedis, Story, tell, until

PACK = """
pack: causes
policy: {on_error: %s}
rules:
  - {id: expression, when: {regex: 'a+b'}, then: {do: [ban]}}
"""


def counted(story, name, at_least):
    return until(lambda: story.counters().get(name, 0) >= at_least and story.counters(), 20, f"{name} {at_least}")


def run_with(story, policy, messages, *options, speed="max", **more):
    story.write("pack.yaml", PACK % policy)
    chat = [{"ts": 1700000000000 + i * 50, "room": "r", "user": f"u{i}", "text": f"hello number {i}"}
            for i in range(messages)]
    play = story.play(story.chat(chat), "--rooms", "1", "--speed", speed)
    story.config([{"url": play.url, "rooms": ["r1"]}], **more)
    daemon = story.run(options=options)
    until(story.status, what="it is up")
    return daemon


def follows(cause):
    with Story() as story:
        daemon = run_with(story, "{all: pass, %s: hold}" % cause, 20, "--simulate", cause)
        counters = counted(story, "messages", 20)
        assert counters["degraded_" + cause] == 20 and counters["held"] == 20, counters
        others = {name: count for name, count in counters.items()
                  if name.startswith("degraded_") and count and name not in ("degraded_" + cause, "degraded_redis")}
        assert not others, others
        assert daemon.stop() == 0
        logged = story.lines("state/verdicts")
        assert len(logged) == 20 and all(line["degraded"] for line in logged), logged[:1]


def case(cause):
    def run():
        follows(cause)
    run.__name__ = f"{cause}_is_forced_counted_and_held"
    return run


def a_redis_that_is_away_is_a_cause_by_itself():
    with Story() as story:
        redis = OwnRedis(story)
        daemon = run_with(story, "{all: pass, redis: hold}", 2000, speed="1", redis=redis.url)
        until(lambda: story.status()["redis"]["up"], what="Redis is up")
        before = story.counters()
        counters = counted(story, "messages", before["messages"] + 20)
        assert counters["held"] == before["held"], (before, counters)
        redis.away()
        counters = counted(story, "held", before["held"] + 20)
        assert counters["degraded_redis"] >= counters["held"], counters
        redis.back()
        until(lambda: story.status()["redis"]["up"], what="Redis is up again")
        before = story.counters()
        counters = counted(story, "messages", before["messages"] + 20)
        assert counters["held"] == before["held"], (before, counters)
        assert daemon.stop() == 0


tell(*[case(cause) for cause in ("limit", "hits", "near", "text", "memory", "redis")],
     a_redis_that_is_away_is_a_cause_by_itself)
