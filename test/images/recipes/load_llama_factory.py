"""Loads a dataset as `llamafactory-cli train recipes/llama-factory.yaml` does. usage: load_llama_factory.py BASE"""

from __future__ import annotations

import importlib.machinery
import sys
import types

import yaml


def hide_audio() -> None:
    """It imports torchaudio for audio, of which there is none; the newest one refuses a torch of another CUDA."""
    module = types.ModuleType("torchaudio")
    module.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
    sys.modules["torchaudio"] = module


def main(base: str) -> None:
    hide_audio()
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args
    from spans import print_spans
    from transformers import AutoTokenizer

    with open("recipes/llama-factory.yaml", encoding="utf-8") as file:
        settings = yaml.safe_load(file)
    model, data, training, _, _ = get_train_args(
        {**settings, "model_name_or_path": base, "bf16": False, "use_cpu": True}
    )
    tokenizer = AutoTokenizer.from_pretrained(base)
    template = get_template_and_fix_tokenizer(tokenizer, data)
    loaded = get_dataset(template, model, data, training, stage="sft", tokenizer=tokenizer, processor=None)
    print_spans(loaded["train_dataset"], tokenizer)


if __name__ == "__main__":
    main(sys.argv[1])
