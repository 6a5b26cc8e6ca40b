#!/usr/bin/python3
"""The queues under random clients and a Redis that breaks: nothing that was acknowledged is lost, owned twice,
answered twice or counted twice, and claims keep to the order. See tests/queues/README.md."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD", os.path.join(ROOT, "build"))
CHECKER = os.path.join(BUILD, "tests", "queues", "check_queues")
OPERATIONS = os.environ.get("WEIR_QUEUE_OPERATIONS", "200000")

CASES = [
    ("what was acknowledged holds through kills, hangs and cuts", ["--operations", OPERATIONS, "--faults", "14"]),
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
