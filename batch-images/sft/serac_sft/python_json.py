"""JSON in the one spelling that the text has; core/agent/python-json.ts does the same."""

from __future__ import annotations

import json
from typing import Any


def read_json(text: str | bytes) -> Any:
    """ValueError for what is no JSON, for NaN and Infinity, and for what is nested too deeply."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def canonical_object(text: str) -> str:
    """A JSON object as json.dumps writes it. ValueError for anything else, and for numbers beyond a double."""
    value = read_json(text)
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - as all that is wrong with JSON
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
