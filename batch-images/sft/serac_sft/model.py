"""The base on the devices, ready to be trained: all of it, or frozen below an adapter."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import PeftModel
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from serac_sft.failures import TrainingFailure
from serac_sft.job import Job
from serac_sft.lora import PROJECTIONS, targets, with_adapter

Trained = PreTrainedModel | PeftModel


@dataclass(frozen=True)
class Base:
    folder: Path
    config: PreTrainedConfig
    dtype: torch.dtype
    """That its weights are published in."""


def read_base(folder: Path) -> Base:
    """TrainingFailure("base_unfit") for what is no causal language model, or whose files are not all there."""
    path = folder / "config.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingFailure(
            "base_unfit", f"{folder} has no config.json.", "A base is a folder as transformers saves it."
        ) from error
    except ValueError as error:
        raise TrainingFailure("base_unfit", f"{path} is not JSON: {error}.") from error
    kind = document.get("model_type") if isinstance(document, dict) else None
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        raise TrainingFailure(
            "base_unfit",
            f"{path} is of a {kind!r}, which is no causal language model that this trainer knows.",
            "Train a text model like Qwen3.",
        )
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainingFailure("base_unfit", f"{path} cannot be used: {error}.") from error
    _require_weights(folder)
    dtype = config.get_text_config().dtype
    return Base(folder, config, dtype if isinstance(dtype, torch.dtype) else torch.float32)


def _require_weights(folder: Path) -> None:
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            shards = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise TrainingFailure("base_unfit", f"{index} cannot be read: {type(error).__name__}.") from error
        missing = [shard for shard in shards if not (folder / str(shard)).is_file()]
    else:
        missing = [] if (folder / "model.safetensors").is_file() else ["model.safetensors"]
    if missing:
        raise TrainingFailure(
            "base_unfit",
            f"{folder} lacks {', '.join(missing[:3])}{' and more' if len(missing) > 3 else ''}.",
            "Weights must be safetensors; copy the whole folder of the base.",
        )


def load_model(base: Base, dtype: torch.dtype) -> PreTrainedModel:
    """With every weight from the files: TrainingFailure("base_unfit") instead of random numbers where some are missing."""
    try:
        model, info = AutoModelForCausalLM.from_pretrained(
            base.folder,
            dtype=dtype,
            attn_implementation="sdpa",
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (SafetensorError, OSError, ValueError, RuntimeError, KeyError) as error:
        raise TrainingFailure(
            "base_unfit", f"The weights in {base.folder} cannot be loaded: {_first_line(error)}"
        ) from error
    bad = [*info["missing_keys"], *(str(key) for key in info["mismatched_keys"])]
    if bad:
        raise TrainingFailure("base_unfit", f"{base.folder} lacks weights of its model: {', '.join(sorted(bad)[:3])}.")
    return model


def load_trained(job: Job, base: Base, device: str) -> Trained:
    """What the trainer trains. Weights that are trained are fp32: Adam's small steps vanish in bf16."""
    full = job.settings.method == "full"
    model = load_model(base, torch.float32 if full or device == "cpu" else torch.bfloat16)
    if full:
        trained: Trained = model
    elif not targets(model):
        raise TrainingFailure(
            "base_unfit",
            f"{base.folder} ({base.config.model_type}) has none of the matrices that an adapter is put on: {', '.join(PROJECTIONS)}.",
            "method: full trains it without an adapter.",
        )
    else:
        trained = with_adapter(model, job)
    require_fp32(trained)
    return trained


def require_fp32(model: torch.nn.Module) -> None:
    """
    bf16 master weights move only 4-8 % of the weights in the first steps of a training, so this is no matter of taste.
    """
    wrong = [
        name
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and parameter.dtype != torch.float32
    ]
    if wrong:
        raise RuntimeError(f"{len(wrong)} trained weights are not fp32, {wrong[0]} among them")


def _first_line(error: BaseException) -> str:
    return f"{(str(error).strip().splitlines() or [type(error).__name__])[0][:300]}"
