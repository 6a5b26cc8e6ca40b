#!/usr/bin/python3
"""The queues while one Redis takes over from another that was killed or hangs: what a replica confirmed holds. And
by EVALSHA, with a Redis that forgets its scripts. See tests/queues/README.md."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD", os.path.join(ROOT, "build"))
CHECKER = os.path.join(BUILD, "tests", "queues", "check_queues")

CASES = [
    ("what a replica confirmed holds through failovers",
     ["--failover", "--operations", "25000", "--faults", "8", "--seed", "2"]),
    ("a redis without functions holds as well", ["--evalsha", "--operations", "5000", "--faults", "2"]),
]


def main():
    print(f"1..{len(CASES)}", flush=True)
    failed = 0
    for number, (name, words) in enumerate(CASES, 1):
        done = subprocess.run([CHECKER, *words], capture_output=True, text=True, timeout=280)
        failed += done.returncode != 0
        told = done.stdout + (done.stderr if done.returncode else "")
        for line in told.splitlines()[:200]:
            print(f"# {line}")
        print(f"{'not ok' if done.returncode else 'ok'} {number} - {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
