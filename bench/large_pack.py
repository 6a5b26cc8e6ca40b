"""A folder of rules with the shipped packs and a large one beside them: keywords and regexes of the
corpus' lists, in shadow rules, so that they are all looked for and nothing is deleted because of them.
Lists of other people hold what weir refuses; `weir check` tells, and those lines are left out. So are
regexes of which it says that they explode or spell a word out: one of them costs more than all others."""

import json
import os
import shutil
import subprocess

KEYWORDS = ("kw-zh-houbb/dict.txt", "kw-en-zacanger/words.txt", "kw-multi-ldnoobw/en.txt",
            "kw-multi-ldnoobw/zh.txt")
REGEXES = ("rx-en-smokedetector/bad_keywords.txt", "rx-en-spamassassin/rules.txt",
           "rx-zh-bilibili-snoopy/regex.txt", "rx-zh-bilibili-tardis/regex.txt")
TOO_DEAR = ("slow-pattern", "spelt-out-regex")
CASELESS = "(?i)"  # as both sides read all of them


def read_lines(corpus, names):
    lines = {}
    for name in names:
        path = os.path.join(corpus, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                lines.update((line.strip(), None) for line in file)
    return [line for line in lines if line]


def evenly(lines, count):
    count = min(count, len(lines))
    return [lines[i * len(lines) // count] for i in range(count)]


def write_words(path, words):
    """One line for each keyword, so that a mistake's line names it; returns which."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("pack: large-words\nabout: Lists of other people\nlists:\n  words:\n")
        for word in words:
            out.write(f"    - {json.dumps(word, ensure_ascii=False)}\n")
        out.write("rules:\n  - {id: large.words, mode: shadow, when: {word: {list: words}}, "
                  "then: {score: 1}}\n")
    return dict(enumerate(words, 5))


def write_regexes(path, regexes):
    with open(path, "w", encoding="utf-8") as out:
        out.write("pack: large-regexes\nabout: Lists of other people\nrules:\n")
        for number, regex in enumerate(regexes):
            out.write(f"  - {{id: large.r{number}, mode: shadow, then: {{score: 1}}, when: "
                      f"{{regex: {json.dumps(regex, ensure_ascii=False)}}}}}\n")
    return dict(enumerate(regexes, 4))


def lines_to_drop(weir, path):
    told = subprocess.run([weir, "check", "--json", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False).stdout
    return {found["line"] for found in json.loads(told)["diagnostics"]
            if found["severity"] == "error" or found.get("id") in TOO_DEAR}


def settle(weir, path, write, lines, count):
    """Writes a pack of `count` of the lines, without those that are to be dropped."""
    lines = evenly(lines, count + count // 4)
    for _ in range(10):
        places = write(path, lines)
        dropped = {places[line] for line in lines_to_drop(weir, path) if line in places}
        lines = [line for line in lines if line not in dropped]
        if not dropped:
            break
    lines = evenly(lines, count)
    write(path, lines)
    return lines


def make(weir, shipped, corpus, folder, keyword_count=10000, regex_count=200):
    """Fills `folder`; returns its keywords and regexes."""
    shutil.copytree(shipped, folder, dirs_exist_ok=True)
    regexes = [regex.removeprefix(CASELESS) for regex in read_lines(corpus, REGEXES)
               if not regex.startswith("#")]
    return (settle(weir, os.path.join(folder, "large-words.yaml"), write_words,
                   read_lines(corpus, KEYWORDS), keyword_count),
            settle(weir, os.path.join(folder, "large-regexes.yaml"), write_regexes, regexes,
                   regex_count))
