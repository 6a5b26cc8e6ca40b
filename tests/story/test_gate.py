#!/usr/bin/python3
"""Gate mode: the platform waits for verdicts. In time they are the verdict; too late the room's policy holds,
and what the verdict wanted is done by an action."""

from daemon import Story, tell, until
from room import Room

SLOW_FRAME = 6000  # messages in one frame: no machine judges them within a millisecond


def chat(seq, text):
    return {"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}", "text": text,
            "user": {"id": f"u{seq}", "name": "x", "identity": "stable"}}


def attach(story, **welcome):
    room = Room(mode="gate", **welcome)
    story.write("pack.yaml", """\
pack: story
about: One rule for each verdict
rules:
  - {id: s.delete, when: {word: [deleteme]}, then: {do: [delete]}, hit: [deleteme], miss: [hello]}
  - {id: s.hold, when: {word: [holdme]}, then: {do: [hold]}, hit: [holdme], miss: [hello]}
  - {id: s.mask, when: {word: [maskme]}, then: {do: [mask]}, hit: [maskme], miss: [hello]}
""")
    story.config([{"url": f"ws://127.0.0.1:{room.port}/", "rooms": ["r1"]}])
    return room, story.run()


def verdicts(room, count):
    until(lambda: len(room.all("verdict")) >= count, what="every message has its verdict")
    return {said["id"]: said["verdict"] for said in room.all("verdict")}


def acked(room):
    return max((said["seq"] for said in room.all("ack")), default=0)


def in_time_the_verdict_is_all_there_is():
    with Story() as story:
        room, daemon = attach(story, deadline_ms=5000)
        room.say_joined(chat(1, "hello"), chat(2, "deleteme"), chat(3, "holdme"), chat(4, "maskme now"))
        said = verdicts(room, 4)
        assert said == {"m-1": "pass", "m-2": "delete", "m-3": "hold", "m-4": "mask"}, said
        until(lambda: acked(room) == 4, what="all is settled")
        assert room.all("action") == [], room.all("action")
        assert "late" not in story.counters(), story.counters()
        assert daemon.stop() == 0


def late(policy):
    """What weir says of four messages at the end of a frame that takes longer than the deadline."""
    with Story() as story:
        room, daemon = attach(story, deadline_ms=1, late=policy)
        texts = ["hello", "deleteme", "holdme", "maskme now"]
        room.say_joined(*[chat(seq, "hello") for seq in range(1, SLOW_FRAME + 1)],
                        *[chat(SLOW_FRAME + i, text) for i, text in enumerate(texts, 1)])
        said = verdicts(room, SLOW_FRAME + 4)
        assert set(said.values()) == {policy}, set(said.values())
        until(lambda: acked(room) == SLOW_FRAME + 4, what="all is settled")
        assert story.counters()["late"] == SLOW_FRAME + 4, story.counters()
        done = [(a["do"], a["message"]) for a in room.all("action")]
        assert daemon.stop() == 0
        return [(do, texts[int(message[2:]) - SLOW_FRAME - 1]) for do, message in done
                if int(message[2:]) > SLOW_FRAME], done


def what_was_let_pass_too_late_is_dealt_with_by_actions():
    done, _ = late("pass")
    assert done == [("delete", "deleteme"), ("hold", "holdme"), ("mask", "maskme now")], done


def what_was_held_for_being_late_is_released_unless_it_must_not_be():
    done, every = late("hold")
    assert sorted(done) == [("delete", "deleteme"), ("mask", "maskme now"), ("release", "hello"),
                            ("release", "maskme now")], done
    assert sum(1 for do, _ in every if do == "release") == SLOW_FRAME + 2


tell(in_time_the_verdict_is_all_there_is,
     what_was_let_pass_too_late_is_dealt_with_by_actions,
     what_was_held_for_being_late_is_released_unless_it_must_not_be)
