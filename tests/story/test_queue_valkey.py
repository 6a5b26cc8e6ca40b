#!/usr/bin/python3
"""The same stories in a Valkey, where Debian has one (13 and later)."""

import os
import shutil
import sys

SERVER = shutil.which("valkey-server")
os.environ["WEIR_REDIS_SERVER"] = SERVER or ""

import queue_redis  # noqa: E402  (reads the environment)
import test_queue_metrics  # noqa: E402
import test_queue_moves  # noqa: E402
import test_queue_people  # noqa: E402


def main():
    if not SERVER:
        print("1..0 # skip no valkey-server is installed")
        return 0
    stories = []
    for module in (test_queue_people, test_queue_moves, test_queue_metrics):
        stories += module.STORIES
    return queue_redis.run(stories)


if __name__ == "__main__":
    sys.exit(main())
