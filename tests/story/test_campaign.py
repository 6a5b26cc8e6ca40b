#!/usr/bin/python3
"""Many users, one text: one card, one decision for all of it, back and forward, and one undo."""

import json
import signal

from daemon import Daemon, OwnRedis, Story, WEIR, free_port, tell, until
from room import Room

PACK = """\
pack: story
about: Raids are for a human to look at
rules:
  - id: story.raid
    when: {campaign: {accounts: 5, per: 1m}}
    then: {do: [{flag: {queue: raids}}]}
"""

HOLDS = PACK.replace("{flag: {queue: raids}}", "{hold: {queue: raids}}").replace("per: 1m", "per: 1m, lasts: 5m")

RAID = "come all to the other channel, it gives away free skins tonight"


def chat(seq, text=None, user=None, **more):
    tail = "!" * (seq % 3)
    return {"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}", "text": text or f"{RAID}{tail}",
            "user": {"id": user or f"u{seq}", "name": f"n{seq}", "identity": "stable"}, **more}


class Raid:
    """A scripted room, a daemon on it, and what moderators type."""

    def __init__(self, story, pack=PACK, **more):
        self.story = story
        self.room = Room()
        story.write("pack.yaml", pack)
        self.redis = OwnRedis(story)
        story.config([{"url": f"ws://127.0.0.1:{self.room.port}/", "rooms": ["r1"], **more}],
                     redis=self.redis.url)
        self.daemon = story.run()

    def queue(self, *words):
        done = self.story.command("queue", *words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def card(self, *words):
        cards = [json.loads(line) for line in self.queue("list", "raids", "--json", *words).splitlines()]
        assert len(cards) <= 1, cards
        return cards[0] if cards else {"count": 0}

    def until_counted(self, count, *words):
        return until(lambda: self.card(*words)["count"] == count and self.card(*words),
                     what=f"a card of {count} messages")

    def decide(self, *words):
        card = json.loads(self.queue("claim", "raids", "--as", "kim", "--json"))
        done = self.queue("resolve", card["id"], "--as", "kim", *words, "--json")
        return json.loads(done)["decision"]

    def undo(self, decision):
        return json.loads(self.queue("undo", decision, "--as", "kim", "--json"))["undone"]

    def done(self, kind, key="message"):
        """What was named, once for each action, however often it came."""
        actions = {action["id"]: action for action in self.room.all("action") if action["do"] == kind}
        return sorted((action.get(key) or "" for action in actions.values()),
                      key=lambda name: int(name[name.find("-") + 1:].lstrip("u") or 0))

    def until_done(self, kind, names, key="message"):
        until(lambda: len(self.done(kind, key)) >= len(names), what=f"{kind} {names}")
        assert self.done(kind, key) == names, (kind, self.done(kind, key), names)

    def acked(self):
        return max((said["seq"] for said in self.room.all("ack")), default=0)

    def say(self, *seqs, **more):
        self.room.say_joined(*[chat(seq, **more) for seq in seqs])
        until(lambda: self.acked() >= seqs[-1], what=f"{seqs[-1]} is settled")


def ids(first, last):
    return [f"m-{seq}" for seq in range(first, last + 1)]


def users(first, last):
    return [f"u{seq}" for seq in range(first, last + 1)]


def one_decision_reaches_back_and_forward_and_one_undo_takes_it_back():
    with Story() as story:
        raid = Raid(story)
        raid.say(*range(1, 31))
        card = raid.until_counted(26)
        assert card["accounts"] == 30 and card["messages"] == 30 and card["campaign"].startswith("c-"), card
        assert "30 messages of 30 accounts within" in raid.queue("show", card["id"])
        raid.say(31, text="what a lovely evening it is", user="ann")
        decision = raid.decide("--verdict", "delete+timeout", "--for", "10m", "--reason", "no raids")
        raid.until_done("delete", ids(1, 30))
        raid.until_done("timeout", users(1, 30), "user")
        until(lambda: "campaign.decided" in raid.daemon.log(), what="it stands")
        raid.say(*range(41, 61))
        raid.until_done("delete", ids(1, 30) + ids(41, 60))
        raid.until_done("timeout", users(1, 30) + users(41, 60), "user")
        later = [a for a in raid.room.all("action") if a["message"] == "m-41"]
        assert all(decision in a["rules"] and a["reason"] == "no raids" for a in later), later
        raid.until_counted(46, "--done")
        assert raid.undo(decision) == "partly"  # deletes can't be taken back
        raid.until_done("untimeout", users(1, 30) + users(41, 60), "user")
        until(lambda: "campaign.undone" in raid.daemon.log(), what="it stands no more")
        raid.say(*range(71, 81))
        raid.until_counted(56)
        assert len(raid.done("delete")) == 50 and len(raid.done("timeout")) == 50
        assert raid.undo(decision) == "partly" and len(raid.done("untimeout")) == 50  # said twice, done once
        assert raid.daemon.stop() == 0


def it_stands_through_a_kill_and_with_who_takes_the_room_over():
    with Story() as story:
        raid = Raid(story)
        raid.say(*range(1, 9))
        raid.until_counted(4)
        decision = raid.decide("--verdict", "delete+timeout", "--for", "10m")
        raid.until_done("delete", ids(1, 8))
        raid.daemon.kill(signal.SIGKILL)
        raid.room.socket = None
        raid.daemon = story.run(name="again")
        until(lambda: "campaign.decided" in raid.daemon.log(), what="the next life goes on with it")
        raid.say(*range(11, 14))
        raid.until_done("delete", ids(1, 8) + ids(11, 13))
        path = story.write("second.yaml", f"state: state-2\nredis: {raid.redis.url}\nrules: [pack.yaml]\n"
                           f"rooms: [{{url: 'ws://127.0.0.1:{raid.room.port}/', rooms: [r1]}}]\n")
        raid.daemon.kill(signal.SIGKILL)
        raid.room.socket = None
        raid.redis.cli("PEXPIRE", "weir:room:r1", "1")  # its lease would last half a minute
        second = Daemon([WEIR, "run", "-c", path], story.folder, "second")
        story.processes.append(second)
        until(lambda: "campaign.decided" in second.log(), what="the other one goes on with it")
        raid.say(*range(21, 24))
        raid.until_done("timeout", users(1, 8) + users(11, 13) + users(21, 23), "user")
        raid.until_counted(10, "--done")
        raid.undo(decision)
        raid.until_done("untimeout", users(1, 8) + users(11, 13) + users(21, 23), "user")
        until(lambda: raid.redis.cli("XLEN", "{a:r1}:actions").strip() == "0", what="nothing is left")
        raid.say(*range(31, 34))
        assert "m-31" not in raid.done("delete")
        assert second.stop() == 0


def what_was_held_is_released_together_and_the_campaign_left_alone():
    with Story() as story:
        raid = Raid(story, HOLDS)
        raid.say(*range(1, 9))
        raid.until_counted(4)
        raid.until_done("hold", ids(5, 8))
        decision = raid.decide("--verdict", "dismiss")
        raid.until_done("release", ids(1, 8))
        until(lambda: "campaign.decided" in raid.daemon.log(), what="it stands")
        raid.say(*range(11, 14))
        assert raid.done("hold") == ids(5, 8), raid.done("hold")
        raid.undo(decision)
        until(lambda: "campaign.undone" in raid.daemon.log(), what="it stands no more")
        raid.say(*range(21, 24))
        raid.until_done("hold", ids(5, 8) + ids(21, 23))
        raid.until_counted(7)
        assert raid.daemon.stop() == 0


def what_no_rule_saw_is_reached_on_the_screen():
    with Story() as story:
        raid = Raid(story, PACK.replace("then:", "unless: {user: {role: subscriber}}\n    then:"))
        raid.room.say_joined(*[chat(seq) for seq in range(1, 6)])
        silent = chat(6)
        silent["user"]["roles"] = ["subscriber"]
        raid.room.say(silent)
        raid.until_counted(1)
        until(lambda: raid.acked() == 6, what="all is settled")
        decision = raid.decide("--verdict", "ban")
        raid.until_done("ban", users(1, 6), "user")
        raid.undo(decision)
        raid.until_done("unban", users(1, 6), "user")
        assert raid.daemon.stop() == 0


def a_decision_ends_by_itself():
    with Story() as story:
        raid = Raid(story)
        raid.say(*range(1, 6))
        raid.until_counted(1)
        raid.decide("--verdict", "delete", "--lasts", "2s")
        raid.until_done("delete", ids(1, 5))
        until(lambda: raid.redis.cli("XLEN", "{a:r1}:actions").strip() == "0", what="it is over")
        raid.say(11)
        raid.until_counted(1)  # a new card
        assert raid.done("delete") == ids(1, 5)
        assert raid.daemon.stop() == 0


def a_decision_that_never_left_is_removed():
    with Story() as story:
        raid = Raid(story)
        raid.say(*range(1, 6))
        card = raid.until_counted(1)
        raid.daemon.kill(signal.SIGKILL)
        decision = raid.decide("--verdict", "delete+ban")
        assert raid.undo(decision) == "removed"
        assert raid.redis.cli("XLEN", "{q:raids}:out").strip() == "0"
        assert raid.card()["id"] == card["id"]


def play_shows_it_from_the_rooms_side():
    """30 accounts and a decision; the evening goes on with 30 more; an undo; and the last 30 pass."""
    with Story() as story:
        story.write("pack.yaml", PACK)
        port = free_port()

        def play(count):
            chat = story.chat({"ts": 1700000000000 + i * 10, "room": "r1", "user": f"u{i}", "id": f"m-{i}",
                               "text": RAID} for i in range(count))
            return story.play(chat, port=port, name=f"play-{count}")

        def queue(*words):
            done = story.command("queue", *words, "--as", "kim", "--json")
            return [json.loads(line) for line in done.stdout.splitlines()]

        def deleted():
            return story.counters().get("actions_done", 0)

        first = play(30)
        story.config([{"url": first.url, "rooms": ["r1"]}])
        daemon = story.run()
        until(lambda: [card for card in queue("list", "raids") if card["count"] == 26], what="the card stands")
        card = queue("claim", "raids")[0]
        decision = queue("resolve", card["id"], "--verdict", "delete")[0]["decision"]
        until(lambda: deleted() == 30, what="what is on screen goes")
        first.kill()
        second = play(60)
        until(lambda: deleted() == 60, what="what comes later goes")
        queue("undo", decision)
        until(lambda: "campaign.undone" in daemon.log(), what="it is taken back")
        second.kill()
        play(90)
        until(lambda: story.counters()["messages"] == 90, what="all is judged")
        until(lambda: queue("list", "raids")[0]["count"] == 86, what="the rest is on the card again")
        assert deleted() == 60, story.counters()
        assert daemon.stop() == 0


tell(one_decision_reaches_back_and_forward_and_one_undo_takes_it_back,
     it_stands_through_a_kill_and_with_who_takes_the_room_over,
     what_was_held_is_released_together_and_the_campaign_left_alone,
     what_no_rule_saw_is_reached_on_the_screen,
     a_decision_ends_by_itself,
     a_decision_that_never_left_is_removed,
     play_shows_it_from_the_rooms_side)
