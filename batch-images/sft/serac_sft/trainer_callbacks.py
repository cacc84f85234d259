"""What happens between the steps: events, checkpoints on their way, losses that are none, and the wish to stop."""

from __future__ import annotations

import math
import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState

from serac_sft.distributed import any_rank
from serac_sft.events import Events
from serac_sft.failures import Interrupted, TrainingFailure
from serac_sft.measure import measure_held_out
from serac_sft.stop import Stop
from serac_sft.trainer_learner import Learner
from serac_sft.upload import Uploads


class Steps(TrainerCallback):
    """Says each step, and ends a training whose loss or gradient is not a number: its weights are lost, its checkpoints are not."""

    def __init__(self, learner: Learner, events: Events):
        self._learner = learner
        self._events = events
        self._at = time.monotonic()
        self._tokens = 0
        self._first = 0

    def on_train_begin(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._at = time.monotonic()
        self._tokens = state.num_input_tokens_seen
        self._first = state.global_step
        self._begun = self._at

    def on_log(
        self, args: Any, state: TrainerState, control: TrainerControl, logs: dict[str, Any] | None = None, **_: Any
    ) -> None:
        if logs is None or "loss" not in logs:
            return
        loss, norm = float(logs["loss"]), logs.get("grad_norm")
        if not math.isfinite(loss) or (norm is not None and not math.isfinite(norm)):
            raise TrainingFailure(
                "loss_not_finite",
                f"At step {state.global_step} of {state.max_steps} the loss is {loss}, the norm of the gradient {norm}.",
                "A smaller learningRate, or a longer warm-up. The last checkpoint is from before that.",
            )
        now = time.monotonic()
        seconds = max(1e-9, now - self._at)
        self._learner.memo.losses.append(loss)
        self._learner.memo.trained_tokens += self._learner.step_tokens
        self._learner.memo.train_seconds += seconds
        done = state.global_step - self._first
        self._events.emit(
            "step",
            step=state.global_step,
            steps=state.max_steps,
            epoch=round(state.epoch or 0.0, 4),
            loss=loss,
            learningRate=float(logs["learning_rate"]),
            gradNorm=None if norm is None else float(norm),
            tokensPerSecond=round((state.num_input_tokens_seen - self._tokens) / seconds, 1),
            tokens=int(state.num_input_tokens_seen),
            etaSeconds=round((now - self._begun) / done * (state.max_steps - state.global_step), 1)
            if done > 0
            else None,
        )
        self._at, self._tokens = now, state.num_input_tokens_seen


class HeldOutBefore(TrainerCallback):
    """The loss on what is never trained on, before the first step of the first try."""

    def __init__(self, learner: Learner, events: Events):
        self._learner = learner
        self._events = events

    def on_train_begin(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._learner.eval_dataset is None or state.global_step > 0:
            return
        measured = measure_held_out(self._learner, self._learner.model_wrapped)
        self._learner.memo.held_out_before = measured.loss
        self._events.emit("held-out", step=0, loss=measured.loss, samples=len(self._learner.eval_dataset))


class Checkpoints(TrainerCallback):
    """Hands each checkpoint over to the upload, and tells the training what became of the one before."""

    def __init__(self, learner: Learner, uploads: Uploads):
        self._learner = learner
        self._uploads = uploads

    def on_step_end(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._uploads.check()

    def on_save(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        step = state.global_step
        self._uploads.start(self._learner.checkpoint_folder(step), step, self._learner.save_seconds)


class StopAtCheckpoint(TrainerCallback):
    """
    A wish to stop is granted after the micro-batch that is being worked on: machines are taken away within two minutes, which is less
    than a step may take. What was computed of an unfinished step is dropped; the weights are those of the last whole one.
    """

    def __init__(self, learner: Learner, uploads: Uploads, stop: Stop):
        self._learner = learner
        self._uploads = uploads
        self._stop = stop

    def _wanted(self) -> bool:
        return any_rank(self._stop.requested, self._learner.args.device)

    def on_train_begin(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._tokens = state.num_input_tokens_seen

    def on_substep_end(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if not self._wanted():
            return
        state.num_input_tokens_seen = self._tokens
        if state.global_step > self._learner.saved_step:
            self._learner.save()
            self._uploads.start(
                self._learner.checkpoint_folder(state.global_step), state.global_step, self._learner.save_seconds
            )
        self._uploads.wait()
        raise self.interrupted(state.global_step)

    def on_step_end(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> TrainerControl:
        self._tokens = state.num_input_tokens_seen
        if self._wanted():
            control.should_log = control.should_save = control.should_training_stop = True
            self._is_stopping = True
        return control

    _is_stopping = False

    def raise_if_stopped(self, state: TrainerState) -> None:
        """Behind the loop, when the checkpoint of its last step is written."""
        if self._is_stopping and state.global_step < state.max_steps:
            self._uploads.wait()
            raise self.interrupted(state.global_step)

    def interrupted(self, step: int) -> Interrupted:
        return Interrupted(self._stop.reason or "another process was stopped", step)
