"""What must hold before a model is published. A gate says what it saw, whether it passed or not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from serac_sft.failures import TrainingFailure

"""Distance of logits, as a share of their spread: what remains is the order of sums in fp32, the rounding of weights in bf16."""
SAME_FP32 = 1e-3
SAME_BF16 = 5e-2
"""Steps whose losses are averaged at the beginning and at the end: one step is one batch, and batches differ."""
WINDOW = 10


@dataclass(frozen=True)
class Gate:
    name: str
    passed: bool
    detail: str


def require(gates: Sequence[Gate]) -> None:
    """TrainingFailure("gate_failed") that names every gate that did not pass."""
    failed = [gate for gate in gates if not gate.passed]
    if failed:
        raise TrainingFailure(
            "gate_failed",
            f"The model is not published: {'; '.join(f'{gate.name}: {gate.detail}' for gate in failed)}.",
            "The last checkpoint and metrics.jsonl are kept.",
        )


def parity(rendered: int, rows: int) -> Gate:
    return Gate(
        "parity", rendered == rows, f"{rendered} of {rows} texts are the same, byte for byte, as serac wrote them"
    )


def keys(weights: Mapping[str, torch.Tensor], expected: Mapping[str, tuple[int, ...]]) -> Gate:
    """Names and shapes are those that a server looks for."""
    missing = sorted(set(expected) - set(weights))
    unknown = sorted(set(weights) - set(expected))
    shapes = [name for name in expected if name in weights and tuple(weights[name].shape) != tuple(expected[name])]
    for what, names in (("missing", missing), ("unknown", unknown), ("of another shape", shapes)):
        if names:
            return Gate("keys", False, f"{len(names)} of {len(expected)} weights are {what}, {names[0]} among them")
    return Gate("keys", bool(expected), f"{len(expected)} weights, all names and shapes as expected")


def finite(weights: Mapping[str, torch.Tensor]) -> Gate:
    bad = [name for name, tensor in weights.items() if not bool(torch.isfinite(tensor).all())]
    return Gate("finite", not bad, f"{bad[0]} holds values that are no numbers" if bad else "every weight is a number")


def ends(losses: Sequence[float]) -> tuple[float, float]:
    """Mean losses of the first and of the last steps."""
    window = max(1, min(WINDOW, len(losses) // 4))
    first, last = losses[:window], losses[-window:]
    return sum(first) / len(first), sum(last) / len(last)


def loss(losses: Sequence[float]) -> Gate:
    """It fell. Fewer than four steps say nothing: each is of other samples."""
    first, last = ends(losses)
    fell = last < first if len(losses) >= 4 else math.isfinite(last)
    return Gate(
        "loss", fell and math.isfinite(last), f"{first:.4f} in the first steps, {last:.4f} in the last of {len(losses)}"
    )


def held_out(before: float | None, after: float | None, steps: int) -> Gate:
    """Not worse on what it was not trained on; a hundredth is noise."""
    if before is None or after is None:
        return Gate("held-out", True, "nothing was held out")
    return Gate(
        "held-out",
        math.isfinite(after) and after <= before * 1.01,
        f"{before:.4f} before, {after:.4f} after {steps} steps",
    )


def hashes(template: tuple[str, str], tokenizer: tuple[str, str]) -> Gate:
    """Pairs of what is published and what was trained with."""
    for what, (is_there, wanted) in (("chat_template.jinja", template), ("tokenizer.json", tokenizer)):
        if is_there != wanted:
            return Gate("hashes", False, f"{what} is {is_there[:12]}…, {wanted[:12]}… was trained with")
    return Gate("hashes", True, "template and tokenizer are those of the training")


def same_logits(name: str, what: str, one: torch.Tensor, other: torch.Tensor, dtype: torch.dtype) -> Gate:
    """Scale-free: the distance of two sets of logits, divided by the spread of the first."""
    limit = SAME_FP32 if dtype == torch.float32 else SAME_BF16
    if one.shape != other.shape:
        return Gate(name, False, f"{what}: {tuple(other.shape)} logits instead of {tuple(one.shape)}")
    spread = (one - one.mean(-1, keepdim=True)).norm()
    distance = float((one - other).norm() / spread.clamp(min=1e-12))
    passed = math.isfinite(distance) and distance <= limit
    return Gate(name, passed, f"{what}: logits differ by {distance:.1e} of their spread, {limit:.0e} are allowed")
