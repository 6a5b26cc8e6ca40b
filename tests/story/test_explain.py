#!/usr/bin/python3
"""What weir explain shows to somebody who sees it for the first time."""

import subprocess
import unicodedata

from daemon import PACK, Story, WEIR, tell


def explain(text, pack=PACK):
    with Story() as story:
        story.write("pack.yaml", pack)
        done = subprocess.run([WEIR, "explain", "--rules", story.path("pack.yaml"), text],
                              capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.split("\n")


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def several_readings_stand_side_by_side():
    lines = explain("soooo g00d fuuuck")
    tight = [line for line in lines if line.startswith("tight ")][0]
    assert " | " in tight and not any("\x1f" in line or "\u241f" in line for line in lines), lines


def the_mark_stands_under_wide_characters():
    lines = explain("什么\x1b 时候 buyspam 发货")
    mark = [line for line in lines if line.strip() and not line.strip("^ ")][0]
    shown = lines[lines.index(mark) - 1]
    assert "\x1b" not in "".join(lines), lines
    assert columns(shown[:shown.index("buyspam")]) == mark.index("^"), (shown, mark)
    assert mark.count("^") == len("buyspam"), mark


def what_a_check_finds_at_one_place_is_told_once():
    views = PACK.replace("{word: [buyspam]}", "{word: [buyspam], view: [fold, tight, skeleton]}")
    lines = explain("buyspam, BUYSPAM b u y s p a m", views)
    hits = [line.split("  view ")[1] for line in lines if line.startswith("hit ")]
    assert hits == ["fold, tight  0-7", "fold, tight  9-16", "tight  17-30"], lines
    assert len([line for line in lines if line.strip() and not line.strip("^ ")]) == 3, lines


tell(several_readings_stand_side_by_side, the_mark_stands_under_wide_characters,
     what_a_check_finds_at_one_place_is_told_once)
