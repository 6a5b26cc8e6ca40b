#!/usr/bin/python3
"""The queues in a Redis that has no functions, or forbids them: the same bodies, called as a script."""

import os
import subprocess
import sys

import test_queue_metrics
import test_queue_moves
import test_queue_people
from queue_redis import LIMIT_S, WEIR, library, must, run

PERMISSIONS = {"plain": "-fcall -fcall_ro -function", "caller": "-function"}


def weir(redis, user, *action):
    """The user of the URL has a password; the default user has none."""
    url = f"unix://{redis.socket}" + (f"?user={user}" if user else "")
    env = {**os.environ, "WEIR_REDIS_PASSWORD": "secret"} if user else os.environ
    done = subprocess.run([WEIR, "queue", *action, "--redis", url, "--as", "kim"], capture_output=True, text=True,
                          timeout=LIMIT_S, env=env)
    must(done.returncode == 0, f"{action}: {done.stderr}")
    return done.stdout


def work_a_card(redis, user=""):
    redis.cli("SADD", "weir:queues", "sales")
    redis.ask("c-0001")
    must("c-0001" in weir(redis, user, "list"), "listed")
    redis.cli("SCRIPT", "FLUSH")
    must("c-0001" in weir(redis, user, "claim"), "a script that was flushed is loaded again")
    redis.cli("SCRIPT", "FLUSH")
    weir(redis, user, "move", "c-0001", "service", "--new")
    weir(redis, user, "claim", "service")
    must(weir(redis, user, "answer", "c-0001", "yes").startswith("decision d-c-0001-"), "answered")


def functions_are_renamed_away(redis):
    must("unknown command" in redis.cli("FUNCTION", "LIST"), "there are none")
    work_a_card(redis)


def functions_are_forbidden(redis):
    for user, forbidden in PERMISSIONS.items():
        redis.cli("FLUSHALL")
        redis.load(library())
        redis.cli("ACL", "SETUSER", user, "on", ">secret", "~*", "&*", "+@all", *forbidden.split())
        work_a_card(redis, user)
    must(redis.cli("FUNCTION", "LIST").strip() == "", "nobody loaded any")


def functions_that_somebody_else_loaded_are_called(redis):
    redis.cli("-x", "FUNCTION", "LOAD", text=library())
    redis.cli("ACL", "SETUSER", "caller", "on", ">secret", "~*", "&*", "+@all", "-function", "-script", "-evalsha")
    redis.cli("SADD", "weir:queues", "sales")
    redis.ask("c-0001")
    must("c-0001" in weir(redis, "caller", "claim"), "claimed without a script")


def main():
    stories = [functions_are_renamed_away]
    for module in (test_queue_people, test_queue_moves, test_queue_metrics):
        stories += module.STORIES
    failed = run(stories, "--rename-command", "FUNCTION", "", "--rename-command", "FCALL", "", by_scripts=True)
    return run([functions_are_forbidden, functions_that_somebody_else_loaded_are_called], by_scripts=True) or failed


if __name__ == "__main__":
    sys.exit(main())
