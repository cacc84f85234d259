"""Each gate lets pass what is good, and names what is not."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from serac_sft import gates, publish
from serac_sft.failures import TrainingFailure
from training_case import make_case, run_case

SHAPES = {"base_model.model.a.lora_A.weight": (2, 3), "base_model.model.a.lora_B.weight": (4, 2)}


def weights() -> dict[str, torch.Tensor]:
    return {name: torch.zeros(shape) for name, shape in SHAPES.items()}


def test_names_and_shapes():
    assert gates.keys(weights(), SHAPES).passed
    wrapped = {name.replace(".a.", ".a._checkpoint_wrapped_module."): tensor for name, tensor in weights().items()}
    assert not gates.keys(wrapped, SHAPES).passed
    assert "missing" in gates.keys(wrapped, SHAPES).detail
    more = {**weights(), "base_model.model.b.lora_A.weight": torch.zeros(1)}
    assert gates.keys(more, SHAPES).detail.startswith("1 of 2 weights are unknown, base_model.model.b.lora_A.weight")
    other = {**weights(), "base_model.model.a.lora_A.weight": torch.zeros(3, 2)}
    assert "of another shape" in gates.keys(other, SHAPES).detail
    assert not gates.keys({}, {}).passed


def test_values_are_numbers():
    assert gates.finite(weights()).passed
    for bad in (math.nan, math.inf):
        spoilt = weights()
        spoilt["base_model.model.a.lora_B.weight"][0, 0] = bad
        assert not gates.finite(spoilt).passed


@pytest.mark.parametrize(
    ("losses", "passed"),
    [
        ([3.0, 2.0, 1.5, 1.0], True),
        ([1.0, 1.0, 1.0, 1.0], False),
        ([1.0, 2.0, 3.0, 4.0], False),
        # One odd batch at the end says nothing of a training of forty steps.
        ([4.0 - step / 20 for step in range(39)] + [5.0], True),
        ([2.0, 3.0], True),
        ([2.0, math.nan], False),
    ],
)
def test_the_loss_fell(losses: list[float], passed: bool):
    assert gates.loss(losses).passed is passed


@given(st.lists(st.floats(0, 20), min_size=1, max_size=200))
def test_the_ends_of_a_training_lie_within_its_losses(losses: list[float]):
    for end in gates.ends(losses):
        assert min(losses) - 1e-9 <= end <= max(losses) + 1e-9


def test_what_was_held_out_is_not_forgotten():
    assert gates.held_out(None, None, 5).passed
    assert gates.held_out(2.0, 1.0, 5).passed
    assert not gates.held_out(1.0, 1.1, 5).passed
    assert not gates.held_out(1.0, math.nan, 5).passed


def test_logits_are_compared_by_their_spread():
    one = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    assert gates.same_logits("reload", "x", one, one.clone(), torch.float32).passed
    assert gates.same_logits("reload", "x", one * 1e6, one * 1e6 * (1 + 1e-6), torch.float32).passed
    assert not gates.same_logits("reload", "x", one, one * 1.01, torch.float32).passed
    assert gates.same_logits("reload", "x", one, one * 1.01, torch.bfloat16).passed
    assert not gates.same_logits("reload", "x", one, one.flip(0), torch.bfloat16).passed
    assert not gates.same_logits("reload", "x", one, torch.full_like(one, math.nan), torch.float32).passed
    assert not gates.same_logits("reload", "x", one, one[:, :3], torch.float32).passed


def test_all_failures_are_named():
    with pytest.raises(TrainingFailure) as failure:
        gates.require([gates.Gate("a", False, "one"), gates.Gate("b", True, "two"), gates.Gate("c", False, "three")])
    assert failure.value.code == "gate_failed"
    assert "a: one; c: three" in failure.value.message


def test_a_file_that_is_not_what_was_trained_is_not_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    case = make_case(tmp_path / "case", samples=8, batchSize=1)
    write = publish.write_weights

    def write_other(folder: Path, *arguments: object) -> None:
        write(folder, *arguments)
        path = folder / "adapter_model.safetensors"
        save_file({name: tensor + 0.5 for name, tensor in load_file(path).items()}, path, {"format": "pt"})

    monkeypatch.setattr(publish, "write_weights", write_other)
    run = run_case(case)
    assert isinstance(run.failure, TrainingFailure)
    assert run.failure.code == "gate_failed"
    assert run.failure.message.startswith("The model is not published: reload: loaded from its files: logits differ by")
    assert not (case / "root" / "model").exists()


@pytest.mark.parametrize("method", ["lora", "full"])
def test_what_is_published(tmp_path: Path, method: str):
    case = make_case(tmp_path / "case", samples=8, batchSize=1, method=method, base_dtype=torch.bfloat16)
    run = run_case(case)
    assert run.failure is None
    model = case / "root" / "model"
    manifest = json.loads((model / "MANIFEST.json").read_text())
    assert manifest["job"] == json.loads((case / "root" / "job.json").read_text())
    assert {file["path"] for file in manifest["files"]} == {path.name for path in model.iterdir()} - {"MANIFEST.json"}
    assert "chat_template" not in json.loads((model / "tokenizer_config.json").read_text())
    assert (model / "chat_template.jinja").read_bytes() == (case / "template.jinja").read_bytes()
    card = (model / "README.md").read_text()
    assert card.startswith('---\nbase_model: "example/tiny"\n')
    assert "**Rehearsal data.**" in card
    if method == "full":
        tensors = load_file(model / "model.safetensors")
        assert set(tensors) == set(load_file(case / "base" / "model.safetensors"))
        # As the base's own: that is what servers load.
        assert {tensor.dtype for tensor in tensors.values()} == {torch.bfloat16}
        assert json.loads((model / "config.json").read_text())["dtype"] == "bfloat16"
        return
    adapter = json.loads((model / "adapter_config.json").read_text())
    assert (adapter["base_model_name_or_path"], adapter["r"], adapter["peft_type"]) == ("example/tiny", 4, "LORA")
    assert all(
        name.startswith("base_model.model.model.layers.") for name in load_file(model / "adapter_model.safetensors")
    )
