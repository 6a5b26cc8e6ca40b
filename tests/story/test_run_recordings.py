#!/usr/bin/python3
"""weir run, with the packs that ship, on real recorded chats: at full speed, and for a minute at the
pace at which they happened; the connection is cut in the middle, every message is judged exactly once.

The recordings are ../shared/corpus (or $WEIR_SHARED/corpus); without them the cases are skipped.
"""

import json
import os
import signal
import subprocess
from collections import Counter

from daemon import ROOT, SHARED, Story, tell, until

MINUTE_S = 60
FULL_SPEED = "chat-zh-douyu/douyu-2267291.jsonl.gz"
OWN_PACE = "chat-youtube-live/ishowspeed-hk.jsonl.gz"  # 13 messages a second, 46 at most


def recording(name):
    path = os.path.join(SHARED, "corpus", name)
    return path if os.path.exists(path) else None


def attach(story, play):
    story.write("weir.yaml", "state: state\n"
                f"rules: [{json.dumps(os.path.join(ROOT, 'rules'))}]\n"
                "record: {dir: chats}\n"
                f"rooms: [{{url: '{play.url}', rooms: [r1]}}]\n")
    return story.run()


def judged_messages(story):
    """How often each message was judged: what the daemon recorded as it judged."""
    return Counter(line["id"] for line in story.lines("chats") if line.get("type", "chat") == "chat")


def check_judged_once(story, daemon, report):
    messages = until(lambda: story.counters().get("messages") == report["judged"] and
                     report["judged"], what="the daemon judged what play says was judged")
    assert daemon.stop() == 0, daemon.log()
    judged = judged_messages(story)
    again = [name for name, times in judged.items() if times != 1]
    assert not again, f"judged more than once: {again[:5]}"
    assert len(judged) == messages == report["judged"], (len(judged), messages, report)
    assert report["connections"] == 2, report
    assert report["applied"] > 0 and report["most_repeats"] <= 1, report


def a_recording_at_full_speed():
    path = recording(FULL_SPEED)
    if not path:
        return f"no {FULL_SPEED}"
    with Story() as story:
        play = story.play(path, "--rooms", "1", "--speed", "max", "--once", "--cut-after", "12000")
        daemon = attach(story, play)
        report = play.report(120)
        assert report["sent"] == report["judged"], report
        check_judged_once(story, daemon, report)
    return None


def a_recording_for_a_minute_at_its_own_pace():
    path = recording(OWN_PACE)
    if not path:
        return f"no {OWN_PACE}"
    with Story() as story:
        play = story.play(path, "--rooms", "1", "--speed", "1", "--cut-after", "300")
        daemon = attach(story, play)
        # A minute of the room's own time is the subject here, so it is waited for.
        until(lambda: story.counters().get("messages", 0) > 0, what="the room is live")
        try:
            play.wait(MINUTE_S)
            raise AssertionError("play ended by itself: " + play.log())
        except subprocess.TimeoutExpired:
            pass
        play.process.send_signal(signal.SIGINT)
        report = play.report()
        assert report["sent"] > MINUTE_S * 5, report
        assert report["sent"] - report["judged"] <= 50, report  # sent in the last moment
        check_judged_once(story, daemon, report)
    return None


if __name__ == "__main__":
    tell(a_recording_at_full_speed, a_recording_for_a_minute_at_its_own_pace)
