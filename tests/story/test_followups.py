#!/usr/bin/python3
"""What is open when a room ends is a list with owners, until it is dealt with."""

import json

from daemon import OwnRedis, Story, tell, until
from moderators import Loop, chat


class Room(Loop):
    def followups(self):
        done = self.story.command("queue", "followups", "--json")
        assert done.returncode == 0, done
        return {card["text"]: card["follow_up_by"] for card in map(json.loads, done.stdout.splitlines())}

    def set(self, *words):
        done = self.story.command("rooms", "set", "r1", *words)
        assert done.returncode == 0, done


def what_is_open_at_the_end_is_a_list_with_owners():
    with Story() as story:
        room = Room(story)
        room.room.say(chat(1, "when does it ship ?"), chat(2, "is it red or 40 ?", user="u2"), chat(3, "lookatme", user="u3"))
        room.until_cards(3)
        assert room.followups() == {} and "nothing is left" in room.queue("followups")
        room.set("--moderator", "kim")
        held = room.claim("bob", "sales")
        room.room.say({"type": "room", "room": "r1", "state": "ended"})
        owners = {"when does it ship ?": "bob", "is it red or 40 ?": "kim", "lookatme": "kim"}
        until(lambda: room.followups() == owners, what=f"all that is open is listed with its owner: {owners}")
        told = room.queue("followups")
        assert told.count("for kim") == 2 and "for bob" in told and "ended 0 minutes ago" in told, told
        room.room.say({"type": "room", "room": "r1", "state": "live"}, chat(4, "where are you now ?", user="u4"))
        room.until_cards(4)
        assert len(room.followups()) == 3, "what is asked in the next stream is none"
        room.queue("resolve", held["id"], "--verdict", "done", "--as", "bob")
        until(lambda: len(room.followups()) == 2, what="what is done is off the list")
        assert room.daemon.stop() == 0


def an_end_reaches_the_list_through_kill_9_and_redis_away():
    with Story() as story:
        redis = OwnRedis(story)
        room = Room(story, redis=redis.url)
        room.room.say(chat(1, "when does it ship ?"))
        room.until_cards(1)
        redis.away()
        room.set("--state", "ended", "--moderator", "kim")
        room.room.say(chat(2, "hello"))
        until(lambda: any(a["seq"] == 2 for a in room.room.all("ack")), what="all of it is on disk")
        room.daemon.kill()
        redis.back()
        room.start()
        until(lambda: room.followups() == {"when does it ship ?": "kim"}, what="the list has it")
        assert story.status("rooms")["rooms"][0]["state"] == "ended"
        assert room.daemon.stop() == 0


tell(what_is_open_at_the_end_is_a_list_with_owners, an_end_reaches_the_list_through_kill_9_and_redis_away)
