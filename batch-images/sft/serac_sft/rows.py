"""The rows of a dataset in the `openai` format, as serac exports them: JSON lines, of which each is checked before it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serac_sft.disk import disk_errors
from serac_sft.failures import TrainingFailure
from serac_sft.python_json import read_json

# Far beyond any trajectory of a million tokens.
MAX_LINE_BYTES = 64 << 20
SHA256 = re.compile(r"[0-9a-f]{64}")
ROLES = ("system", "user", "assistant", "tool")


@dataclass(frozen=True)
class Line:
    """`where` is `t2/train-00000.jsonl:12`."""

    where: str
    text: bytes


@dataclass(frozen=True)
class Row:
    where: str
    messages: list[dict[str, Any]]
    tools: str
    """JSON text."""
    toolset: str
    rehearsal: bool
    group: str
    """Rows of one function have the same one."""
    text_sha256: str


def lines_of(folder: Path, datasets: tuple[str, ...]) -> Iterator[Line]:
    """Every row of the datasets, in their order."""
    for dataset in datasets:
        for path in sorted((folder / dataset).glob("train-*.jsonl")):
            with disk_errors("read", path), path.open("rb") as file:
                number = 0
                while text := file.readline(MAX_LINE_BYTES + 1):
                    number += 1
                    where = f"{dataset}/{path.name}:{number}"
                    if len(text) > MAX_LINE_BYTES:
                        raise _invalid(where, f"the line is longer than {MAX_LINE_BYTES >> 20} MB")
                    yield Line(where, text)


def read_row(line: Line) -> Row:
    """TrainingFailure("data_invalid") that names the line and what is wrong with it."""
    where = line.where
    try:
        row = read_json(line.text)
    except ValueError as error:
        raise _invalid(where, f"it is not JSON: {error}") from error
    if not isinstance(row, dict):
        raise _invalid(where, "it is no JSON object")
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _invalid(where, "messages must be a list with at least one message")
    for place, message in enumerate(messages):
        _check_message(where, f"messages.{place}", message)
    if not isinstance(row.get("rehearsal"), bool):
        raise _invalid(where, "rehearsal must be true or false")
    if not SHA256.fullmatch(_text(where, row, "text_sha256")):
        raise _invalid(
            where, "text_sha256 must be 64 hexadecimal digits: export the dataset with this version of serac"
        )
    group = _text(where, row, "function") or _text(where, row, "sample_id")
    return Row(
        where=where,
        messages=messages,
        tools=_text(where, row, "tools"),
        toolset=_text(where, row, "toolset"),
        rehearsal=row["rehearsal"],
        group=f"{_text(where, row, 'repository')}\0{group}",
        text_sha256=row["text_sha256"],
    )


def _check_message(where: str, at: str, message: Any) -> None:
    if not isinstance(message, dict):
        raise _invalid(where, f"{at} is no JSON object")
    role = message.get("role")
    if role not in ROLES:
        raise _invalid(where, f"{at}.role must be one of {', '.join(ROLES)}")
    _text(where, message, "content", at)
    if role != "assistant":
        return
    if not isinstance(message.get("train"), bool):
        raise _invalid(where, f"{at}.train must be true or false")
    if message.get("reasoning_content") is not None:
        _text(where, message, "reasoning_content", at)
    calls = message.get("tool_calls")
    if calls is None:
        return
    if not isinstance(calls, list):
        raise _invalid(where, f"{at}.tool_calls must be a list or null")
    for place, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise _invalid(where, f"{at}.tool_calls.{place}.function is no JSON object")
        for key in ("name", "arguments"):
            _text(where, function, key, f"{at}.tool_calls.{place}.function")


def _text(where: str, holder: dict[str, Any], key: str, at: str = "") -> str:
    value = holder.get(key)
    name = f"{at}.{key}" if at else key
    if not isinstance(value, str):
        raise _invalid(where, f"{name} must be a text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise _invalid(where, f"{name} holds half of a character (a lone surrogate)") from error
    return value


def _invalid(where: str, what: str) -> TrainingFailure:
    hint = "Rows are those of `serac export --format openai`; nobody may change them."
    return TrainingFailure("data_invalid", f"{where}: {what}.", hint)
