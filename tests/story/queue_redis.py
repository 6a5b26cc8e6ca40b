"""A redis-server of a test's own, and the function library in it, for stories about the queues."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD", os.path.join(ROOT, "build"))
WEIR = os.path.join(BUILD, "weir")
SERVER = os.environ.get("WEIR_REDIS_SERVER", "redis-server")
LIMIT_S = 20
CLOCK = "{clock}"


def must(condition, what):
    if not condition:
        raise AssertionError(what)


def library():
    done = subprocess.run([WEIR, "queue", "library"], capture_output=True, text=True, timeout=LIMIT_S)
    must(done.returncode == 0 and done.stdout.startswith("#!lua name=weir"), done.stderr)
    return done.stdout


def library_by_hand():
    """The library, told the time by a key. Nothing else of it is changed."""
    ours = "local function now_ms()\n    return tonumber(redis.call('GET', '%s'))\nend\n" % CLOCK
    text, count = re.subn(r"local function now_ms\(\)\n.*?\nend\n", ours, library(), flags=re.S)
    must(count == 1, "the library gets its time from one function")
    must(text.count("'TIME'") == 0, "and from nowhere else")
    return text


class Redis:
    """On a UNIX socket where weir looks for a private one. By scripts: the library is called by EVALSHA."""

    def __init__(self, *options, by_scripts=False):
        self.by_scripts = by_scripts
        self.sha = ""
        self.state = tempfile.mkdtemp(prefix="weir-queue-")
        self.folder = os.path.join(self.state, "redis")
        self.socket = os.path.join(self.folder, "redis.sock")
        os.mkdir(self.folder)
        self.server = subprocess.Popen(
            [SERVER, "--port", "0", "--unixsocket", self.socket, "--dir", self.folder,
             "--save", "", "--appendonly", "no", *options], stdout=subprocess.DEVNULL)
        end = time.monotonic() + LIMIT_S
        while "PONG" not in self.cli("PING"):
            if time.monotonic() > end:
                raise RuntimeError("redis-server does not answer")

    def cli(self, *words, text=None):
        done = subprocess.run(["redis-cli", "-s", self.socket, *words], capture_output=True,
                              text=True, timeout=LIMIT_S, input=text)
        return done.stdout

    def load(self, text):
        if self.by_scripts:
            self.sha = self.cli("-x", "SCRIPT", "LOAD", text=text.split("\n", 1)[1]).strip()
            return
        must(self.cli("-x", "FUNCTION", "LOAD", "REPLACE", text=text).strip() == "weir", "it is loaded")

    def stop_clock(self, now_ms):
        self.load(library_by_hand())
        self.set_clock(now_ms)

    def set_clock(self, now_ms):
        self.now_ms = now_ms
        self.cli("SET", CLOCK, str(now_ms))

    def later(self, ms):
        self.set_clock(self.now_ms + ms)

    def call(self, name, queue, *args):
        """The answer as JSON; an error as text."""
        queues = queue if isinstance(queue, list) else [queue]
        keys = [str(len(queues)), *("{q:%s}" % one for one in queues)]
        words = ["EVALSHA", self.sha, *keys, "weir_" + name] if self.sha else ["FCALL", "weir_" + name, *keys]
        answer = self.cli("--json", *words, *(str(arg) for arg in args)).strip()
        try:
            return json.loads(answer)
        except json.JSONDecodeError:
            return re.sub(r'^(?:\(error\) )?error:"(.*)"$', r"\1", answer)

    def fields(self, name, queue, *args):
        return as_fields(self.call(name, queue, *args))

    def shell(self, line):
        done = subprocess.run(f"redis-cli -s {self.socket} {line}", shell=True, capture_output=True,
                              text=True, timeout=LIMIT_S)
        return done.stdout

    def weir(self, *words):
        return subprocess.run([WEIR, "queue", *words, "--state", self.state], capture_output=True,
                              text=True, timeout=LIMIT_S)

    def ask(self, card, *fields, queue="sales", fp="", age=0, target=60000, user="u1"):
        return self.call("add", queue, card, fp, age, target, user, "kind", "question", "room", "r1",
                         "message", "m-" + card, "user", user, "text", "when does it ship", *fields)

    def claim(self, who, *wish, queue="sales", lease=60000):
        """What is claimed, as a list of cards; an error as text."""
        cards = self.call("claim", queue, who, lease, *wish)
        return [as_fields(card) for card in cards] if isinstance(cards, list) else cards

    def add(self, queue, card, target=60000, *fields):
        """A flag, to review."""
        return self.cli("FCALL", "weir_add", "1", "{q:%s}" % queue, card, "", "0", str(target),
                        "u1", "kind", "flag", "room", "r1", "message", "m-" + card, "user", "u1",
                        *fields)

    def close(self):
        os.kill(self.server.pid, signal.SIGKILL)
        self.server.wait()
        shutil.rmtree(self.state)


def as_fields(flat):
    must(isinstance(flat, list), f"not a list: {flat}")
    return dict(zip(flat[0::2], flat[1::2]))


def ids(cards):
    must(isinstance(cards, list), f"not cards: {cards}")
    return [card["id"] for card in cards]


def run(stories, *options, by_scripts=False):
    """Prints TAP; each story gets a Redis of its own."""
    failed = 0
    print(f"1..{len(stories)}")
    for number, story in enumerate(stories, 1):
        redis = Redis(*options, by_scripts=by_scripts)
        try:
            redis.load(library())
            story(redis)
            print(f"ok {number} - {story.__name__}", flush=True)
        except (AssertionError, ValueError, IndexError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
            failed += 1
            print(f"not ok {number} - {story.__name__}\n# {error!r}", flush=True)
        finally:
            redis.close()
    return 1 if failed else 0
