"""What a training ends with, gathered from all devices into the memory of the first process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from peft import get_peft_model_state_dict

from serac_sft.distributed import ranks
from serac_sft.model import Base
from serac_sft.prepared import Prepared
from serac_sft.trainer_loop import Learned
from serac_sft.trainer_memo import Memo

"""Tokens of the sample whose logits are compared before and behind the file."""
PROBE_TOKENS = 128


@dataclass(frozen=True)
class Result:
    """`weights`: as they are published, names and types. `logits`: of the trained model behind each token of `probe`, fp32."""

    weights: dict[str, torch.Tensor]
    probe: tuple[int, ...]
    logits: torch.Tensor
    memo: Memo
    steps: int
    tokens: int
    held_out: float | None


def collect(learned: Learned, base: Base, prepared: Prepared) -> Result | None:
    """All processes together; None on all but the first."""
    learner = learned.learner
    probe = tuple(prepared.train_set()[0]["input_ids"][:PROBE_TOKENS])
    with learner.compute_loss_context_manager():
        logits = logits_of(learner.model_wrapped, probe)
    state = _state(learner)
    if not ranks().is_first:
        return None
    if learned.is_adapter:
        weights = get_peft_model_state_dict(
            learner.accelerator.unwrap_model(learner.model), state_dict=state, save_embedding_layers=False
        )
        weights = {name: tensor.detach().to("cpu", torch.float32).contiguous() for name, tensor in weights.items()}
    else:
        # What the base ties is in its file once, under the name that the base's own file has.
        tied = set(learner.accelerator.unwrap_model(learner.model).all_tied_weights_keys)
        weights = {
            name: tensor.detach().to("cpu", base.dtype).contiguous()
            for name, tensor in state.items()
            if name not in tied
        }
    return Result(weights, probe, logits, learned.memo, learned.steps, learned.tokens, learned.held_out)


def _state(learner: Any) -> dict[str, torch.Tensor]:
    if learner.is_fsdp_enabled:
        return learner.accelerator.get_state_dict(learner.model)
    return learner.accelerator.unwrap_model(learner.model).state_dict()


@torch.no_grad()
def logits_of(model: Any, ids: tuple[int, ...]) -> torch.Tensor:
    """Tokens x vocabulary, fp32, in the memory of the processor."""
    was_training = model.training
    model.eval()
    device = next(model.parameters()).device
    logits = model(input_ids=torch.tensor([ids], device=device), use_cache=False).logits[0].float().cpu()
    model.train(was_training)
    return logits
