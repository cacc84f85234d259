"""For each line of JSON text on standard input: what escape_text and escape_json make of it, and its canonical JSON, as a line of JSON."""

from __future__ import annotations

import json
import sys

from serac_sft.python_json import canonical_object
from serac_sft.reserved import escape_json, escape_text


def canonical(text: str) -> str | None:
    try:
        return canonical_object(text)
    except ValueError:
        return None


for line in sys.stdin:
    text = json.loads(line)
    print(json.dumps([escape_text(text), escape_json(text), canonical(text)]))
