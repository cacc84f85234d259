"""
usage: python bench/train-gpu.py [--shape 8B|1.7B|tiny] [--method lora|full] [--tokens 32768] [--steps 6] [--device cuda|cpu]

Tokens a second, model FLOP utilisation and peak memory of a training step on the GPU at hand: random weights in the shape of a Qwen3, through
the trainer's own arguments and loss. Utilisation is of the rate that the card reaches in a large bf16 product, measured first. Prints a JSON
document. Needs the trainer's packages (batch-images/sft/requirements.txt) and batch-images/sft on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from serac_sft.job import Base, Data, Job, Lineage, Settings
from serac_sft.lora import with_adapter
from serac_sft.memory import size_of
from serac_sft.trainer_args import schedule, trainer_arguments
from tokenizers import Tokenizer, models
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, Qwen3Config, TrainerCallback
from trl import SFTTrainer

# Shapes: config.json of Qwen3-8B and Qwen3-1.7B.
LARGE = {"vocab_size": 151936, "num_key_value_heads": 8, "head_dim": 128}
SHAPES: dict[str, dict[str, Any]] = {
    "8B": {
        **LARGE,
        "hidden_size": 4096,
        "intermediate_size": 12288,
        "num_hidden_layers": 36,
        "num_attention_heads": 32,
    },
    "1.7B": {
        **LARGE,
        "hidden_size": 2048,
        "intermediate_size": 6144,
        "num_hidden_layers": 28,
        "num_attention_heads": 16,
        "tie_word_embeddings": True,
    },
    "tiny": {
        "vocab_size": 256,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
    },
}


def flops_a_token(config: Qwen3Config, tokens: int, method: str) -> float:
    """
    Of forward and backward, without what checkpointing computes again: 6 a weight, 4 where the weights are frozen. Attention is causal. The
    first embedding is looked up, not multiplied; the last is multiplied where there is a loss, a third of the places.
    """
    size = size_of(config, 32)
    embedding = config.vocab_size * config.hidden_size
    weights = size.parameters - embedding * (1 if config.tie_word_embeddings else 2) + embedding / 3
    attention = 2 * 2 * size.layers * config.num_attention_heads * config.head_dim * tokens / 2
    return (6 if method == "full" else 4) * weights + 3 * attention


def matrix_rate(device: str) -> float:
    """FLOP/s of a bf16 product of 8192 squares; of 512 on a processor."""
    n = 8192 if device == "cuda" else 512
    a, b = (torch.randn(n, n, device=device, dtype=torch.bfloat16) for _ in range(2))
    times = []
    for _ in range(10):
        wait(device)
        started = time.perf_counter()
        a @ b
        wait(device)
        times.append(time.perf_counter() - started)
    return 2 * n**3 / sorted(times)[2]


def wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


class Clock(TrainerCallback):
    def __init__(self, device: str):
        self._device = device
        self.ends: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        wait(self._device)
        self.ends.append(time.perf_counter())


def measure(shape: str, method: str, tokens: int, steps: int, device: str) -> dict[str, Any]:
    config = Qwen3Config(max_position_embeddings=tokens, attn_implementation="sdpa", **SHAPES[shape])
    settings = Settings(method, tokens, 1, 1e-4, 1, 0, 0.01, 32, 64, 10**6, 0, 1, 1, True)
    frozen = method == "lora" and device == "cuda"
    with torch.device(device):
        model: Any = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16 if frozen else torch.float32)
    if method == "lora":
        job = Job(
            "m",
            "m",
            Base("", None, "m"),
            Data(("t2",), 1, "m", True, ""),
            "",
            settings,
            Lineage(None, "", None, ""),
            {},
        )
        model = with_adapter(model, job)
    generator = torch.Generator().manual_seed(0)
    rows = [torch.randint(3, config.vocab_size, (tokens,), generator=generator).tolist() for _ in range(steps)]
    # A third of a trajectory is what the agent said.
    samples = [{"input_ids": row, "labels": [-100] * (tokens * 2 // 3) + row[tokens * 2 // 3 :]} for row in rows]
    words = Tokenizer(models.WordLevel({"<pad>": 0, "<end>": 1, "w": 2}, unk_token="w"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", eos_token="<end>")
    clock = Clock(device)
    with tempfile.TemporaryDirectory() as folder:
        arguments = trainer_arguments(settings, schedule(settings, steps, 1), Path(folder), device, 1)
        arguments.save_strategy = "no"
        trainer = SFTTrainer(
            model, arguments, train_dataset=Dataset.from_list(samples), processing_class=tokenizer, callbacks=[clock]
        )
        trainer.train()
    # The first two steps warm up kernels and allocator.
    seconds = (clock.ends[-1] - clock.ends[1]) / (len(clock.ends) - 2)
    rate = matrix_rate(device)
    flops = flops_a_token(config, tokens, method)
    return {
        "shape": shape,
        "method": method,
        "tokens": tokens,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "secondsAStep": round(seconds, 4),
        "tokensPerSecond": round(tokens / seconds, 1),
        "matrixTflops": round(rate / 1e12, 3),
        "utilisation": round(flops * tokens / seconds / rate, 4),
        "peakGb": round(torch.cuda.max_memory_allocated() / 1e9, 1) if device == "cuda" else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=list(SHAPES), default="8B")
    parser.add_argument("--method", choices=["lora", "full"], default="lora")
    parser.add_argument("--tokens", type=int, default=32768)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args()
    if options.steps < 4:
        parser.error("--steps: at least 4, of which two warm up")
    print(json.dumps(measure(options.shape, options.method, options.tokens, options.steps, options.device)))


if __name__ == "__main__":
    main()
