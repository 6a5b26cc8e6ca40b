#!/usr/bin/python3
"""Runs every test of the tree and adds up their cases.

Every test is a program that prints TAP: the unit tests and the bounded fuzz targets of the sanitized
build, the checks of the tree itself (tests/house), and the stories (tests/story) on the build that is
shipped. Two run at a time; a test whose name is in ALONE measures or kills things and runs by itself.
"""

import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

TIMEOUT_S = 300
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RESULT = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*)$")


class Outcome:
    def __init__(self, name):
        self.name = name
        self.passed = []
        self.failed = []
        self.skipped = []
        self.seconds = 0.0
        self.output = ""


def read_tap(outcome, status):
    """Cases as TAP tells them; a test that dies or prints less than it planned has failed."""
    planned = None
    for line in outcome.output.splitlines():
        plan = re.match(r"^1\.\.(\d+)(.*)$", line)
        if plan:
            planned = (planned or 0) + int(plan.group(1))
            if planned == 0 and "skip" in plan.group(2).lower():
                outcome.skipped.append(plan.group(2).strip(" #"))
            continue
        result = RESULT.match(line)
        if not result:
            continue
        name = result.group(2)
        if re.search(r"#\s*skip", name, re.I):
            outcome.skipped.append(name)
        elif result.group(1):
            outcome.failed.append(name)
        else:
            outcome.passed.append(name)
    closing = re.search(r"^(\d+) passed, (\d+) failed$", outcome.output, re.M)
    if planned is None and closing:  # a test of our own program, which counts by itself
        outcome.passed = [f"case {i + 1}" for i in range(int(closing.group(1)))]
        outcome.failed = [f"one of {closing.group(2)}"] * int(closing.group(2))
    ran = len(outcome.passed) + len(outcome.failed) + len(outcome.skipped)
    if ran == 0:
        outcome.failed.append("(it reported no case)")
    elif planned is not None and planned > ran:
        outcome.failed.append(f"({planned} cases planned, {ran} reported)")
    if status != 0 and not outcome.failed:
        outcome.failed.append(f"(it ended with {status})")


def run_one(name, command, environment, folder=ROOT):
    outcome = Outcome(name)
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    killer = threading.Timer(TIMEOUT_S, lambda: os.killpg(process.pid, signal.SIGKILL))
    killer.start()
    output, _ = process.communicate()
    killer.cancel()
    outcome.seconds = time.monotonic() - start
    outcome.output = output.decode("utf-8", "replace")
    read_tap(outcome, process.returncode)
    if outcome.seconds >= TIMEOUT_S:
        outcome.failed.append(f"(it ran for more than {TIMEOUT_S} s)")
    return outcome


def built_tests(build):
    listed = json.loads(subprocess.check_output(["meson", "introspect", "--tests", build], cwd=ROOT))
    for test in listed:
        yield f"{test['suite'][0].split(':')[-1]}/{test['name']}", test["cmd"], test["env"], test["workdir"] or build


def script_tests(folder, build):
    for entry in sorted(os.listdir(os.path.join(ROOT, "tests", folder))):
        if entry.startswith("test_") and entry.endswith(".py"):
            path = os.path.join("tests", folder, entry)
            yield f"{folder}/{entry[5:-3]}", ["/usr/bin/python3", path], {"WEIR_BUILD": build}


def must_run_alone(command):
    """A story says in its own text that nothing else may run beside it."""
    if not command[-1].endswith(".py"):
        return False
    with open(os.path.join(ROOT, command[-1]), encoding="utf-8") as script:
        return "RUNS_ALONE = True" in script.read()


def report(outcome):
    state = "FAILED" if outcome.failed else "ok"
    print(f"{state:7} {outcome.name}: {len(outcome.passed)} passed, {len(outcome.failed)} failed"
          f"{f', {len(outcome.skipped)} skipped' if outcome.skipped else ''}"
          f" ({outcome.seconds:.1f} s)", flush=True)
    for reason in outcome.skipped:
        print(f"        SKIPPED: {reason}")
    if outcome.failed:
        for name in outcome.failed:
            print(f"        failed: {name}")
        print("\n".join("        | " + line for line in outcome.output.splitlines()[-60:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sanitized", required=True)
    parser.add_argument("--shipped", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()

    shipped = os.path.abspath(options.shipped)
    sanitized = os.path.abspath(options.sanitized)
    tests = [*script_tests("house", shipped), *built_tests(sanitized),
             *script_tests("story", shipped)]
    if options.names:
        tests = [test for test in tests if any(name in test[0] for name in options.names)]
    alone = [test for test in tests if must_run_alone(test[1])]
    together = [test for test in tests if test not in alone]

    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(run_one, *test) for test in together]
        for done in concurrent.futures.as_completed(waiting):
            outcomes.append(done.result())
            report(outcomes[-1])
    for test in alone:
        outcomes.append(run_one(*test))
        report(outcomes[-1])

    passed = sum(len(outcome.passed) for outcome in outcomes)
    failed = sum(len(outcome.failed) for outcome in outcomes)
    skipped = sum(len(outcome.skipped) for outcome in outcomes)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
