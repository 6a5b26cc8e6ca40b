#!/usr/bin/python3
"""Prints the keywords and regexes of rule packs as JSON, for bots that know nothing of packs.

usage: pack_words.py PACK.yaml...
"""

import json
import os
import sys

import yaml


def list_words(entry, folder):
    if isinstance(entry, list):
        return [str(word) for word in entry]
    with open(os.path.join(folder, entry["file"]), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def collect(node, lists, words, regexes):
    if isinstance(node, list):
        for item in node:
            collect(item, lists, words, regexes)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in ("word", "includes"):
                listed = lists[value["list"]] if isinstance(value, dict) else value
                words.update(listed if isinstance(listed, list) else [listed])
            elif key == "regex":
                regexes.extend(value if isinstance(value, list) else [value])
            else:
                collect(value, lists, words, regexes)


def main():
    words, regexes = set(), []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            pack = yaml.safe_load(file)
        folder = os.path.dirname(path)
        lists = {name: list_words(entry, folder) for name, entry in pack.get("lists", {}).items()}
        for rule in pack.get("rules", []):
            collect(rule["when"], lists, words, regexes)
    print(json.dumps({"words": sorted(words), "regexes": regexes}, ensure_ascii=False))


if __name__ == "__main__":
    main()
