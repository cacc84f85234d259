"""The settings of the training loop. Values and their reasons are decisions of docs/training.md; the job names what may differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from trl import SFTConfig

from serac_sft.distributed import accumulation, sharding
from serac_sft.job import Settings


@dataclass(frozen=True)
class Schedule:
    steps: int
    warmup: int
    accumulation: int


def schedule(settings: Settings, samples: int, world: int) -> Schedule:
    """Steps of the whole training, as Trainer counts them, and a warm-up that leaves a small set time to learn."""
    accumulated = accumulation(settings, world)
    batches = math.ceil(samples / (world // settings.sequence_parallel))
    steps = max(1, math.ceil(settings.epochs * max(1, math.ceil(batches / accumulated))))
    return Schedule(steps, min(settings.warmup_steps, steps // 10), accumulated)


def trainer_arguments(settings: Settings, plan: Schedule, output: Path, device: str, world: int) -> SFTConfig:
    on_gpu = device == "cuda"
    return SFTConfig(
        output_dir=str(output),
        # Rows come with input_ids and labels: nothing is tokenised, masked or cut here.
        dataset_kwargs={"skip_prepare_dataset": True},
        max_length=None,
        packing=False,
        assistant_only_loss=False,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=1,
        per_device_eval_batch_size=1,
        gradient_accumulation_steps=plan.accumulation,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=plan.warmup,
        weight_decay=settings.weight_decay,
        adam_beta2=0.95,
        max_grad_norm=1.0,
        # "nll" never makes the logits of a whole sequence in this version of TRL ("chunked_nll" is its old name).
        loss_type="nll",
        # Weights and moments stay fp32; bf16 is what is computed in.
        bf16=on_gpu,
        tf32=on_gpu or None,
        use_cpu=not on_gpu,
        gradient_checkpointing=on_gpu,
        gradient_checkpointing_kwargs={"use_reentrant": False} if on_gpu else None,
        # Races under FSDP2.
        activation_offloading=False,
        optim="adamw_torch_fused" if on_gpu else "adamw_torch",
        seed=settings.seed,
        data_seed=settings.seed,
        dataloader_pin_memory=on_gpu,
        dataloader_num_workers=0,
        logging_strategy="steps",
        logging_steps=1,
        logging_first_step=True,
        # A loss that is not a number is to be seen.
        logging_nan_inf_filter=False,
        include_num_input_tokens_seen="non_padding",
        save_strategy="steps",
        save_steps=settings.save_steps,
        save_total_limit=None,
        # A SIGTERM is handled between micro-batches and by all processes together (trainer_stop.py).
        enable_jit_checkpoint=False,
        eval_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        **sharding(settings, world),
    )
