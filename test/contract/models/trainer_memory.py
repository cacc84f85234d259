"""What the trainer says that trainings need: a JSON array of cases on stdin, one of answers on stdout."""

from __future__ import annotations

import json
import sys
from dataclasses import fields

from serac_sft.job import Settings
from serac_sft.memory import needed, size_of
from transformers import Qwen2Config, Qwen3Config

UNUSED = {field.name: None for field in fields(Settings)}


def answer(case: dict) -> dict:
    shape = case["shape"]
    head = {"head_dim": shape.pop("head_dim")} if case["qkNorm"] else {}
    shape.pop("head_dim", None)
    config = (Qwen3Config if case["qkNorm"] else Qwen2Config)(**shape, **head)
    size = size_of(config, case["rank"])
    return {
        "parameters": size.parameters,
        "adapter": size.adapter,
        "needs": [
            needed(size, Settings(**{**UNUSED, **told["settings"]}), told["gpus"], "cuda") for told in case["trainings"]
        ],
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
