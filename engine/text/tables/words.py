"""Writes the lattice's word table from the dictionary of Debian's python3-jieba and words.txt.

A word is known by 16 bits of its hash in a bucket that other bits choose, and has a cost of one
byte. Two words that collide share a cost; with 2^30 hashes for 10^5 words that is rarer than a
mistake in the dictionary.
"""
import importlib.util
import math
import os
import sys

BUCKET_BITS = 14
LONGEST = 6  # characters
LEAST = 5  # occurrences: rarer entries are mostly names and fragments
UNIT = 12  # costs are in twelfths of a natural logarithm


def is_han(text):
    return all("\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff" for c in text)


def hash_of(word):
    value = 0x811C9DC5
    for byte in word.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def read_counts(supplement):
    module = importlib.util.find_spec("jieba")
    if module is None:
        sys.exit("words.py: no jieba dictionary; install python3-jieba")
    counts = {}
    total = 0
    with open(os.path.join(os.path.dirname(module.origin), "dict.txt"), encoding="utf-8") as lines:
        for line in lines:
            word, count = line.split(" ")[:2]
            total += int(count)
            if is_han(word) and len(word) <= LONGEST and (int(count) >= LEAST or len(word) == 1):
                counts[word] = max(1, int(count))
    with open(supplement, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                word, count = line.split()
                counts[word] = max(counts.get(word, 0), int(count))
    return counts, total


def cost_of(count, total):
    return min(255, round(-math.log(count / total) * UNIT))


def write_array(ctype, name, values):
    print("const %s %s[] = {" % (ctype, name))
    for start in range(0, len(values), 24):
        print(",".join(map(str, values[start:start + 24])) + ",")
    print("};")


def main():
    counts, total = read_counts(sys.argv[1])
    buckets = [{} for _ in range(1 << BUCKET_BITS)]
    for word, count in sorted(counts.items()):
        value = hash_of(word)
        bucket = buckets[value & (1 << BUCKET_BITS) - 1]
        cost = cost_of(count, total)
        bucket[value >> 16] = min(cost, bucket.get(value >> 16, 255))
    starts = [0]
    for bucket in buckets:
        starts.append(starts[-1] + len(bucket))
    print('#include "engine/text/tables/words.h"')
    write_array("uint32_t", "table_word_starts", starts)
    write_array("uint16_t", "table_word_prints",
                [print_ for bucket in buckets for print_ in sorted(bucket)])
    write_array("uint8_t", "table_word_costs",
                [bucket[print_] for bucket in buckets for print_ in sorted(bucket)])
    print("const uint32_t table_word_cost_of_ten = %d;" % cost_of(10, total))
    print("const uint32_t table_word_cost_of_one = %d;" % cost_of(1, total))


main()
