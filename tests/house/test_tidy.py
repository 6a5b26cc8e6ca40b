#!/usr/bin/python3
"""clang-tidy finds nothing in the engine and the plugins (.clang-tidy says what it looks for).

Its static analyser takes minutes where all other checks together take seconds, so a test run leaves it
out; with --analyse it runs too. Prints TAP.
"""

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("WEIR_BUILD", os.path.join(ROOT, "build"))


def main():
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True)
    if " 14." not in version.stdout:
        print("1..0 # skip clang-tidy 14 (Debian 12's) is the measure")
        return 0
    listed = subprocess.check_output(["git", "ls-files", "engine/*.c", "plugins/*.c"], cwd=ROOT,
                                     text=True).split()
    checks = [] if "--analyse" in sys.argv else ["-checks=-clang-analyzer-*"]
    run = subprocess.run(["run-clang-tidy", "-quiet", "-p", BUILD, "-j2", *checks,
                          *(f"/{path}$" for path in listed if "/tables/" not in path)],
                         cwd=ROOT, capture_output=True, text=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", run.stdout)
    found = [line for line in plain.splitlines() if re.search(r"(error|warning): ", line)]
    for line in found[:30]:
        print("#", line)
    print(f"1..1\n{'not ok' if found else 'ok'} 1 - clang-tidy finds nothing in {len(listed)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
