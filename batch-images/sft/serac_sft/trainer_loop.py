"""The loop itself: from samples and a base to weights that stand in the memory of the devices."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from uuid import uuid4

from transformers import AutoTokenizer, PrinterCallback, set_seed

from serac_sft.checkpoint import job_sha256
from serac_sft.context import Context
from serac_sft.distributed import from_first, ranks
from serac_sft.measure import measure_held_out
from serac_sft.model import Base, load_trained
from serac_sft.prepared import Prepared
from serac_sft.resume import Resumed, newest_checkpoint
from serac_sft.trainer_args import schedule, trainer_arguments
from serac_sft.trainer_callbacks import Checkpoints, HeldOutBefore, Steps, StopAtCheckpoint
from serac_sft.trainer_learner import Learner
from serac_sft.trainer_memo import Memo, read_memo
from serac_sft.upload import Uploaded, Uploads


@dataclass(frozen=True)
class Learned:
    learner: Learner
    memo: Memo
    steps: int
    tokens: int
    held_out: float | None
    is_adapter: bool


def learn(context: Context, base: Base, prepared: Prepared) -> Learned:
    """Goes on from the newest checkpoint. Interrupted behind a checkpoint; loss_not_finite, storage_*, checkpoint_corrupt, base_unfit."""
    who, job, device = ranks(), context.job, context.device
    set_seed(job.settings.seed)
    context.events.emit("stage", stage="load", detail=f"{job.base.name}, {job.settings.method}")
    output = context.scratch / "checkpoints"
    shutil.rmtree(output, ignore_errors=True)
    plan = schedule(job.settings, prepared.samples, who.world)
    arguments = trainer_arguments(job.settings, plan, output, device, who.world)
    resumed = newest_checkpoint(context, job_sha256(job.document), who)
    learner = Learner(
        model=load_trained(job, base, device),
        args=arguments,
        train_dataset=prepared.train_set(),
        eval_dataset=prepared.held_out_set(),
        processing_class=AutoTokenizer.from_pretrained(base.folder, local_files_only=True),
    )
    # The steps are said as events.
    learner.remove_callback(PrinterCallback)
    learner.memo = Memo() if resumed is None else read_memo(resumed.folder)
    learner.saved_step = 0 if resumed is None else resumed.step
    attempt = from_first(uuid4().hex)
    uploads = Uploads(context.root, job_sha256(job.document), who, lambda done: _say_checkpoint(context, done), attempt)
    stopping = StopAtCheckpoint(learner, uploads, context.stop)
    for callback in (
        Checkpoints(learner, uploads),
        HeldOutBefore(learner, context.events),
        Steps(learner, context.events),
        stopping,
    ):
        learner.add_callback(callback)
    _say_start(context, resumed, plan.steps)
    learner.train(resume_from_checkpoint=None if resumed is None else str(resumed.folder))
    stopping.raise_if_stopped(learner.state)
    uploads.wait()
    if resumed is not None:
        shutil.rmtree(resumed.folder, ignore_errors=True)
    return Learned(
        learner=learner,
        memo=learner.memo,
        steps=learner.state.global_step,
        tokens=int(learner.state.num_input_tokens_seen),
        held_out=_held_out(context, learner),
        is_adapter=job.settings.method == "lora",
    )


def _held_out(context: Context, learner: Learner) -> float | None:
    if learner.eval_dataset is None:
        return None
    samples = len(learner.eval_dataset)
    context.events.emit("stage", stage="measure", detail=f"{samples} held-out samples")
    loss = measure_held_out(learner, learner.model_wrapped).loss
    context.events.emit("held-out", step=learner.state.global_step, loss=loss, samples=samples)
    return loss


def _say_start(context: Context, resumed: Resumed | None, steps: int) -> None:
    if resumed is not None:
        context.events.emit(
            "resumed", step=resumed.step, checkpoint=resumed.folder.name, passedOver=list(resumed.passed_over)
        )
    context.events.emit("stage", stage="train", detail=f"{steps} steps")


def _say_checkpoint(context: Context, done: Uploaded) -> None:
    context.events.emit(
        "checkpoint",
        step=done.step,
        bytes=done.bytes,
        saveSeconds=round(done.save_seconds, 3),
        uploadSeconds=round(done.upload_seconds, 3),
    )
