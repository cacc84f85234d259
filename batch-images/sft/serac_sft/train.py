"""From prepared data to a published model."""

from __future__ import annotations

from pathlib import Path

from serac_sft import distributed, memory
from serac_sft.context import Context
from serac_sft.failures import Interrupted
from serac_sft.model import Base, read_base
from serac_sft.prepared import Prepared
from serac_sft.publish import publish
from serac_sft.trainer_loop import learn
from serac_sft.trainer_result import collect


def train(context: Context, folder: Path, prepared: Prepared) -> None:
    """
    The last event is `published`, said by the first process; the others end when the weights are gathered. TrainingFailure and
    Interrupted as the modules say that are called here.
    """
    base = read_base(folder)
    require_room(context, base)
    learned = learn(context, base, prepared)
    result = collect(learned, base, prepared)
    # Its weights make room for the published ones, which are loaded to see that they are the same.
    learned.learner.drop()
    if result is None:
        return
    try:
        publish(context, base, prepared, result)
    except Interrupted as stopped:
        raise Interrupted(stopped.reason, result.steps) from stopped


def require_room(context: Context, base: Base) -> None:
    """Before anything is loaded: memory_too_small, disk_too_small, and job_invalid for GPUs that cannot share the batch."""
    who, settings = distributed.ranks(), context.job.settings
    distributed.accumulation(settings, who.world)
    size = memory.size_of(base.config, settings.lora_rank)
    have = memory.memory_of(context.device, who.local_rank)
    memory.require_memory(size, settings, who.world, context.device, have)
    weights = size.parameters * base.dtype.itemsize if settings.method == "full" else size.adapter * 4
    memory.require_disk(
        context.scratch, 2 * memory.checkpoint_bytes(size, settings) + weights, "two checkpoints and the model"
    )
