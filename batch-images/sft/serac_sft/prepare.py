"""The data stage: rows to ids and labels on the scratch disk. What an earlier try made of the same data is used again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from serac_sft import names
from serac_sft.context import Context, local_rank
from serac_sft.dataset import DatasetCheck, check_rehearsal
from serac_sft.disk import disk_errors
from serac_sft.failures import TrainingFailure
from serac_sft.job import Job
from serac_sft.labels import Sample
from serac_sft.outcome import Outcome, Rules, outcomes_of, start, start_process
from serac_sft.prepared import SAMPLES, Prepared, load_prepared
from serac_sft.ranks import when_done
from serac_sft.render import load_template
from serac_sft.rows import Line, lines_of
from serac_sft.samples import SampleFile
from serac_sft.sizes import size_text
from serac_sft.split import hold_out
from serac_sft.storage import download_folder
from serac_sft.storage_folder import FolderRoot
from serac_sft.tokenizer import load_tokenizer
from serac_sft.workers import cores, in_processes

# Change it when the same rows give other samples.
PREPARATION = 1
BATCH_BYTES = 1 << 20
# A process takes a second to start; that much text takes several.
BYTES_PER_PROCESS = 8 << 20
# Of ids and labels, for a byte of rows: eight bytes a token of three to four characters.
GROWTH = 2.5
REPORT_SECONDS = 10.0


def prepare(context: Context, base: Path) -> Prepared:
    """Emits `prepared`. Failures: data_…, parity_broken, template_mismatch, tokenizer_unfit, disk_too_small."""
    started = time.monotonic()
    check_rehearsal(context.job)
    template = load_template(context.template, context.job.template_sha256)
    tokenizer = load_tokenizer(base).to_str()
    folder = context.scratch / "prepared" / _fingerprint(context.job, tokenizer)
    if local_rank() == 0 and load_prepared(folder) is None:
        _make(context, folder, tokenizer, template)
    when_done(lambda: load_prepared(folder) is not None, context.stop)
    prepared = load_prepared(folder)
    assert prepared is not None
    context.events.emit(
        "prepared",
        samples=prepared.samples,
        heldOut=prepared.held_out,
        tokens=prepared.tokens,
        trainedTokens=prepared.trained_tokens,
        maxTokens=prepared.max_tokens,
        cut=prepared.cut,
        dropped=prepared.dropped,
        seconds=round(time.monotonic() - started, 3),
    )
    return prepared


def _fingerprint(job: Job, tokenizer: str) -> str:
    settings = job.settings
    decides = [PREPARATION, job.data.datasets, job.data.rows, job.data.toolset, job.data.texts_sha256]
    decides += [job.template_sha256, hashlib.sha256(tokenizer.encode()).hexdigest()]
    decides += [settings.context_tokens, settings.held_out, settings.seed, settings.allow_rehearsal]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16]


def _make(context: Context, folder: Path, tokenizer: str, template: str) -> None:
    shutil.rmtree(folder.parent, ignore_errors=True)
    unfinished = folder.with_name(f"{folder.name}.{os.getpid()}")
    rules = Rules(unfinished / "tokenizer.json", template, context.job.settings.context_tokens)
    with disk_errors("write", unfinished):
        unfinished.mkdir(parents=True)
        rules.tokenizer.write_text(tokenizer, encoding="utf-8")
    rows = _rows_folder(context)
    size = sum(
        path.stat().st_size for dataset in context.job.data.datasets for path in (rows / dataset).glob("*.jsonl")
    )
    _check_room(context.scratch, size)
    _write(context, unfinished, _outcomes(rows, context.job, rules, min(cores(), 1 + size // BYTES_PER_PROCESS)))
    unfinished.rename(folder)


def _rows_folder(context: Context) -> Path:
    context.events.emit("stage", stage="data", detail=f"{context.job.data.rows} rows")
    if isinstance(context.root, FolderRoot):
        return context.root.folder / names.DATA
    folder = context.scratch / "data" / hashlib.sha256(context.root.address.encode()).hexdigest()[:16]
    for dataset in context.job.data.datasets:
        download_folder(context.root, f"{names.DATA}{dataset}/", folder / dataset, check=context.stop.check)
    return folder


def _check_room(scratch: Path, size: int) -> None:
    need, free = int(size * GROWTH), shutil.disk_usage(scratch).free
    if need > free:
        message = f"The prepared data needs about {size_text(need)} below {scratch}, {size_text(free)} are free."
        raise TrainingFailure(
            "disk_too_small",
            message,
            "Make room there, or work on a larger disk: --scratch of the trainer, --home of serac train.",
        )


def _outcomes(folder: Path, job: Job, rules: Rules, processes: int) -> Iterator[Outcome]:
    batches = _batches(lines_of(folder, job.data.datasets))
    if processes > 1:
        return chain.from_iterable(in_processes(batches, outcomes_of, start_process, rules, processes))
    start(rules)
    return chain.from_iterable(map(outcomes_of, batches))


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.text)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write(context: Context, folder: Path, outcomes: Iterator[Outcome]) -> None:
    job, check = context.job, DatasetCheck(context.job)
    # Of each sample, in the order of the file: a few numbers, whatever its length.
    groups: list[str] = []
    counts: list[tuple[int, int, bool]] = []
    reported = time.monotonic()
    with SampleFile(folder / SAMPLES) as file:
        for outcome in outcomes:
            context.stop.check()
            check.see(outcome)
            if isinstance(outcome.result, Sample):
                file.write(outcome.result)
                groups.append(outcome.group)
                counts.append((len(outcome.result.ids), outcome.result.trained, outcome.result.cut))
            if time.monotonic() - reported > REPORT_SECONDS:
                reported = time.monotonic()
                context.events.emit("stage", stage="render", detail=f"{check.rows} of {job.data.rows} rows")
    check.end()
    held_out = hold_out(groups, job.settings.held_out, job.settings.seed)
    learned = [place for place in range(len(counts)) if place not in held_out]
    Prepared(
        folder=folder,
        samples=len(learned),
        held_out=len(held_out),
        tokens=sum(counts[place][0] for place in learned),
        trained_tokens=sum(counts[place][1] for place in learned),
        max_tokens=max(tokens for tokens, _, _ in counts),
        cut=sum(cut for _, _, cut in counts),
        dropped=dict(check.dropped),
        rows=check.rows,
        train_rows=tuple(learned),
        held_out_rows=tuple(sorted(held_out)),
    ).save()
