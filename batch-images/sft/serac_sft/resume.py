"""Where an earlier try got to: the newest checkpoint that is complete and what it says it is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from serac_sft.checkpoint import COMPLETE, Complete, Unfit, folder_name, prefix_of, read_complete, verify
from serac_sft.context import Context
from serac_sft.distributed import Ranks, from_first, of_all
from serac_sft.failures import TrainingFailure
from serac_sft.memory import require_disk
from serac_sft.storage import Missing, safe_path
from serac_sft.upload import complete_steps


@dataclass(frozen=True)
class Resumed:
    step: int
    folder: Path
    """On this machine's disk, for Trainer."""
    passed_over: tuple[str, ...]
    """Newer ones that were not fit, each with the reason."""


def newest_checkpoint(context: Context, job: str, who: Ranks) -> Resumed | None:
    """
    None when there is nothing to go on from. All processes get the same step: one that cannot have it on its machine makes all take the
    older one. TrainingFailure("checkpoint_corrupt") when there are some and none is fit: hours of work are not thrown away silently.
    """
    steps: list[int] = from_first(complete_steps(context.root) if who.is_first else None)
    passed_over: list[str] = []
    for step in steps:
        context.stop.check()
        folder = context.scratch / "resume" / folder_name(step)
        reason = _fetch(context, step, folder, job) if who.is_first_of_node else None
        reasons = [each for each in of_all(reason) if each is not None]
        if not reasons:
            return Resumed(step, folder, tuple(passed_over))
        passed_over.append(f"{folder_name(step)}: {reasons[0]}")
        shutil.rmtree(folder, ignore_errors=True)
    if passed_over:
        raise TrainingFailure(
            "checkpoint_corrupt",
            f"No checkpoint can be gone on from: {'; '.join(passed_over)}.",
            f"Delete {prefix_of(steps[0]).split('/')[0]}/ of this model to train from the start.",
        )
    return None


def _fetch(context: Context, step: int, folder: Path, job: str) -> str | None:
    """Why the checkpoint is not fit, or None. Trouble with the store is no reason to pass over one: it is raised."""
    prefix = prefix_of(step)
    try:
        complete = read_complete(context.root.read(f"{prefix}{COMPLETE}"))
        _check(complete, step, job)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        require_disk(context.scratch, complete.size, f"the checkpoint of step {step}")
        for file in complete.files:
            context.stop.check()
            context.root.download(f"{prefix}{file.path}", folder / safe_path(file.path))
        verify(folder, complete)
        return None
    except Unfit as unfit:
        return str(unfit)
    except Missing as missing:
        return missing.message


def _check(complete: Complete, step: int, job: str) -> None:
    if complete.step != step:
        raise Unfit(f"COMPLETE is of step {complete.step}")
    if complete.job != job:
        raise Unfit("it is of another job.json")
    for file in complete.files:
        try:
            safe_path(file.path)
        except TrainingFailure as failure:
            raise Unfit(failure.message) from failure
