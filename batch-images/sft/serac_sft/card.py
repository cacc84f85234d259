"""README.md of a model: where it comes from, how it was trained, how it is served."""

from __future__ import annotations

import json
from collections.abc import Sequence

from serac_sft.gates import Gate
from serac_sft.job import Job
from serac_sft.prepared import Prepared


def model_card(job: Job, prepared: Prepared, facts: dict[str, object], gates: Sequence[Gate]) -> str:
    """Markdown. `facts`: what was measured, name -> value, in the order they are shown in."""
    settings, lineage = job.settings, job.lineage
    kind = "LoRA adapter" if settings.method == "lora" else "full fine-tune"
    commit = f" at commit `{lineage.commit}`" if lineage.commit else ""
    rehearsal = (
        "\n> **Rehearsal data.** It was trained on trajectories that no model wrote; it is good for tests alone.\n"
        if job.data.rehearsal
        else ""
    )
    rows = [
        ("Base", f"`{job.base.name}`"),
        (
            "Method",
            kind if settings.method == "full" else f"{kind}, rank {settings.lora_rank}, alpha {settings.lora_alpha:g}",
        ),
        (
            "Data",
            f"{', '.join(job.data.datasets).upper()} of run `{lineage.run_id or '-'}`, {prepared.samples} samples, {prepared.held_out} held out",
        ),
        ("Tokens", f"{prepared.tokens:,}, of which {prepared.trained_tokens:,} are trained"),
        ("Toolset", f"`{job.data.toolset}`"),
        ("Context", f"{settings.context_tokens:,} tokens"),
        ("Epochs", f"{settings.epochs:g}"),
        ("Learning rate", f"{settings.learning_rate:g}, batches of {settings.batch_size}"),
        *((name, str(value)) for name, value in facts.items()),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    checks = [f"- {gate.name}: {gate.detail}" for gate in gates]
    serve = (
        f"vllm serve {job.base.name} --enable-lora --lora-modules {job.name}=. --max-lora-rank {settings.lora_rank}"
        if settings.method == "lora"
        else "vllm serve ."
    )
    return "\n".join(
        [
            *_front_matter(job),
            f"# {job.name}",
            "",
            f"A {kind} of `{job.base.name}` that learned `{lineage.repository}`{commit}, made by serac {lineage.serac_version}.",
            rehearsal,
            "| | |",
            "| --- | --- |",
            *lines,
            "",
            "## Checked before it was published",
            "",
            *checks,
            "",
            "## Serving",
            "",
            "Serve it with `chat_template.jinja` of this folder: the model was trained on exactly the text which that template makes.",
            "",
            "```",
            f"{serve} --chat-template chat_template.jinja --enable-auto-tool-choice --tool-call-parser hermes",
            "```",
            "",
            "`MANIFEST.json` holds the whole job, the versions of everything that took part, and the hash of every file.",
            "",
        ]
    )


def _front_matter(job: Job) -> list[str]:
    """What model hubs read. Values are JSON strings, which YAML reads as they are meant."""
    return [
        "---",
        f"base_model: {json.dumps(job.base.name)}",
        f"library_name: {'peft' if job.settings.method == 'lora' else 'transformers'}",
        "pipeline_tag: text-generation",
        "tags: [serac, sft]",
        "---",
        "",
    ]
