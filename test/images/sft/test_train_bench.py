"""The programs of bench/ that measure training run here as they do where a GPU is, only smaller."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[3] / "bench"


def load(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem.replace("-", "_"), BENCH / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_step_is_measured(method: str):
    figures = load("train-gpu.py").measure("tiny", method, tokens=64, steps=4, device="cpu")
    assert figures["tokensPerSecond"] > 0
    assert 0 < figures["utilisation"] < 1


def test_flops_are_those_that_specs_give():
    """6 x 8.19e9 less the embeddings, and 3 x 9.7e9 of attention at 32K."""
    module = load("train-gpu.py")
    config = module.Qwen3Config(**module.SHAPES["8B"])
    assert module.flops_a_token(config, 32_768, "full") == pytest.approx(7.19e10, rel=0.01)


def test_a_checkpoint_is_measured(tmp_path: Path):
    module = load("checkpoint/checkpoint.py")
    module.SHAPES["tiny"] = {
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 8,
    }
    figures = module.measure("tiny", tmp_path / "tiny")
    assert figures["parameters"] == 32 * (4 * (64 + 8 * 128) + 3 * (64 + 64))
