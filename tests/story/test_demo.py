#!/usr/bin/python3
"""The demo as a newcomer runs it: everything starts, something of each kind happens, Ctrl-C ends all
of it and leaves nothing behind. Prints TAP."""

import os
import re
import signal
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEIR = os.path.join(ROOT, os.environ.get("WEIR_BUILD", "build"), "weir")


def processes_with(text):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if text.encode() in file.read():
                    found.append(int(pid))
        except OSError:
            pass  # it has ended meanwhile
    return found


def read_until(process, patterns):
    """Reads lines until each pattern was seen in one of them."""
    missing, lines = list(patterns), []
    for line in process.stdout:
        lines.append(line)
        missing = [pattern for pattern in missing if not re.search(pattern, line)]
        if not missing:
            return lines
    raise AssertionError(f"the demo ended before {missing}: {''.join(lines[-20:])}")


def the_demo_shows_all_and_leaves_nothing(folder):
    process = subprocess.Popen([WEIR, "demo", "--plain", "--speed", "15", "--seconds", "120"],
                               env={**os.environ, "TMPDIR": folder}, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    try:
        read_until(process, [
            r"^room \| 小满: 什么时候发货呀",
            r"^verdicts \| .*delete.*insults\.[a-z]+-zh",
            r"^room \|   \(delete ",
            r"^room \|   \(muted for 10 min: ",
            r"^verdicts \| .*question: shipping",
            r"^queue \| answered in sales: ",
            r"^room \|   weir: ",
        ])
        assert processes_with(folder), "its processes are not to be seen"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(20) == 0, rest
        assert re.search(r"\d+ messages, [1-9]\d* removed, [1-9]\d* muted", rest), rest
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert not os.listdir(folder), f"left behind: {os.listdir(folder)}"
    assert not processes_with(folder), f"still running: {processes_with(folder)}"


def main():
    print("1..1")
    with tempfile.TemporaryDirectory(prefix="weir-story-demo-") as folder:
        try:
            the_demo_shows_all_and_leaves_nothing(folder)
        except AssertionError as error:
            print("# " + str(error).replace("\n", "\n# "))
            print("not ok 1 - the demo shows all and leaves nothing")
            return 1
    print("ok 1 - the demo shows all and leaves nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
