"""
usage: python checkpoint.py FOLDER 8B|32B

A checkpoint of an adapter as large as that of Qwen3 8B and 32B (rank 32): weights and Adam's moments as Trainer writes them, then hashed and
copied to a root on the same disk by the trainer's own code. Prints a JSON document.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from serac_sft.checkpoint import hash_files, prefix_of, read_complete, verify
from serac_sft.distributed import Ranks
from serac_sft.lora import adapter_shapes
from serac_sft.storage_folder import FolderRoot
from serac_sft.trainer_learner import without_checksums
from serac_sft.upload import Uploaded, Uploads
from transformers import AutoModelForCausalLM, Qwen3Config

SHAPES = {
    "8B": {"hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32},
    "32B": {"hidden_size": 5120, "intermediate_size": 25600, "num_hidden_layers": 64, "num_attention_heads": 64},
}
RANK = 32


def state_of(shape: dict[str, int]) -> tuple[dict[str, torch.Tensor], torch.optim.Optimizer]:
    """After one step, so that there are moments."""
    with torch.device("meta"):
        base = AutoModelForCausalLM.from_config(
            Qwen3Config(num_key_value_heads=8, head_dim=128, vocab_size=151936, **shape)
        )
    weights = {name: torch.nn.Parameter(torch.randn(size)) for name, size in adapter_shapes(base, RANK).items()}
    optimizer = torch.optim.AdamW(weights.values(), lr=1e-4)
    for weight in weights.values():
        weight.grad = weight.detach()
    optimizer.step()
    optimizer.zero_grad()
    return {name: weight.detach() for name, weight in weights.items()}, optimizer


def measure(name: str, folder: Path) -> dict[str, object]:
    weights, optimizer = state_of(SHAPES[name])
    checkpoint = folder / "checkpoint-25"
    checkpoint.mkdir(parents=True)
    without_checksums()
    started = time.monotonic()
    save_file(weights, checkpoint / "adapter_model.safetensors")
    torch.save(optimizer.state_dict(), checkpoint / "optimizer.pt")
    saved = time.monotonic() - started
    done: list[Uploaded] = []
    root = FolderRoot(folder / "root")
    uploads = Uploads(root, "0" * 64, Ranks(0, 1, 0, 0, 1), done.append)
    uploads.start(checkpoint, 25, saved)
    uploads.wait()
    copied = folder / "root" / prefix_of(25)
    started = time.monotonic()
    verify(copied, read_complete((copied / "COMPLETE").read_bytes()))
    return {
        "model": name,
        "parameters": sum(weight.numel() for weight in weights.values()),
        "gb": round(sum(file.bytes for file in hash_files(copied)) / 1e9, 2),
        "saveSeconds": round(saved, 2),
        "uploadSeconds": round(done[0].upload_seconds, 2),
        "verifySeconds": round(time.monotonic() - started, 2),
    }


if __name__ == "__main__":
    place, model = Path(sys.argv[1]), sys.argv[2]
    print(json.dumps(measure(model, place / model)))
    shutil.rmtree(place / model)
