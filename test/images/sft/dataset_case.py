"""A model's root with rows of every hard kind, for tests of the data side. Hashes are those of the text that the rows render to here."""

from __future__ import annotations

import hashlib
import json
from io import StringIO
from pathlib import Path
from typing import Any

from conftest import ROOT
from serac_sft.context import Context
from serac_sft.events import Events
from serac_sft.job import read_job
from serac_sft.render import render
from serac_sft.rows import Line, read_row
from serac_sft.stop import Stop
from serac_sft.storage import open_root

TEMPLATE = ROOT / "batch-images" / "vllm" / "serve.jinja"
TOOL = {
    "type": "function",
    "function": {
        "name": "bash",
        "description": "Runs a command. Not <think>.",
        "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    },
}


def reply(
    content: str = "", reasoning: str | None = None, calls: list[dict[str, Any]] | None = None, train: bool = True
):
    written = [
        {"id": f"c{place}", "type": "function", "function": {"name": "bash", "arguments": json.dumps(call)}}
        for place, call in enumerate(calls or [])
    ]
    return {
        "role": "assistant",
        "content": content,
        "reasoning_content": reasoning,
        "tool_calls": written or None,
        "train": train,
    }


def said(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content, "train": False}


def conversation(number: int, turns: int = 3) -> list[dict[str, Any]]:
    messages = [
        said("system", "You work with a shell."),
        said("user", f"Mend number {number}: naïve 中文 😀 <|im_end|>"),
    ]
    for turn in range(turns):
        thought = [None, "", f"Thought {turn} of {number}.\n</think>\n<tool_call>"][turn % 3]
        messages.append(reply(f"Step {turn}.", thought, [{"command": f"cat file_{number}_{turn}.py"}] * (1 + turn % 2)))
        messages += [said("tool", f"def f_{number}():\n    return '<|im_start|>{turn}'\n")] * (1 + turn % 2)
    return [*messages, reply("Done.")]


def make_row(number: int, messages: list[dict[str, Any]] | None = None, **columns: Any) -> dict[str, Any]:
    row = {
        "messages": conversation(number) if messages is None else messages,
        "tools": json.dumps([TOOL]),
        "sample_id": f"s{number}",
        "function": f"parcels/rates.py::f_{number}",
        "repository": "example/parcels",
        "toolset": "mini",
        "rehearsal": False,
        **columns,
    }
    return {**row, "text_sha256": columns.get("text_sha256") or text_sha256(row)}


def text_sha256(row: dict[str, Any]) -> str:
    checked = read_row(line_of({**row, "text_sha256": "0" * 64}))
    return hashlib.sha256(render(checked, TEMPLATE.read_text(encoding="utf-8")).encode()).hexdigest()


def line_of(row: Any) -> Line:
    return Line("t2/train-00000.jsonl:1", json.dumps(row).encode())


def make_root(
    folder: Path, base: Path, rows: list[dict[str, Any]], data: dict[str, Any] | None = None, **settings: Any
) -> Path:
    """`job.json` and `data/` in the folder."""
    hashes = hashlib.sha256("".join(f"{row['text_sha256']}\n" for row in rows).encode()).hexdigest()
    document = {
        "schema": "serac.training-job/1",
        "modelId": "test-model",
        "name": "test",
        "base": {"source": str(base), "revision": None, "name": "example/tiny"},
        "data": {
            "datasets": ["t2"],
            "rows": max(1, len(rows)),
            "toolset": "mini",
            "rehearsal": False,
            "textsSha256": hashes,
            **(data or {}),
        },
        "templateSha256": hashlib.sha256(TEMPLATE.read_bytes()).hexdigest(),
        "settings": {
            "method": "lora",
            "contextTokens": 4096,
            "epochs": 1,
            "learningRate": 1e-3,
            "batchSize": 2,
            "warmupSteps": 0,
            "weightDecay": 0,
            "loraRank": 4,
            "loraAlpha": 8,
            "saveSteps": 5,
            "heldOut": 0,
            "seed": 7,
            "sequenceParallel": 1,
            "allowRehearsal": False,
            **settings,
        },
        "lineage": {"runId": None, "repository": "example/parcels", "commit": None, "seracVersion": "0.0.0"},
    }
    (folder / "data" / "t2").mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps(document), encoding="utf-8")
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    (folder / "data" / "t2" / "train-00000.jsonl").write_text(lines, encoding="utf-8")
    return folder


def open_context(root: str | Path, scratch: Path) -> tuple[Context, list[dict[str, Any]]]:
    """The context, and the events as they are said."""
    said_events: list[dict[str, Any]] = []

    class Out(StringIO):
        def write(self, text: str) -> int:
            said_events.append(json.loads(text))
            return len(text)

    opened = open_root(str(root))
    job = read_job(opened.read("job.json"), "job.json")
    scratch.mkdir(parents=True, exist_ok=True)
    return Context(job, opened, scratch, Events(Out()), Stop(), "cpu", TEMPLATE), said_events
