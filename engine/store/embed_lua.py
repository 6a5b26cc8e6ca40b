#!/usr/bin/python3
"""Writes the parts of the library as one text in C: embed_lua.py OUT PART... Its version is the hash of its text."""

import hashlib
import sys


def main():
    text = ""
    for name in sys.argv[2:]:
        with open(name, encoding="ascii") as source:
            text += source.read()
    version = hashlib.sha1(text.encode()).hexdigest()[:16]
    lines = []
    for line in text.replace("@VERSION@", version).splitlines():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
        lines.append(f'    "{escaped}\\n"')
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write('#include "engine/store/library.h"\n\n')
        out.write(f'const char weir_library_version[] = "{version}";\n')
        out.write("// Longer than the 4095 characters that the standard promises; gcc and clang take it.\n")
        out.write('#pragma GCC diagnostic ignored "-Woverlength-strings"\n')
        out.write("const char weir_library_text[] =\n" + "\n".join(lines) + ";\n")


main()
