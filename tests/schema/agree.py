#!/usr/bin/python3
"""rules/schema.json and the loader agree on every sample and every seeded mistake. Prints TAP.

usage: agree.py SOURCE_ROOT WEIR
"""

import glob
import json
import os
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as error:
    print(f"1..0 # SKIP {error}: apt-get install python3-jsonschema python3-yaml")
    sys.exit(0)

# What no schema can see: names that must exist or be unique, what PCRE2 and the public suffix list
# refuse, what an expression costs, numbers that must fit together, and YAML that a validator never gets to see.
BEYOND = {
    "answer-date", "answer-topic", "duplicate-answer", "duplicate-rule", "duplicate-topic",
    "duration-too-long", "except-list", "link-public-suffix", "list-file-missing",
    "list-of-other-pack", "near-of-one", "policy-score-twice", "regex-block", "regex-block-end", "regex-bracket",
    "regex-class", "regex-escaped", "regex-in-list", "regex-quantifier", "regex-wide",
    "score-in-topic", "score-reads-score", "tier-backwards", "unknown-list", "anchor", "tag",
    "duplicate-key", "rate-capture", "rate-in-topic", "rate-low", "rate-own-hits", "rate-unknown-rule",
    "sequence-of-score", "mode-min-over-max", "too-costly",
}


class Yaml12(yaml.SafeLoader):
    """Scalars as YAML 1.2 reads them: no yes and no, no dates."""


Yaml12.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", "n~\0"),
    ("int", r"^-?[0-9]+$", "-0123456789"),
):
    for character in first:
        Yaml12.yaml_implicit_resolvers.setdefault(character if character != "\0" else "", []).append(
            ("tag:yaml.org,2002:" + tag, re.compile(pattern)))


def keys_as_text(value):
    """JSON has only texts for keys, and so has the loader."""
    if isinstance(value, dict):
        return {str(key): keys_as_text(item) for key, item in value.items()}
    return [keys_as_text(item) for item in value] if isinstance(value, list) else value


def is_bomb(text):
    """A few aliases are text for a validator; those of a bomb are more than it could ever read."""
    return text.count("*") > 50 and sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)) > 50


def schema_accepts(validator, path):
    with open(path, "rb") as file:
        try:
            text = file.read().decode("utf-8-sig")
            if is_bomb(text):
                return False
            value = yaml.load(text, Loader=Yaml12)
        except (yaml.YAMLError, RecursionError, UnicodeDecodeError):
            return False
    return validator.is_valid(keys_as_text(value))


def loader_accepts(weir, path):
    """What rules find in their own lines is the judge's matter, not the loader's."""
    result = subprocess.run([weir, "check", "--json", path], capture_output=True, text=True)
    return all(mistake["text"].startswith("this `") or mistake["severity"] == "warning"
               for mistake in json.loads(result.stdout)["diagnostics"])


def write_examples(root, folder):
    """The packs that the authors' guide shows, as files."""
    with open(os.path.join(root, "rules/README.md"), encoding="utf-8") as file:
        examples = re.findall(r"```yaml\n(pack:.*?)```", file.read(), re.DOTALL)
    for number, example in enumerate(examples, 1):
        with open(os.path.join(folder, f"guide-{number}.yaml"), "w", encoding="utf-8") as file:
            file.write(example)


def packs_of(root):
    return [path for path in glob.glob(os.path.join(root, "rules/*.yaml"))
            if not path.endswith(".test.yaml")]


def check_all(root, weir, examples):
    write_examples(root, examples)
    with open(os.path.join(root, "rules/schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    paths = sorted(packs_of(root) +
                   glob.glob(os.path.join(examples, "*.yaml")) +
                   glob.glob(os.path.join(root, "tests/cases/good/*.yaml")) +
                   glob.glob(os.path.join(root, "tests/cases/lints/*.yaml")) +
                   glob.glob(os.path.join(root, "tests/cases/mistakes/*.yaml")))
    print(f"1..{len(paths) + 2}")
    for number, path in enumerate(paths, 1):
        name = os.path.splitext(os.path.basename(path))[0]
        by_schema = schema_accepts(validator, path)
        by_loader = loader_accepts(weir, path)
        is_beyond = name in BEYOND and "/mistakes/" in path
        agree = by_schema == by_loader or (is_beyond and by_schema and not by_loader)
        agree = agree and by_loader == ("/mistakes/" not in path)
        print(f"{'ok' if agree else 'not ok'} {number} - {os.path.relpath(path, root)}"
              + ("" if agree else f" (schema {by_schema}, loader {by_loader})"))
    check_names(root, weir, schema, len(paths))


def check_names(root, weir, schema, done):
    """What editors offer is what the linter knows, and every shipped pack names the schema."""
    sarif = subprocess.run([weir, "check", "--sarif", os.path.join(root, "tests/cases/good")],
                           capture_output=True, text=True).stdout
    rules = {rule["id"] for rule in json.loads(sarif)["runs"][0]["tool"]["driver"]["rules"]}
    offered = set(schema["$defs"]["lint-id"]["enum"])
    print(f"{'ok' if offered == rules - {'mistake', 'secret-readable'} else 'not ok'} {done + 1} - "
          f"ids of lints (not in both: {sorted(offered ^ rules)})")
    unnamed = [path for path in packs_of(root)
               if "# yaml-language-server: $schema=schema.json" not in open(path, encoding="utf-8").readline()]
    print(f"{'not ok' if unnamed else 'ok'} {done + 2} - shipped packs name the schema {unnamed}")


with tempfile.TemporaryDirectory() as temporary:
    check_all(sys.argv[1], sys.argv[2], temporary)
