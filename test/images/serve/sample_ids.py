"""
usage: python sample_ids.py DATA BASE TEMPLATE CONTEXT_TOKENS

What the trainer makes of each row below DATA/{t1,t2}, a JSON document a line: `where`, `ids`, and `replies`: where each reply that is learned
begins and ends in them. The trainer's own modules, one after another as its data stage calls them. `ids` is null for a row that is left out.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from serac_sft.frames import frames_of
from serac_sft.labels import Sample, label
from serac_sft.prepared import IGNORED
from serac_sft.render import render
from serac_sft.rows import lines_of, read_row
from serac_sft.tokenizer import load_tokenizer


def main(data: Path, base: Path, template: Path, context_tokens: int) -> None:
    tokenizer, text = load_tokenizer(base), template.read_text(encoding="utf-8")
    for line in lines_of(data, ("t1", "t2")):
        row = read_row(line)
        sample = label(line.where, frames_of(row, render(row, text)), tokenizer, context_tokens)
        document: dict[str, object] = {"where": line.where, "ids": None, "replies": []}
        if isinstance(sample, Sample):
            learned = np.concatenate([[False], sample.labels != IGNORED, [False]])
            borders = np.flatnonzero(learned[1:] != learned[:-1]).tolist()
            replies = list(pairwise(borders))[::2]
            document |= {"ids": sample.ids.tolist(), "replies": replies}
        print(json.dumps(document))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
