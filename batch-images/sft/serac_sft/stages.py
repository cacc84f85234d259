"""The stages of a training, in their order."""

from __future__ import annotations

import os
import platform
from dataclasses import replace
from importlib.metadata import version
from typing import Literal

from serac_sft.base import fetch_base
from serac_sft.context import Context
from serac_sft.failures import TrainingFailure
from serac_sft.prepare import prepare

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers")


def run_stages(context: Context, attempt: int) -> None:
    """`attempt` counts from 0. The last event is `published`; everything else is raised."""
    device = _device(context.device)
    context = replace(context, device=device)
    context.events.emit(
        "started",
        attempt=attempt,
        device=_device_name(device),
        devices=int(os.environ.get("WORLD_SIZE", "1")),
        versions={"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    )
    base = fetch_base(context)
    prepared = prepare(context, base)
    context.stop.check()

    # TRL takes seconds to load, and what is wrong with base and data is known without it.
    from serac_sft.train import train

    train(context, base, prepared)


def _device(wanted: str) -> Literal["cpu", "cuda"]:
    import torch

    has_cuda = torch.cuda.is_available()
    if wanted == "cuda" and not has_cuda:
        hint = "Install the driver of the GPU, or train on the processor with --device cpu (for very small models)."
        raise TrainingFailure("memory_too_small", "There is no CUDA device here.", hint)
    return "cuda" if has_cuda and wanted != "cpu" else "cpu"


def _device_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name() if device == "cuda" else "cpu"
