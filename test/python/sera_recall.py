"""SERA's recall rule, stated again from its description (arXiv 2601.20789, soft verification) with nothing but the standard library.

Reads JSON lists [target, candidate], one a line; prints [matched, target lines, candidate lines], one a line.
"""

import json
import sys
from collections import Counter

HEADERS = ("diff", "---", "+++", "@@")


def changes(patch: str) -> Counter:
    counted = Counter()
    for line in patch.splitlines():
        if line.startswith(HEADERS):
            continue
        if line.startswith(("+", "-")) and line[1:].strip():
            counted[line] += 1
    return counted


for row in sys.stdin.buffer:
    target, candidate = (changes(patch) for patch in json.loads(row))
    print(json.dumps([(target & candidate).total(), target.total(), candidate.total()]))
