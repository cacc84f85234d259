"""The rows and texts of test/golden, which TypeScript made: the same text comes out here, to the byte, and the same of it is learned."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from dataset_case import TEMPLATE, line_of, make_root, make_row, open_context
from serac_sft.frames import frames_of
from serac_sft.parity import same_text
from serac_sft.prepare import prepare
from serac_sft.prepared import IGNORED
from serac_sft.render import chat_of
from serac_sft.rows import Row, read_row
from serac_sft.tokenizer import load_tokenizer, normalized
from transformers.utils.chat_template_utils import render_jinja_template

GOLDENS: list[dict[str, Any]] = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "test" / "golden" / "rendering").glob("*.json"))
]


def row_of(golden: dict[str, Any]) -> dict[str, Any]:
    columns = {"tools": golden["tools"], "text_sha256": golden["text_sha256"], "function": golden["name"]}
    return make_row(0, golden["messages"], **columns)


def read(golden: dict[str, Any]) -> Row:
    return read_row(line_of(row_of(golden)))


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden["name"])
def test_the_text_is_the_same_and_so_is_what_is_learned(golden: dict[str, Any]):
    row = read(golden)
    text = same_text(row, TEMPLATE.read_text(encoding="utf-8"))
    assert text == golden["text"]
    trained, at = [], 0
    for frame in frames_of(row, text):
        if frame.train:
            start = at + len(frame.head)
            trained.append([start, start + len(frame.body)])
        at += len(frame.text)
    assert trained == golden["trained"]


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden["name"])
def test_the_beginning_of_a_conversation_is_the_beginning_of_its_text(golden: dict[str, Any]):
    """What stands before a reply is what a server is asked with."""
    row, template = read(golden), TEMPLATE.read_text(encoding="utf-8")
    messages, tools = chat_of(row)
    starts, at = [], 0
    for frame in frames_of(row, golden["text"]):
        if frame.role == "assistant":
            starts.append(at + len(frame.head))
        at += len(frame.text)
    replies = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    for place, start in zip(replies, starts, strict=True):
        [asked], _ = render_jinja_template(
            [messages[:place]], tools=tools, chat_template=template, add_generation_prompt=True
        )
        assert asked == golden["text"][:start]


def test_all_of_them_are_prepared(tmp_path: Path, tiny_base: Path):
    tokenizer = load_tokenizer(tiny_base)
    by_tools: dict[str, list[dict[str, Any]]] = {}
    for golden in GOLDENS:
        if golden["trained"]:
            by_tools.setdefault(golden["tools"], []).append(golden)
    for goldens in by_tools.values():
        folder = tmp_path / hashlib.sha256(goldens[0]["tools"].encode()).hexdigest()[:8]
        root = make_root(folder / "root", tiny_base, [row_of(golden) for golden in goldens], contextTokens=100_000)
        context, _ = open_context(root, folder / "scratch")
        prepared = prepare(context, tiny_base)
        assert (prepared.samples, prepared.dropped) == (len(goldens), {})
        for golden, sample in zip(goldens, prepared.train_set(), strict=True):
            learned = [label for label in sample["labels"] if label != IGNORED]
            text = "".join(golden["text"][start:end] for start, end in golden["trained"])
            assert tokenizer.decode(learned, skip_special_tokens=False) == normalized(tokenizer, text)
            assert tokenizer.decode(sample["input_ids"], skip_special_tokens=False) == normalized(
                tokenizer, golden["text"]
            )
