#!/usr/bin/python3
"""weir check as a rule author and a build server meet it: mistakes, warnings, formats, exit codes."""

import json
import resource
import subprocess
import unicodedata
import xml.etree.ElementTree

from daemon import Story, WEIR, tell

GOOD = """pack: good
rules:
  - id: good.one
    when: {word: buyspam}
    then: {do: [delete]}
    hit: [buyspam]
    miss: [ham]
"""
WARNED = GOOD.replace("word: buyspam", "word: [buyspam, 'a <b> & \"c\"', BUYSPAM]").replace("miss: [ham]", "miss: [ham]\n    except: [买票]")
REFUSED = """pack: 坏
rules:
  - id: bad.one
    when: {wrod: 微信}
    then: {do: [delete, {timout: 10m}]}
  - id: bad.two
    when:
      regex: "微信\\u4fe1\\\\d(+"
    then: {do: [delete]}
"""


def check(story, *words):
    return subprocess.run([WEIR, "check", *words], cwd=story.folder, capture_output=True, timeout=60)


def packs(story):
    story.write("good.yaml", GOOD)
    story.write("warned pack.yaml", WARNED.replace("good", "warned"))
    story.write("refused.yaml", REFUSED)


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def what_it_ends_with_tells_what_it_found():
    with Story() as story:
        packs(story)
        assert check(story, "good.yaml").returncode == 0
        warned = check(story, "good.yaml", "warned pack.yaml")
        assert warned.returncode == 1, warned
        assert b"2 warnings, sha256:" in warned.stdout and not warned.stderr, warned
        assert check(story, "good.yaml", "refused.yaml").returncode == 2
        assert check(story, "nothing.yaml").returncode == 3
        assert check(story, "--jsonn", "good.yaml").returncode == 3


def all_mistakes_of_all_files_are_shown_under_their_characters():
    with Story() as story:
        packs(story)
        lines = check(story, "refused.yaml", "warned pack.yaml").stdout.decode().split("\n")
        places = [line.split(": ")[0] for line in lines if line.startswith("refused.yaml:")]
        assert places == ["refused.yaml:1:7", "refused.yaml:4:12", "refused.yaml:5:26",
                          "refused.yaml:8:27"], lines
        assert not any("warning" in line for line in lines), "warnings wait until nothing is refused"
        at = [i for i, line in enumerate(lines) if line.startswith("refused.yaml:8")][0]
        assert "quantifier" in lines[at], lines[at]
        mark = lines[at + 2].index("^")
        assert columns(lines[at + 1][:lines[at + 1].index("(+") + 1]) == mark, lines[at:at + 3]
        assert "did you mean 'word'?" in lines[[i for i, line in enumerate(lines) if "wrod" in line][0]]


def build_servers_can_read_it():
    with Story() as story:
        packs(story)
        files = ["good.yaml", "warned pack.yaml", "refused.yaml"]
        root = xml.etree.ElementTree.fromstring(check(story, "--junit", *files).stdout)
        assert root.tag == "testsuites" and root.get("failures") == "4", root.attrib
        suites = {suite.get("name"): suite for suite in root}
        assert sorted(suites) == sorted(files), suites
        for suite in root:
            cases = suite.findall("testcase")
            assert suite.get("tests") == str(len(cases)), suite.attrib
            assert suite.get("failures") == str(len(suite.findall("testcase/failure"))), suite.attrib
            assert all(case.get("name") and case.get("classname") for case in cases)
        assert "timout" in suites["refused.yaml"].findall("testcase/failure")[2].text
        root = xml.etree.ElementTree.fromstring(check(story, "--junit", *files[:2]).stdout)
        assert root.get("failures") == "0", "warnings do not fail a build here"
        assert len(root.findall(".//system-out")) == 2


def code_scanning_can_read_it():
    with Story() as story:
        packs(story)
        log = json.loads(check(story, "--sarif", "good.yaml", "warned pack.yaml").stdout)
        assert log["version"] == "2.1.0" and "sarif-2.1.0" in log["$schema"], log
        run = log["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert run["columnKind"] == "unicodeCodePoints" and len(set(rules)) == len(rules)
        assert {result["ruleId"] for result in run["results"]} == {"covered-word", "dead-exception"}
        for result in run["results"]:
            place = result["locations"][0]["physicalLocation"]
            assert place["artifactLocation"]["uri"] == "warned%20pack.yaml", place
            assert result["ruleId"] in rules and result["level"] == "warning" and result["message"]["text"]
            assert place["region"]["endColumn"] > place["region"]["startColumn"] > 0
        log = json.loads(check(story, "--sarif", "refused.yaml").stdout)
        assert [result["level"] for result in log["runs"][0]["results"]] == ["error"] * 4
        answer = json.loads(check(story, "--json", "warned pack.yaml").stdout)
        assert answer["ok"] and answer["errors"] == 0 and answer["warnings"] == 2, answer


def a_warning_is_silenced_where_it_stands():
    with Story() as story:
        story.write("pack.yaml", WARNED + "    lint: {allow: [covered-word, dead-exception]}\n")
        assert check(story, "pack.yaml").returncode == 0
        story.write("pack.yaml", WARNED + "    lint: {allow: [coverd-word]}\n")
        done = check(story, "pack.yaml")
        assert done.returncode == 2 and "did you mean 'covered-word'?" in done.stdout.decode(), done


HOSTILE = {
    "brackets": (b"[" * 102400, 1),
    "braces": (b"{" * 102400, 1),
    "brackets in a rule": (b"pack: a\nrules: " + b"[" * 102400, 1),
    "dashes": (b"pack: a\nrules:\n" + b"- " * 51200, 1),
    "an alias bomb": (b"a: &a [x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 120)), None),
    "not UTF-8": (b"pack: a\nabout: \xff\xfe\x80\nrules: []\n", 1),
    "half a character": (b"pack: a\nabout: \xe5\xbe\n", 1),
    "UTF-16": ("pack: a\n".encode("utf-16"), 1),
    "NUL": (b"pack: a\nabout: a\0b\n", 1),
    "tabs": (b"pack: a\nrules:\n\t- id: x\n", 1),
    "BOM and CRLF": (b"\xef\xbb\xbfpack: a\r\nabuot: b\r\n", 1),
    "CR": (b"pack: a\rabuot: b\r", 1),
    "nothing": (b"", 1),
    "a comment": (b"# nothing here\n", 1),
    "a long line": (b"pack: " + b"a" * 1000000 + b"\n", 1),
    "many wrong keys": (b"pack: a\n" + b"".join(b"k%d: 1\n" % i for i in range(5000)), None),
}


def hostile_files_are_refused_at_once():
    with Story() as story:
        for name, (content, count) in HOSTILE.items():
            with open(story.path("pack.yaml"), "wb") as file:
                file.write(content)
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            done = check(story, "--json", "pack.yaml")
            spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            answer = json.loads(done.stdout)
            assert done.returncode == 2 and not answer["ok"], (name, done.stdout[:300])
            told = answer["diagnostics"]
            assert told and all(item["line"] > 0 and item["column"] > 0 for item in told), (name, told[:3])
            assert count is None or len(told) == count, (name, told[:3])
            assert spent < 1, (name, spent)  # 50 ms as shipped; sanitizers are far slower
            assert check(story, "pack.yaml").returncode == 2, name


tell(what_it_ends_with_tells_what_it_found,
     all_mistakes_of_all_files_are_shown_under_their_characters, build_servers_can_read_it,
     code_scanning_can_read_it, a_warning_is_silenced_where_it_stands,
     hostile_files_are_refused_at_once)
