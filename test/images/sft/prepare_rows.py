"""
usage: python prepare_rows.py ROOT BASE SCRATCH

Prepares the rows of a model's root with the trainer's own code, and prints the tokens of each sample, and those of them that are learned.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from serac_sft.__main__ import TEMPLATE
from serac_sft.context import Context
from serac_sft.events import Events, take_stdout
from serac_sft.job import read_job
from serac_sft.prepare import prepare
from serac_sft.prepared import IGNORED
from serac_sft.stop import Stop
from serac_sft.storage import open_root

if __name__ == "__main__":
    out = take_stdout()
    root, base, scratch = open_root(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    job = read_job(root.read("job.json"), "job.json")
    prepared = prepare(Context(job, root, scratch, Events(out, silent=True), Stop(), "cpu", TEMPLATE), base)
    samples = [
        {"tokens": len(sample["input_ids"]), "learned": sum(label != IGNORED for label in sample["labels"])}
        for sample in prepared.train_set()
    ]
    json.dump({"samples": samples, "dropped": prepared.dropped, "cut": prepared.cut}, out)
    out.flush()
