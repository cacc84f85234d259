"""Weights as files: an adapter as peft writes it, a whole model in shards, both as vLLM and transformers read them."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors.torch import save_file

from serac_sft.job import Job
from serac_sft.lora import lora_config
from serac_sft.model import Base

"""Bytes of a shard. Servers load shards side by side."""
SHARD_BYTES = 5 * 10**9
METADATA = {"format": "pt"}


def write_weights(folder: Path, job: Job, base: Base, weights: dict[str, torch.Tensor]) -> None:
    if job.settings.method == "lora":
        save_file(weights, folder / "adapter_model.safetensors", metadata=METADATA)
        config = lora_config(job)
        config.inference_mode = True
        config.save_pretrained(str(folder))
        return
    split = split_torch_state_dict_into_shards(
        weights, filename_pattern="model{suffix}.safetensors", max_shard_size=SHARD_BYTES
    )
    for name, keys in split.filename_to_tensors.items():
        save_file({key: weights[key] for key in keys}, folder / name, metadata=METADATA)
    if split.is_sharded:
        index = {"metadata": split.metadata, "weight_map": split.tensor_to_filename}
        (folder / "model.safetensors.index.json").write_text(f"{json.dumps(index, indent=2)}\n", encoding="utf-8")
    base.config.save_pretrained(folder)
