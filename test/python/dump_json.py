"""Reads JSON strings, one a line, each with a JSON text in it; prints the text as Python writes it into chat templates, wrapped in a JSON
string, or null where it is no JSON or could not be written as JSON."""

import json
import sys


def refuse(constant: str) -> None:
    raise ValueError(constant)


def dump(text: str) -> str | None:
    try:
        value = json.loads(text, parse_constant=refuse)
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return None


for line in sys.stdin.buffer:
    print(json.dumps(dump(json.loads(line))))
