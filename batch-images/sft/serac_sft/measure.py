"""What a model makes of samples: the mean loss of a trained token, and how many of them it would say itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Measured:
    """`loss` in nats a trained token. `correct`: trained tokens that are the likeliest ones behind what stands before them."""

    loss: float
    tokens: int
    correct: int

    @property
    def accuracy(self) -> float:
        return self.correct / self.tokens if self.tokens > 0 else 0.0


@torch.no_grad()
def measure_held_out(trainer: Any, model: torch.nn.Module) -> Measured:
    """Over the trainer's held-out samples, with all its processes. `model` as the trainer has prepared it."""
    was_training = model.training
    model.eval()
    total = torch.zeros(3, dtype=torch.float64)
    for inputs in trainer.get_eval_dataloader():
        inputs = trainer._prepare_inputs(inputs)
        together, inputs = trainer._prepare_context_parallel_inputs(model, inputs)
        with together(), trainer.compute_loss_context_manager():
            outputs = model(**inputs, use_cache=False, fused_lm_head=True)
            part = torch.stack(
                [-outputs.log_probs.float().sum(), outputs.label_mask.float().sum(), outputs.is_top1.float().sum()]
            )
        total += trainer.accelerator.gather_for_metrics(part[None]).sum(0).double().cpu()
    model.train(was_training)
    return _measured(total)


@torch.no_grad()
def measure_samples(
    model: Any, samples: Iterable[tuple[list[int], list[int]]], check: Callable[[], None] = lambda: None
) -> Measured:
    """Over (input_ids, labels), with a model as it comes from a file; one process."""
    model.eval()
    total = torch.zeros(3, dtype=torch.float64)
    for input_ids, labels in samples:
        check()
        wanted = torch.tensor(labels[1:], device=model.device)
        trained = wanted != -100
        logits = (
            model(input_ids=torch.tensor([input_ids], device=model.device), use_cache=False)
            .logits[0, :-1][trained]
            .float()
        )
        wanted = wanted[trained]
        loss = torch.nn.functional.cross_entropy(logits, wanted, reduction="sum")
        total += torch.stack([loss, trained.sum(), (logits.argmax(-1) == wanted).sum()]).double().cpu()
    return _measured(total)


def _measured(total: torch.Tensor) -> Measured:
    loss, tokens, correct = total.tolist()
    return Measured(loss / max(1.0, tokens), int(tokens), int(correct))
