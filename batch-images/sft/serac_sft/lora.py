"""The adapter: which matrices of the base get one, and what its parts are called in the file that is published."""

from __future__ import annotations

from functools import partial

from peft import LoraConfig, PeftModel, get_peft_model
from torch import nn
from transformers import PreTrainedModel

from serac_sft.job import Job

"""The seven projections of a decoder layer; vLLM applies adapters to all of them."""
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
PREFIX = "base_model.model."


def lora_config(job: Job) -> LoraConfig:
    return LoraConfig(
        r=job.settings.lora_rank,
        lora_alpha=job.settings.lora_alpha,
        lora_dropout=0.0,
        bias="none",
        target_modules=list(PROJECTIONS),
        task_type="CAUSAL_LM",
        base_model_name_or_path=job.base.name,
    )


def with_adapter(model: PreTrainedModel, job: Job) -> PeftModel:
    """The base frozen, as it is; the adapter in fp32, and without effect until it is trained."""
    config = lora_config(job)
    # get_peft_model fills in the folder that the base was loaded from, which no other machine has.
    config.base_model_name_or_path = None
    adapted = get_peft_model(model, config, autocast_adapter_dtype=True)
    adapted.peft_config["default"].base_model_name_or_path = job.base.name
    # Otherwise each checkpoint asks a hub for the base's config, from machines that have no way out.
    adapted.save_pretrained = partial(adapted.save_pretrained, save_embedding_layers=False)
    return adapted


def targets(model: nn.Module) -> dict[str, nn.Linear]:
    """The matrices of a base that get an adapter, by name."""
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and name.rsplit(".", 1)[-1] in PROJECTIONS
    }


def adapter_shapes(base: nn.Module, rank: int) -> dict[str, tuple[int, ...]]:
    """Key -> shape of the published adapter, as peft and vLLM read them. `base` without adapter; may be on the meta device."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, module in targets(base).items():
        shapes[f"{PREFIX}{name}.lora_A.weight"] = (rank, module.in_features)
        shapes[f"{PREFIX}{name}.lora_B.weight"] = (module.out_features, rank)
    return shapes


def adapter_parameters(base: nn.Module, rank: int) -> int:
    return sum(rank * (module.in_features + module.out_features) for module in targets(base).values())
