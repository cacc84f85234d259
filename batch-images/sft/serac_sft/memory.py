"""What a training needs of memory and disk, counted before anything is loaded, and what would fit where it does not."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedConfig

from serac_sft.failures import TrainingFailure
from serac_sft.job import Settings
from serac_sft.lora import adapter_parameters
from serac_sft.sizes import size_text

"""CUDA's context, its libraries' workspaces, and what the allocator cannot use. Bytes a GPU."""
OVERHEAD_GPU = 3 * 10**9
"""Python, torch and its libraries. Bytes."""
OVERHEAD_CPU = 10**9
"""fp32 weights, gradients and Adam's two moments."""
TRAINED_BYTES = 16


@dataclass(frozen=True)
class Size:
    """Of a base, from its config. Parameters, not bytes."""

    parameters: int
    adapter: int
    layers: int
    hidden: int
    intermediate: int


def size_of(config: PreTrainedConfig, rank: int) -> Size:
    """Counted on a model without weights."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    text = config.get_text_config()
    return Size(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        adapter=adapter_parameters(model, rank),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        intermediate=text.intermediate_size,
    )


def needed(size: Size, settings: Settings, devices: int, device: str) -> int:
    """Bytes on each device. FSDP2 spreads weights and Adam's moments over all of them, a sequence lies on `sequence_parallel` of them.

    Activations with checkpointing are the inputs of the layers, in bf16 (21.5 GB for 64 layers of 5120 at 32K), and one layer's own while
    it is computed again. On a processor everything is fp32, and nothing is checkpointed.
    """
    if settings.method == "full":
        states = size.parameters * TRAINED_BYTES
    else:
        states = size.parameters * (2 if device == "cuda" else 4) + size.adapter * TRAINED_BYTES
    tokens = settings.context_tokens / settings.sequence_parallel
    within = 8 * size.hidden + 4 * size.intermediate
    if device == "cuda":
        activations = tokens * 2 * (size.layers * size.hidden + within)
        return int(states / devices + activations) + OVERHEAD_GPU
    return int(states + tokens * 4 * size.layers * within) + OVERHEAD_CPU


def require_memory(size: Size, settings: Settings, devices: int, device: str, have: int) -> None:
    """TrainingFailure("memory_too_small") says need, have and what would fit."""
    need = needed(size, settings, devices, device)
    if need <= have:
        return
    fits = [
        text
        for text, other, count in _alternatives(settings, devices, device)
        if needed(size, other, count, device) <= have
    ]
    raise TrainingFailure(
        "memory_too_small",
        f"Training ({settings.method}, {settings.context_tokens} tokens of context) needs about {size_text(need)} on each of "
        f"{devices} device(s); there are {size_text(have)}.",
        f"What would fit: {'; '.join(fits[:3])}." if fits else "A smaller base, or devices with more memory.",
    )


def _alternatives(settings: Settings, devices: int, device: str) -> list[tuple[str, Settings, int]]:
    found: list[tuple[str, Settings, int]] = []
    if settings.method == "full":
        found.append(("method: lora", replace(settings, method="lora"), devices))
    for share in (2, 4):
        tokens = settings.context_tokens // share
        if tokens >= 4096:
            found.append((f"contextTokens: {tokens}", replace(settings, context_tokens=tokens), devices))
    if device == "cuda":
        for count in (2, 4, 8, 16, 32):
            if count > devices:
                found.append((f"{count} such devices", settings, count))
                parallel = settings.sequence_parallel * 2
                found.append(
                    (
                        f"{count} such devices with sequenceParallel: {parallel}",
                        replace(settings, sequence_parallel=parallel),
                        count,
                    )
                )
    return found


def require_disk(scratch: Path, need: int, what: str) -> None:
    """TrainingFailure("disk_too_small") says need and have."""
    have = shutil.disk_usage(scratch).free
    if need > have:
        raise TrainingFailure(
            "disk_too_small",
            f"{scratch} has {size_text(have)} free; {size_text(need)} are needed for {what}.",
            "Make room there, or work on a larger disk: --scratch of the trainer, --home of serac train.",
        )


def checkpoint_bytes(size: Size, settings: Settings) -> int:
    """fp32 weights of what is trained, and Adam's two moments."""
    return 12 * (size.parameters if settings.method == "full" else size.adapter)


def memory_of(device: str, index: int) -> int:
    """Bytes that this process may use: free on the GPU; on a processor what the machine has free, within the limit of its container."""
    if device == "cuda":
        return torch.cuda.mem_get_info(index)[0]
    limits = [os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            limits = [int(line.split()[1]) * 1024]
    for line in _lines("/sys/fs/cgroup/memory.max"):
        if line.isdigit():
            limits.append(int(line))
    return min(limits)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").split("\n")
    except OSError:
        return []
