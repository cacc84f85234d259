"""TRL's trainer, with checkpoints that hold what is needed to go on and nothing else."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer
from trl import SFTTrainer

from serac_sft.distributed import barrier
from serac_sft.trainer_memo import Memo

"""Trainer keeps them beside the weights; a checkpoint does not need them, and one of them is a pickle."""
NOT_KEPT = ("training_args.bin", "README.md", "chat_template.jinja", "tokenizer.json", "tokenizer_config.json")


def without_checksums() -> None:
    """Checkpoints are verified by SHA-256; torch's own checksums would double the time that a training stands still for one."""
    torch.serialization.set_crc32_options(False)


class Learner(SFTTrainer):
    """`memo` goes into each checkpoint. `save_seconds`: what the last one held up the training."""

    memo: Memo
    save_seconds: float = 0.0
    saved_step: int = 0
    """Of the last checkpoint that was written, or gone on from."""

    def checkpoint_folder(self, step: int) -> Path:
        return Path(str(self.args.output_dir)) / f"checkpoint-{step}"

    def save(self) -> None:
        """A checkpoint of the last whole step, now. All processes together."""
        self._save_checkpoint(self.model_wrapped, None)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        started = time.monotonic()
        without_checksums()
        # Past SFTTrainer, which would write a model card into each.
        Trainer._save_checkpoint(self, model, trial)
        folder = self.checkpoint_folder(self.state.global_step)
        if self.args.should_save:
            for name in NOT_KEPT:
                (folder / name).unlink(missing_ok=True)
            self.memo.write(folder)
        # What is sent next is what all processes of this machine wrote.
        barrier()
        self.saved_step = self.state.global_step
        self.save_seconds = time.monotonic() - started

    step_tokens: int = 0
    """Trained tokens of the step that is being worked on, of all processes."""

    def get_batch_samples(self, *args: Any, **kwargs: Any) -> Any:
        samples, items = super().get_batch_samples(*args, **kwargs)
        self.step_tokens = 0 if items is None else int(items)
        return samples, items

    def drop(self) -> None:
        """Forgets model and optimizer: the memory of the devices is free again."""
        self.model = self.model_wrapped = self.optimizer = self.lr_scheduler = None
        self.callback_handler.model = self.callback_handler.optimizer = self.callback_handler.lr_scheduler = None
        self.accelerator.free_memory()
