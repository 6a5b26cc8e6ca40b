#!/usr/bin/python3
"""The checker of the queues finds what it is for: the library with one mistake, each of which must be caught.
See tests/queues/README.md."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD", os.path.join(ROOT, "build"))
CHECKER = os.path.join(BUILD, "tests", "queues", "check_queues")


def main():
    listed = subprocess.run([CHECKER, "--variants"], capture_output=True, text=True, check=True)
    variants = [line.split("\t") for line in listed.stdout.splitlines()]
    print(f"1..{len(variants)}", flush=True)
    failed = 0
    for number, (name, about) in enumerate(variants, 1):
        # With few clients a late answer is often the first call after the end of its lease.
        clients = "4" if name == "endless" else "48"
        done = subprocess.run([CHECKER, "--variant", name, "--operations", "4000", "--faults", "1", "--clients",
                               clients], capture_output=True, text=True, timeout=100)
        failed += done.returncode != 0
        told = done.stdout + (done.stderr if done.returncode else "")
        for line in told.splitlines()[:60]:
            print(f"# {line}")
        print(f"{'not ok' if done.returncode else 'ok'} {number} - found: {about}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
