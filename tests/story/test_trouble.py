#!/usr/bin/python3
"""One room's connection hangs half-open, crawls, is cut and refused, while messages keep coming; another
room's is well. Memory stays bounded, the one catches up with everything, the other notices nothing.

    WEIR_TROUBLE_SECONDS=120 WEIR_TROUBLE_RATE=5000 tests/story/test_trouble.py    as scripts/soak does it
"""

import os
import time

from daemon import Story, expected, sample_chat, tell, until
from proxy import Proxy

SECONDS = int(os.environ.get("WEIR_TROUBLE_SECONDS", "3"))  # of each trouble
RATE = int(os.environ.get("WEIR_TROUBLE_RATE", "2000"))  # messages a second of the room in trouble
QUIET_RATE = 100
TROUBLES = ("hang", "slow", "cut")
MOST_MIB = 200  # that weir may take more than at rest; measured: see bench/README.md


def resident_mib(process):
    with open(f"/proc/{process.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def watch(daemon, seconds):
    """The most memory that it took meanwhile."""
    end = time.monotonic() + seconds
    most = 0
    while time.monotonic() < end:
        most = max(most, resident_mib(daemon))
        time.sleep(0.1)
    return most


def one_room_in_trouble_catches_up_and_the_other_notices_nothing():
    seconds = SECONDS * len(TROUBLES) * 2
    grace_ms = str(120000 + SECONDS * 3000)  # longer than a cut and the longest wait after it
    with Story() as story:
        bad_chat = story.chat(sample_chat(RATE * seconds, "bad"), "bad.jsonl")
        good_chat = story.chat(sample_chat(QUIET_RATE * seconds, "good"), "good.jsonl")
        bad = story.play(bad_chat, "--rate", str(RATE), "--once", "--grace-ms", grace_ms, name="bad")
        good = story.play(good_chat, "--rate", str(QUIET_RATE), "--once", "--grace-ms", grace_ms,
                          name="good")
        proxy = Proxy(int(bad.url.split(":")[2].split("/")[0]))
        story.config([{"url": f"ws://127.0.0.1:{proxy.port}/", "rooms": ["bad"]},
                      {"url": good.url, "rooms": ["good"]}])
        daemon = story.run()
        until(lambda: story.counters().get("messages", 0) > 100, what="both are attached")
        rest = resident_mib(daemon)
        most = {}
        for trouble in TROUBLES:
            proxy.become(trouble)
            most[trouble] = watch(daemon, SECONDS)
            proxy.become("pass")
            most[f"after {trouble}"] = watch(daemon, SECONDS / 2)
        report = {name: play.report(2 * seconds + 180) for name, play in (("bad", bad), ("good", good))}
        growth = max(most.values()) - rest
        counters = story.counters()
        print(f"# {RATE} messages/s, each trouble {SECONDS} s: {rest:.0f} MiB at rest, "
              f"{growth:.0f} MiB more at most; the other room's actions p50 "
              f"{report['good']['action_latency']['p50_us'] / 1000:.1f} ms, p99 "
              f"{report['good']['action_latency']['p99_us'] / 1000:.1f} ms; "
              f"{counters.get('actions_expired', 0)} deletes expired, {counters.get('gaps', 0)} messages "
              f"lost by the server")
        check(report, counters, seconds)
        assert growth < MOST_MIB, most
        assert daemon.stop() == 0


def check(report, counters, seconds):
    spam, _ = expected(QUIET_RATE * seconds)
    good = report["good"]
    assert good["actions"] == {"delete": spam, "timeout": spam} and good["connections"] == 1, good
    assert good["action_latency"]["p50_us"] < 200000, good
    bad = report["bad"]
    spam, _ = expected(RATE * seconds)
    assert bad["sent"] == RATE * seconds and bad["connections"] >= 2, bad
    if bad["gaps"] == 0:
        expired = counters.get("actions_expired", 0)
        assert counters["messages"] == bad["sent"] + good["sent"], counters
        assert bad["actions"].get("timeout") == spam, (bad, counters)
        assert bad["actions"]["delete"] + expired >= spam, (bad, counters)


tell(one_room_in_trouble_catches_up_and_the_other_notices_nothing)
