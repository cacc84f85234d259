"""
python -m serac_sft.accuracy --root <model> --scratch <folder>

How much of its own data a published model knows: the share of trained tokens that it finds the likeliest ones behind what stands before
them. Prints {"accuracy", "loss", "tokens"}; the data is prepared again, or taken from the scratch folder when it is there.
"""

from __future__ import annotations

import argparse
import json
import sys
from io import StringIO
from pathlib import Path

import torch
from peft import PeftModel

from serac_sft import names
from serac_sft.__main__ import TEMPLATE
from serac_sft.base import fetch_base
from serac_sft.context import Context
from serac_sft.events import Events
from serac_sft.job import read_job
from serac_sft.measure import Measured, measure_samples
from serac_sft.model import Trained, load_model, read_base
from serac_sft.prepare import prepare
from serac_sft.stop import Stop
from serac_sft.storage import download_folder, open_root


def measure_accuracy(context: Context) -> Measured:
    folder = fetch_base(context)
    prepared = prepare(context, folder)
    published = context.scratch / "published"
    download_folder(context.root, names.WEIGHTS, published)
    model = _load(context, folder, published)
    samples = ((row["input_ids"], row["labels"]) for row in prepared.train_set())
    return measure_samples(model, samples, context.stop.check)


def _load(context: Context, base: Path, published: Path) -> Trained:
    if context.job.settings.method == "full":
        model = read_base(published)
        return load_model(model, model.dtype).to(context.device)
    dtype = torch.float32 if context.device == "cpu" else torch.bfloat16
    return PeftModel.from_pretrained(load_model(read_base(base), dtype).to(context.device), str(published))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m serac_sft.accuracy", description=__doc__)
    parser.add_argument("--root", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--template", default=str(TEMPLATE))
    options = parser.parse_args(arguments)
    root = open_root(options.root)
    scratch = Path(options.scratch).absolute()
    scratch.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    job = read_job(root.read(names.JOB), names.JOB)
    context = Context(job, root, scratch, Events(StringIO()), Stop(), device, Path(options.template))
    measured = measure_accuracy(context)
    print(json.dumps({"accuracy": measured.accuracy, "loss": measured.loss, "tokens": measured.tokens}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
