"""The JSON Schemas beside this file, generated from core/training by `npm run docs`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match


def _schema(name: str) -> dict[str, Any]:
    return json.loads(Path(__file__).with_name(f"{name}.schema.json").read_text(encoding="utf-8"))


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(_schema(name))


def bad_input() -> frozenset[str]:
    """Codes of failures that only another job, dataset, base or machine ends."""
    return frozenset(_schema("events")["badInput"])


def first_error(name: str, document: Any) -> str | None:
    """What is wrong with a document, as `settings.epochs: 0 is …`; None when nothing is. Names: job, events."""
    error = best_match(_validator(name).iter_errors(document))
    return None if error is None else _text(error)


def _text(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    message = error.message if len(error.message) <= 500 else f"{error.message[:500]}…"
    return f"{where}: {message}" if where else message
