"""Writes the ranges of characters that take no column or two in a terminal, for utf8.c.

Characters that no Unicode version has assigned belong to whatever range is nearest, which keeps
the table small; those of the supplementary ideographic planes are wide.
"""
import sys
import unicodedata


def ranges_of(holds):
    """Ranges of code points where `holds` is true; where it is None either answer will do."""
    ranges, start, last = [], None, None
    for code_point in range(0x110000):
        answer = holds(code_point)
        if answer:
            start = code_point if start is None else start
            last = code_point
        elif answer is False and start is not None:
            ranges.append((start, last))
            start = None
    if start is not None:
        ranges.append((start, last))
    return ranges


def takes_no_column(code_point):
    category = unicodedata.category(chr(code_point))
    if category in ("Cn", "Co", "Cs"):
        return None
    # The soft hyphen is drawn by terminals; medial and final Hangul join the syllable before them.
    return 0x1160 <= code_point <= 0x11FF or category in ("Mn", "Me", "Cf") and code_point != 0xAD


def takes_two_columns(code_point):
    if 0x20000 <= code_point <= 0x3FFFD:
        return True
    if unicodedata.category(chr(code_point)) in ("Cn", "Co", "Cs", "Mn"):
        return None
    return unicodedata.east_asian_width(chr(code_point)) in "WF"


def main():
    print("// Written by columns.py from Unicode " + unicodedata.unidata_version + ".")
    for name, holds in (("no_column", takes_no_column), ("two_columns", takes_two_columns)):
        print("static const struct code_range %s[] = {" % name)
        for first, last in ranges_of(holds):
            print("    {0x%04x, 0x%04x}," % (first, last))
        print("};")


sys.exit(main())
