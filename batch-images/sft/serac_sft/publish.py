"""The model below the root: its files, checked as a server would load them. MANIFEST.json comes last; without it nothing is published."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from serac_sft import gates, names
from serac_sft.card import model_card
from serac_sft.checkpoint import FileHash, hash_file, hash_files
from serac_sft.context import Context
from serac_sft.lora import adapter_shapes
from serac_sft.model import Base, load_model
from serac_sft.prepared import Prepared
from serac_sft.trainer_result import Result, logits_of
from serac_sft.weights import write_weights

MANIFEST = "MANIFEST.json"
MANIFEST_SCHEMA = "serac.model/1"
TEMPLATE = "chat_template.jinja"
"""Of a tokenizer, as transformers and vLLM look for them. They are copied as the base has them."""
TOKENIZER = (
    "tokenizer.json",
    "vocab.json",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
    "generation_config.json",
)
PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers", "safetensors")


def publish(context: Context, base: Base, prepared: Prepared, result: Result) -> None:
    """Says `published`. TrainingFailure("gate_failed"): nothing lies below model/ then."""
    context.events.emit("stage", stage="publish", detail=f"{len(result.weights)} weights")
    folder = context.scratch / "model"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    write_weights(folder, context.job, base, result.weights)
    _copy_tokenizer(base.folder, folder)
    shutil.copyfile(context.template, folder / TEMPLATE)
    tokenizer, template = hash_file(folder / "tokenizer.json"), hash_file(folder / TEMPLATE)
    checked = _gates(context, base, prepared, result, folder, (template, tokenizer))
    gates.require(checked)
    first, last = gates.ends(result.memo.losses)
    facts = {"Steps": result.steps, "Loss": f"{first:.4f} -> {last:.4f}"}
    if result.memo.held_out_before is not None and result.held_out is not None:
        facts["Held-out loss"] = f"{result.memo.held_out_before:.4f} -> {result.held_out:.4f}"
    (folder / "README.md").write_text(model_card(context.job, prepared, facts, checked), encoding="utf-8")
    summary = {
        "steps": result.steps,
        "tokens": result.tokens,
        "trainedTokens": result.memo.trained_tokens,
        "firstLoss": first,
        "lastLoss": last,
        "heldOutLossBefore": result.memo.held_out_before,
        "heldOutLoss": result.held_out,
        "trainSeconds": round(result.memo.train_seconds, 3),
        "gates": [vars(gate) for gate in checked],
        "templateSha256": template,
        "tokenizerSha256": tokenizer,
    }
    files = hash_files(folder)
    manifest = _manifest(context, prepared, summary, files)
    _upload(context, folder, files, manifest)
    size = sum(file.bytes for file in files) + len(manifest)
    context.events.end("published", **summary, files=len(files) + 1, bytes=size)
    shutil.rmtree(folder, ignore_errors=True)


def _gates(
    context: Context, base: Base, prepared: Prepared, result: Result, folder: Path, published: tuple[str, str]
) -> list[gates.Gate]:
    job, memo = context.job, result.memo
    with torch.device("meta"):
        blank = AutoModelForCausalLM.from_config(base.config)
    if job.settings.method == "lora":
        expected = adapter_shapes(blank, job.settings.lora_rank)
    else:
        expected = {
            name: tuple(each.shape)
            for name, each in blank.state_dict().items()
            if name not in blank.all_tied_weights_keys
        }
    before_loading = [
        gates.parity(prepared.rows, job.data.rows),
        gates.hashes((published[0], job.template_sha256), (published[1], hash_file(base.folder / "tokenizer.json"))),
        gates.keys(result.weights, expected),
        gates.finite(result.weights),
        gates.loss(memo.losses),
        gates.held_out(memo.held_out_before, result.held_out, result.steps),
    ]
    gates.require(before_loading)
    context.stop.check()
    return [*before_loading, *_reloaded(context, base, result, folder)]


def _reloaded(context: Context, base: Base, result: Result, folder: Path) -> list[gates.Gate]:
    """The published files, loaded as a server loads them, give the logits of the model that was trained."""
    device = context.device
    if context.job.settings.method == "full":
        loaded: Any = load_model(Base(folder, base.config, base.dtype), base.dtype).to(device)
        return [
            gates.same_logits(
                "reload", "loaded from its files", result.logits, logits_of(loaded, result.probe), base.dtype
            )
        ]
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    loaded = PeftModel.from_pretrained(load_model(base, dtype).to(device), str(folder))
    logits = logits_of(loaded, result.probe)
    merged = logits_of(loaded.merge_and_unload(), result.probe)
    return [
        gates.same_logits("reload", "loaded from its files", result.logits, logits, dtype),
        gates.same_logits("merge", "merged into the base", logits, merged, dtype),
    ]


def _copy_tokenizer(source: Path, folder: Path) -> None:
    for name in TOKENIZER:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    config = source / "tokenizer_config.json"
    if config.is_file():
        # The base's own template would stand beside ours, and some readers prefer it.
        document = json.loads(config.read_text(encoding="utf-8"))
        document.pop("chat_template", None)
        (folder / config.name).write_text(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n", encoding="utf-8")


def _manifest(context: Context, prepared: Prepared, summary: dict[str, Any], files: tuple[FileHash, ...]) -> bytes:
    document = {
        "schema": MANIFEST_SCHEMA,
        "job": context.job.document,
        "data": {
            "samples": prepared.samples,
            "heldOut": prepared.held_out,
            "tokens": prepared.tokens,
            "trainedTokens": prepared.trained_tokens,
            "cut": prepared.cut,
            "dropped": prepared.dropped,
        },
        "training": summary,
        "versions": {name: version(name) for name in PACKAGES},
        "files": [vars(file) for file in files],
    }
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode()


def _upload(context: Context, folder: Path, files: tuple[FileHash, ...], manifest: bytes) -> None:
    context.root.delete(f"{names.WEIGHTS}{MANIFEST}")
    context.root.delete_prefix(names.WEIGHTS)
    for file in files:
        context.stop.check()
        context.root.upload(folder / file.path, f"{names.WEIGHTS}{file.path}")
    context.root.write(f"{names.WEIGHTS}{MANIFEST}", manifest)
