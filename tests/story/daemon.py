"""What stories about the daemon share: weir play and weir run as processes, conditions with deadlines,
and cases told as TAP. Nothing sleeps and hopes: what is awaited is a condition, and a deadline fails."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"))
WEIR = os.path.join(BUILD, "weir")
SHARED = os.environ.get("WEIR_SHARED", os.path.join(ROOT, "..", "shared"))

PACK = """\
pack: story
about: Rules that a story can foresee
rules:
  - id: story.spam
    about: Deletes spam and mutes who sends it
    when: {word: [buyspam]}
    then: {do: [delete, {timeout: 10m}], reason: {zh: 请勿刷屏, en: Please do not spam}}
    hit: [buyspam now]
    miss: [hello]
  - id: story.look
    about: Shows a line to a human
    when: {word: [lookatme]}
    then: {do: [flag]}
    hit: [lookatme]
topics:
  - {id: anything, when: {includes: ['?']}, queue: sales, target: 90s}
"""


def until(condition, seconds=30, what="a condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    def __init__(self, arguments, folder, name, **more):
        self.log_path = os.path.join(folder, f"{name}.err")
        self.out_path = os.path.join(folder, f"{name}.out")
        self.process = subprocess.Popen(
            arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=open(self.out_path, "wb"),
            stderr=open(self.log_path, "ab"), **more)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def out(self):
        with open(self.out_path, encoding="utf-8", errors="replace") as out:
            return out.read()

    def is_running(self):
        return self.process.poll() is None

    def wait(self, seconds=30):
        return self.process.wait(seconds)

    def kill(self, number=signal.SIGKILL):
        if self.is_running():
            self.process.send_signal(number)
        return self.process.wait(15)


class Story:
    """A folder of its own and everything started in it, ended whatever happens."""

    def __init__(self):
        self.holder = tempfile.TemporaryDirectory(prefix="weir-story-")
        self.folder = self.holder.name
        self.processes = []
        self.write("pack.yaml", PACK)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for process in reversed(self.processes):
            if process.is_running():
                process.kill(signal.SIGTERM if isinstance(process, Daemon) else signal.SIGKILL)
        if kind:
            for process in self.processes:
                print("".join(f"# {line}\n" for line in process.log().splitlines()[-30:]), end="")
        self.holder.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def chat(self, lines, name="chat.jsonl"):
        with open(self.path(name), "w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return self.path(name)

    def play(self, chat, *options, port=0, name="play"):
        process = Play([WEIR, "play", chat, "--listen", f"127.0.0.1:{port}", "--json", *options],
                       self.folder, name)
        self.processes.append(process)
        until(lambda: process.out().startswith("ws://") and "\n" in process.out(), 120,
              what="play listens")  # once it has read the chat, which may be long
        process.url = process.out().splitlines()[0]
        return process

    def config(self, rooms, **more):
        text = "state: state\nrules: [pack.yaml]\n" + "".join(f"{k}: {v}\n" for k, v in more.items())
        text += "rooms:\n" + "".join(f"  - {json.dumps(room)}\n" for room in rooms)
        return self.write("weir.yaml", text)

    def run(self, name="run", options=(), **more):
        daemon = Daemon([WEIR, "run", "-c", self.path("weir.yaml"), *options], self.folder, name, **more)
        self.processes.append(daemon)
        return daemon

    def command(self, *arguments):
        return subprocess.run([WEIR, *arguments, "-c", self.path("weir.yaml")], cwd=self.folder,
                              capture_output=True, text=True, timeout=60, check=False)

    def status(self, verb="status"):
        done = self.command(verb, "--json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def counters(self):
        status = self.status()
        return status["counters"] if status else {}

    def lines(self, folder):
        """All JSON lines of the journals in a folder, oldest file first."""
        found = []
        for entry in sorted(os.listdir(self.path(folder))):
            with open(os.path.join(self.path(folder), entry), encoding="utf-8") as file:
                found += [json.loads(line) for line in file]
        return found

    def redis(self, *words, raw=False):
        """A command to the daemon's private Redis."""
        done = subprocess.run(["redis-cli", "-s", self.redis_socket(), *words],
                              capture_output=True, text=True, timeout=20, check=False)
        return done.stdout if raw else done.stdout.split("\n")[:-1]

    def redis_socket(self):
        for folder, _, files in os.walk(self.path("state")):
            for name in files:
                if name.endswith(".sock") and name != "weir.sock":
                    return os.path.join(folder, name)
        return "/nowhere"


class Play(Process):
    def report(self, seconds=60):
        self.wait(seconds)
        return json.loads(self.out().splitlines()[-1])


class Daemon(Process):
    def stop(self, seconds=15):
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


class OwnRedis:
    """A redis-server that is the operator's, and outlives the daemon."""

    def __init__(self, story):
        self.socket = story.path("own.sock")
        self.url = f"unix://{self.socket}"
        self.story = story
        self.back()

    def back(self):
        """Starts it, with what it held when it went away."""
        self.server = Process(["redis-server", "--port", "0", "--unixsocket", self.socket],
                              self.story.folder, "redis")
        self.story.processes.append(self.server)
        until(lambda: self.cli("PING").strip() == "PONG", what="Redis is up")

    def away(self):
        self.cli("SHUTDOWN", "SAVE")
        self.server.wait()

    def cli(self, *words):
        done = subprocess.run(["redis-cli", "-s", self.socket, *words], capture_output=True,
                              text=True, timeout=20, check=False)
        return done.stdout


def tell(*cases):
    """Runs cases, prints TAP, and exits."""
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        name = case.__name__.replace("_", " ")
        try:
            outcome = case()
            skip = f" # SKIP {outcome}" if isinstance(outcome, str) else ""
            print(f"ok {number} - {name}{skip}", flush=True)
        except Exception:  # a case must not take the others along
            failed += 1
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
            print(f"not ok {number} - {name}", flush=True)
    sys.exit(1 if failed else 0)


def sample_chat(count, room="r"):
    """Ordinary talk with spam in every tenth line and a question in every seventh."""
    for i in range(count):
        text = f"message number {i}"
        if i % 10 == 3:
            text = f"buyspam at my place {i}"
        elif i % 7 == 5:
            text = f"what about thing {i} ?"
        yield {"ts": 1700000000000 + i * 10, "room": room, "user": f"u{i % 97}-{i}", "text": text}


def expected(count):
    spam = sum(1 for i in range(count) if i % 10 == 3)
    asked = sum(1 for i in range(count) if i % 10 != 3 and i % 7 == 5)
    return spam, asked
