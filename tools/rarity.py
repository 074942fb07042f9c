#!/usr/bin/env python3
"""Counts how often characters and pairs of ASCII characters stand in real comments, and writes the counts as the small
table that engine/match/rarity.c chooses literals by: tools/rarity.py COMMENTS... > engine/match/rarity_table.h

Only rounded logarithms leave this program: no text of the comments. Files named zh* and the others count half each."""
import collections
import math
import os
import sys
import unicodedata

SYMBOLS = "abcdefghijklmnopqrstuvwxyz0 .,!?'\"-/:@_#&()+=*~^|"  # the 0 stands for all digits, the | for all others
INDEX = {c: i for i, c in enumerate(SYMBOLS)}


def symbol(c):
    return INDEX["0"] if c.isdigit() else INDEX.get(c, len(SYMBOLS) - 1)


def count(paths):
    pairs, points, singles, total = collections.Counter(), collections.Counter(), collections.Counter(), 0
    for path in paths:
        for line in open(path, encoding="utf-8"):
            text = unicodedata.normalize("NFKC", line.rstrip("\n")).casefold()
            total += len(text)
            for c in text:
                if ord(c) >= 128:
                    points[c] += 1
                else:
                    singles[symbol(c)] += 1
            for a, b in zip(text, text[1:]):
                if ord(a) < 128 and ord(b) < 128:
                    pairs[symbol(a), symbol(b)] += 1
    return pairs, points, max(total, 1), singles


def rounded(counters, key):
    p = sum(c[key] / t for c, t in counters) / len(counters)
    return 25 if p <= 0 else max(0, min(25, round(-math.log2(p))))


def main():
    groups = [[], []]
    for path in sys.argv[1:]:
        groups[0 if os.path.basename(path).startswith("zh") else 1].append(path)
    counts = [count(g) for g in groups if g]
    pairs = [(c[0], c[2]) for c in counts]
    points = [(c[1], c[2]) for c in counts]
    print("/* Made by tools/rarity.py from the folded comments that tests and benches read: how rare characters are.")
    print(" * Rounded negative binary logarithms only. */")
    print("static const char symbols[] = \"%s\";\n" % SYMBOLS.replace("\\", "\\\\").replace('"', '\\"'))
    print("/* A pair of ASCII characters: 'a' is 2^0 of all places, 'b' 2^-1, ... 'z' 2^-25 or never. */")
    print("static const char pair_rarity[%d][%d] = {" % (len(SYMBOLS), len(SYMBOLS) + 1))
    for a in range(len(SYMBOLS)):
        print('  "%s",' % "".join(chr(ord("a") + rounded(pairs, (a, b))) for b in range(len(SYMBOLS))))
    print("};\n")
    print("/* The same for single ASCII characters. */")
    singles = [(c[3], c[2]) for c in counts]
    print("static const char single_rarity[] = \"%s\";\n" % "".join(chr(ord("a") + rounded(singles, a)) for a in range(len(SYMBOLS))))
    print("/* Characters beyond ASCII, ascending: code point * 256 + rarity; those not here are rarer than 2^-14. */")
    print("static const uint32_t point_rarity[] = {")
    known = []
    for c in set().union(*[set(p[0]) for p in points]):
        r = rounded(points, c)
        if r <= 14 and unicodedata.category(c)[0] in "LNPS" and unicodedata.normalize("NFKC", c) == c:
            known.append(ord(c) * 256 + r)
    known.sort()
    for i in range(0, len(known), 12):
        print("  " + ", ".join("0x%06x" % k for k in known[i:i + 12]) + ",")
    print("};")


main()
