"""A room, a daemon on it, and moderators at their terminals."""

import json

from daemon import until
from room import Room


def chat(seq, text, user="u1", **more):
    return {"type": "chat", "room": "r1", "seq": seq, "id": f"m-{seq}", "text": text,
            "user": {"id": user, "name": f"name of {user}", "identity": "stable"}, **more}


class Loop:
    """A scripted room, a daemon on it, and what moderators type."""

    def __init__(self, story, welcome=None, **more):
        self.story = story
        self.room = Room(**(welcome or {}))
        story.config([{"url": f"ws://127.0.0.1:{self.room.port}/", "rooms": ["r1"]}], **more)
        self.start()

    def start(self):
        self.room.socket = None
        self.daemon = self.story.run()

    def queue(self, *words, ok=True):
        done = self.story.command("queue", *words)
        assert (done.returncode == 0) == ok, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout if ok else done.stderr

    def cards(self, *words):
        done = self.story.command("queue", "list", "--json", *words)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def claim(self, who, *queues):
        return json.loads(self.queue("claim", *queues, "--as", who, "--json"))

    def human(self):
        """What humans decided, each once: after a kill an action may come again under its id, and rooms ignore it."""
        return list({said["id"]: said for said in self.room.all("action") if said["by"] == "human"}.values())

    def until_cards(self, count):
        return until(lambda: len(self.cards()) == count and self.cards(), what=f"{count} cards stand")

    def until_human(self, count):
        return until(lambda: len(self.human()) >= count and self.human(), what=f"{count} decisions")

    def stays(self):
        """A round trip through Redis, daemon and room: what was on its way has come by then."""
        seq = 1000 + len(self.room.heard)
        self.room.say(chat(seq, f"buyspam {seq}", user=f"marker{seq}"))
        until(lambda: any(said.get("message") == f"m-{seq}" for said in self.room.all("action")),
              what="the marker is acted on")
