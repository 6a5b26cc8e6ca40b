#!/usr/bin/python3
"""The checker of the queues finds what it is for: the library with one mistake, each of which must be caught.
See tests/queues/README.md."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD", os.path.join(ROOT, "build"))
CHECKER = os.path.join(BUILD, "tests", "queues", "check_queues")


# Chance decides what a run meets, and the clock what the seed makes of it: a mistake has to be found by one of these.
SEEDS = ("1", "2", "3", "4", "5")


def check(name, seed):
    # With few clients a late answer is often the first call after the end of its lease.
    clients = "4" if name == "endless" else "48"
    return subprocess.run([CHECKER, "--variant", name, "--operations", "4000", "--faults", "1", "--clients", clients,
                           "--seed", seed], capture_output=True, text=True, timeout=100)


def main():
    listed = subprocess.run([CHECKER, "--variants"], capture_output=True, text=True, check=True)
    variants = [line.split("\t") for line in listed.stdout.splitlines()]
    print(f"1..{len(variants)}", flush=True)
    failed = 0
    for number, (name, about) in enumerate(variants, 1):
        for seed in SEEDS:
            done = check(name, seed)
            told = done.stdout + (done.stderr if done.returncode else "")
            for line in told.splitlines()[:60]:
                print(f"# {line}")
            if done.returncode == 0:
                break
        failed += done.returncode != 0
        print(f"{'not ok' if done.returncode else 'ok'} {number} - found: {about}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
