"""Rows are hostile until they are checked: whatever is wrong is said of its line, and nothing else is ever raised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dataset_case import TEMPLATE, line_of, make_row
from hypothesis import given
from hypothesis import strategies as st
from serac_sft import rows as module
from serac_sft.failures import TrainingFailure
from serac_sft.frames import frames_of
from serac_sft.render import render
from serac_sft.rows import Line, lines_of, read_row

ROW = make_row(1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def changed(path: str, value: Any) -> dict[str, Any]:
    row = json.loads(json.dumps(ROW))
    holder: Any = row
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in parents:
        holder = holder[key]
    holder[last] = value
    return row


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("messages", [], "messages must be a list with at least one message"),
        ("messages", "x", "messages must be a list"),
        ("messages.0", 1, "messages.0 is no JSON object"),
        ("messages.0.role", "developer", "messages.0.role must be one of system, user, assistant, tool"),
        ("messages.1.content", None, "messages.1.content must be a text"),
        ("messages.1.content", "\ud800", "messages.1.content holds half of a character"),
        ("messages.2.train", "yes", "messages.2.train must be true or false"),
        ("messages.2.reasoning_content", 3, "messages.2.reasoning_content must be a text"),
        ("messages.2.tool_calls", {}, "messages.2.tool_calls must be a list or null"),
        ("messages.2.tool_calls.0", "x", "messages.2.tool_calls.0.function is no JSON object"),
        ("messages.2.tool_calls.0.function.arguments", {}, "messages.2.tool_calls.0.function.arguments must be a text"),
        ("rehearsal", None, "rehearsal must be true or false"),
        ("tools", [], "tools must be a text"),
        ("toolset", 1, "toolset must be a text"),
        ("text_sha256", "abc", "text_sha256 must be 64 hexadecimal digits"),
        ("text_sha256", None, "text_sha256 must be a text"),
    ],
)
def test_what_is_wrong_is_named(path, value, words):
    with pytest.raises(TrainingFailure, match=r"t2/train-00000.jsonl:1: ") as failure:
        read_row(line_of(changed(path, value)))
    assert words in failure.value.message
    assert failure.value.code == "data_invalid"


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b"\xff", b"NaN", b"[" * 100_000, b'{"a": ' * 100_000, b'{"messages": Infinity}']
)
def test_what_is_no_row_is_refused(text):
    with pytest.raises(TrainingFailure, match="here: it is no"):
        read_row(Line("here", text))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("tools", "{}", "tools is no list of functions"),
        ("tools", "[1]", "tools is no list of functions"),
        ("tools", '[{"type": "function", "function": {}}]', "the chat template cannot render it"),
        ("tools", '[{"function": {"name": "a", "parameters": %s}}]' % ('{"a": ' * 600 + "1" + "}" * 600), "cannot"),
        ("tools", "nope", "tools cannot be read as JSON"),
        ("messages.2.tool_calls.0.function.arguments", "{", "the arguments of bash cannot be read as JSON"),
        ("messages.2.tool_calls.0.function.arguments", "[]", "it is no JSON object"),
        ("messages.2.tool_calls.0.function.arguments", '{"a": 1e999}', "cannot be read as JSON"),
        ("messages.2.tool_calls.0.function.arguments", '{"a": NaN}', "NaN is no JSON"),
        ("messages.2.tool_calls.0.function.arguments", f'{{"a": {"9" * 5000}}}', "cannot be read as JSON"),
    ],
)
def test_what_cannot_be_rendered_is_named(path, value, words):
    with pytest.raises(TrainingFailure) as failure:
        render(read_row(line_of(changed(path, value))), TEMPLATE.read_text(encoding="utf-8"))
    assert words in failure.value.message
    assert failure.value.message.startswith("t2/train-00000.jsonl:1")


def places(value: Any, at: str = "") -> list[str]:
    here = [at] if at else []
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return here + [place for key, member in inside for place in places(member, f"{at}.{key}" if at else str(key))]


@given(st.sampled_from(places(ROW)), JSON)
def test_whatever_a_row_holds_it_is_a_text_or_a_failure(path, value):
    try:
        row = read_row(line_of(changed(path, value)))
        frames = frames_of(row, render(row, TEMPLATE.read_text(encoding="utf-8")))
    except TrainingFailure as failure:
        assert failure.code in ("data_invalid", "parity_broken")
        return
    assert sum(frame.role == "assistant" for frame in frames) == sum(m["role"] == "assistant" for m in row.messages)


def test_lines_come_in_order_with_their_places(tmp_path: Path):
    for dataset, number, text in [("t1", 0, "a\nb\n"), ("t2", 1, "e"), ("t2", 0, "c\nd\n"), ("t3", 0, "x")]:
        folder = tmp_path / dataset
        folder.mkdir(exist_ok=True)
        (folder / f"train-{number:05}.jsonl").write_text(text, encoding="utf-8")
    assert [(line.where, line.text.strip()) for line in lines_of(tmp_path, ("t2", "t1", "t4"))] == [
        ("t2/train-00000.jsonl:1", b"c"),
        ("t2/train-00000.jsonl:2", b"d"),
        ("t2/train-00001.jsonl:1", b"e"),
        ("t1/train-00000.jsonl:1", b"a"),
        ("t1/train-00000.jsonl:2", b"b"),
    ]


def test_an_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MAX_LINE_BYTES", 10)
    (tmp_path / "t1").mkdir()
    (tmp_path / "t1" / "train-00000.jsonl").write_text("0123456789\n\n0123456789ab", encoding="utf-8")
    with pytest.raises(TrainingFailure, match=r"t1/train-00000.jsonl:1: the line is longer"):
        list(lines_of(tmp_path, ("t1",)))
