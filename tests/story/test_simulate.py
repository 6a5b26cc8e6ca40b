#!/usr/bin/python3
"""Every cause for which a message can't be decided has its policy, forced by --simulate. Prints TAP."""

import json
import os
import subprocess
import tempfile

from daemon import WEIR

PACK = """
pack: causes
policy: {on_error: %s}
rules:
  - {id: plain, when: {word: [plain]}, then: {do: [delete]}}
  - {id: expression, when: {regex: 'a+b'}, then: {do: [ban]}}
"""

CAUSES = ("limit", "hits", "near", "text", "memory", "redis")


def explain(folder, policy, *options):
    path = os.path.join(folder, "pack.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PACK % policy)
    result = subprocess.run([WEIR, "explain", "--json", "--rules", path, *options, "hello"],
                            capture_output=True, text=True, check=False)
    return json.loads(result.stdout) if result.returncode == 0 else None


def rows(folder):
    for cause in CAUSES:
        for outcome, verdict in (("hold", "hold"), ("flag", "flag"), ("pass", "pass")):
            others = "hold" if outcome == "pass" else "pass"
            found = explain(folder, "{all: %s, %s: %s}" % (others, cause, outcome),
                            "--simulate", cause)
            yield (f"{cause}: {outcome}",
                   found and found["verdict"] == verdict and len(found["degraded"]) == 1)
        found = explain(folder, "hold", "--simulate", cause)
        yield f"{cause}: one word for all", found and found["verdict"] == "hold"
    found = explain(folder, "hold")
    yield "nothing is simulated by itself", found["verdict"] == "pass" and not found["degraded"]
    yield "an unknown cause is wrong usage", explain(folder, "hold", "--simulate", "rain") is None


def count_causes(folder):
    chat = os.path.join(folder, "chat.jsonl")
    with open(chat, "w", encoding="utf-8") as file:
        file.writelines(json.dumps({"user": "u", "text": f"line {i}"}) + "\n" for i in range(7))
    result = subprocess.run([WEIR, "replay", "--summary", "--simulate", "text", "--simulate", "memory",
                             "--rules", os.path.join(folder, "pack.yaml"), chat],
                            capture_output=True, text=True, check=False)
    yield "replay counts each cause", "text 7   memory 7" in result.stdout


def main():
    with tempfile.TemporaryDirectory() as folder:
        results = list(rows(folder)) + list(count_causes(folder))
    print(f"1..{len(results)}")
    for number, (name, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")


main()
