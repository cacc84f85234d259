"""One batch of lines on one core: read, rendered, compared, encoded, labelled."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from serac_sft.frames import frames_of
from serac_sft.labels import Dropped, Sample, label
from serac_sft.lifetime import end_with
from serac_sft.parity import same_text
from serac_sft.rows import Line, read_row


@dataclass(frozen=True)
class Rules:
    tokenizer: Path
    """tokenizer.json as `Tokenizer.to_str` writes it."""
    template: str
    context_tokens: int


@dataclass(frozen=True)
class Outcome:
    where: str
    text_sha256: str
    toolset: str
    rehearsal: bool
    tools: bytes
    """A hash of the tools column."""
    group: str
    result: Sample | Dropped


_rules: Rules
_tokenizer: Tokenizer


def start(rules: Rules) -> None:
    """Once in each process, before `outcomes_of`."""
    global _rules, _tokenizer
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    _rules = rules
    _tokenizer = Tokenizer.from_file(str(rules.tokenizer))


def start_process(rules: Rules) -> None:
    """`start` in a process of its own: it ends with the one that started it, however that ends, and not before."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    trainer = multiprocessing.parent_process()
    if trainer is not None and trainer.pid is not None:
        end_with(trainer.pid)
    start(rules)


def outcomes_of(lines: list[Line]) -> list[Outcome]:
    return [_outcome(line) for line in lines]


def _outcome(line: Line) -> Outcome:
    row = read_row(line)
    frames = frames_of(row, same_text(row, _rules.template))
    return Outcome(
        where=row.where,
        text_sha256=row.text_sha256,
        toolset=row.toolset,
        rehearsal=row.rehearsal,
        tools=hashlib.sha256(row.tools.encode()).digest(),
        group=row.group,
        result=label(row.where, frames, _tokenizer, _rules.context_tokens),
    )
