#!/usr/bin/python3
"""The house holds: floors, one edge per library, layout, promises about the tree itself. Prints TAP."""

import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# From the ground up (design: "The house"). A file may include its own floor and those below.
FLOORS = [
    {"plugin.h"},
    {"base"},
    {"text"},
    {"match"},
    {"rules"},
    {"judge", "triage"},
    {"config", "sys", "net"},
    {"stream", "store", "console"},
    {"commands"},
    {"main.c"},
]
PURE = {"plugin.h", "base", "text", "match", "rules", "judge", "triage"}

# Which one folder may include the headers of a library.
EDGES = {
    r"libwebsockets": {"engine/net"},
    r"hiredis/": {"engine/store"},
    r"pcre2": {"engine/match"},
    r"yaml\.h": {"engine/base"},
    r"unicode/": {"engine/text"},
}
# What pure code has no business with: sockets, files, clocks, the loop. (A lock it may hold.)
IMPURE = r"(sys/socket|netinet/|arpa/|poll|fcntl|unistd|sys/stat|dirent|time|uv)\.?h?"


def tracked(*patterns):
    listed = subprocess.check_output(["git", "ls-files", "--", *patterns], cwd=ROOT, text=True)
    return [path for path in listed.splitlines() if os.path.exists(os.path.join(ROOT, path))]


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def includes_of(path):
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(2)


def floor_of(path):
    part = path.split("/")[1]
    for level, folders in enumerate(FLOORS):
        if part in folders:
            return level
    return None


def includes_never_point_up():
    wrong = []
    for path in tracked("engine/*.c", "engine/*.h"):
        mine = floor_of(path)
        if mine is None:
            wrong.append(f"{path}: stands on no floor")
            continue
        for line, name in includes_of(path):
            if name.startswith("engine/") and (floor_of(name) is None or floor_of(name) > mine):
                wrong.append(f"{path}:{line}: {name} stands above it")
    return wrong


def plugins_stand_on_the_ground():
    return [f"{path}:{line}: {name}"
            for path in tracked("plugins/*.c", "plugins/*.h")
            for line, name in includes_of(path)
            if name.startswith("engine/") and name != "engine/plugin.h"
            and not name.startswith("engine/base/")]


def each_library_has_one_edge():
    wrong = []
    for path in tracked("engine/*.c", "engine/*.h", "plugins/*.c"):
        for line, name in includes_of(path):
            for pattern, folders in EDGES.items():
                if re.match(pattern, name) and not any(path.startswith(f + "/") for f in folders):
                    wrong.append(f"{path}:{line}: {name} belongs to {', '.join(folders)}")
    return wrong


def pure_floors_touch_no_machine():
    wrong = []
    for path in tracked("engine/*.c", "engine/*.h"):
        if path.split("/")[1] not in PURE or "/tables/" in path:
            continue
        for line, name in includes_of(path):
            if re.fullmatch(IMPURE, name):
                wrong.append(f"{path}:{line}: {name}")
    return wrong


def sources_are_formatted():
    version = subprocess.run(["clang-format", "--version"], capture_output=True, text=True)
    if " 14." not in version.stdout:
        return "skip clang-format 14 (Debian 12's) is the measure, here is " + version.stdout.strip()
    run = subprocess.run(["clang-format", "--dry-run", "--Werror", *tracked("*.c", "*.h")], cwd=ROOT,
                         capture_output=True, text=True)
    return [line for line in run.stderr.splitlines() if "error:" in line]


def scripts_hold_for_shellcheck():
    if not shutil.which("shellcheck"):
        return "skip shellcheck is not installed"
    scripts = [path for path in tracked("scripts/*", ".ci/*")
               if read(path).startswith(("#!/bin/sh", "#!/bin/bash"))]
    run = subprocess.run(["shellcheck", "-e", "SC1091,SC2154", *scripts], cwd=ROOT,
                         capture_output=True, text=True)
    return run.stdout.splitlines() if run.returncode else []


def no_file_names_this_machine():
    wrong = []
    pattern = re.compile(r"(^|[^A-Za-z0-9_.$}])/(work|farm|root|home)/[a-z]")
    for path in tracked("."):
        try:
            text = read(path)
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line) and path != "tests/house/test_house.py":
                wrong.append(f"{path}:{number}: {line.strip()[:100]}")
    return wrong


def nothing_is_left_for_later():
    words = re.compile(r"\b(TODO|FIXME|XXX)\b")
    return [f"{path}:{number}: {line.strip()[:100]}"
            for path in tracked("engine/*", "plugins/*", "bench/*", "scripts/*", "tests/*.c")
            if not path.endswith((".txt", ".gz", ".bin"))
            for number, line in enumerate(read(path).splitlines(), 1) if words.search(line)]


def the_readme_is_short():
    if not os.path.exists(os.path.join(ROOT, "README.md")):
        return ["there is none"]
    lines = len(read("README.md").splitlines())
    return [f"README.md has {lines} lines; 150 are enough"] if lines > 150 else []


CHECKS = [
    includes_never_point_up,
    plugins_stand_on_the_ground,
    each_library_has_one_edge,
    pure_floors_touch_no_machine,
    sources_are_formatted,
    scripts_hold_for_shellcheck,
    no_file_names_this_machine,
    nothing_is_left_for_later,
    the_readme_is_short,
]


def main():
    print(f"1..{len(CHECKS)}")
    failures = 0
    for number, check in enumerate(CHECKS, 1):
        wrong = check()
        name = check.__name__.replace("_", " ")
        if isinstance(wrong, str):
            print(f"ok {number} - {name} # {wrong}")
            continue
        for line in wrong[:20]:
            print(f"# {line}")
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        failures += bool(wrong)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
