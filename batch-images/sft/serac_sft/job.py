"""job.json: all that the trainer is told. The shape is core/training/job.ts; settings have no defaults here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from serac_sft.failures import TrainingFailure
from serac_sft.schemas import first_error


@dataclass(frozen=True)
class Base:
    """`source`: a folder, an s3:// prefix or the name of a model on a hub. `name`: what the published adapter calls it."""

    source: str
    revision: str | None
    name: str


@dataclass(frozen=True)
class Data:
    datasets: tuple[str, ...]
    rows: int
    toolset: str
    rehearsal: bool
    texts_sha256: str


@dataclass(frozen=True)
class Settings:
    method: Literal["lora", "full"]
    context_tokens: int
    epochs: float
    learning_rate: float
    batch_size: int
    warmup_steps: int
    weight_decay: float
    lora_rank: int
    lora_alpha: float
    save_steps: int
    held_out: float
    seed: int
    sequence_parallel: int
    allow_rehearsal: bool


@dataclass(frozen=True)
class Lineage:
    run_id: str | None
    repository: str
    commit: str | None
    serac_version: str


@dataclass(frozen=True)
class Job:
    model_id: str
    name: str
    base: Base
    data: Data
    template_sha256: str
    settings: Settings
    lineage: Lineage
    document: dict[str, Any]
    """The job as it was read."""


def read_job(text: bytes, where: str) -> Job:
    """TrainingFailure("job_invalid") that names the key."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise TrainingFailure("job_invalid", f"{where} is not JSON: {error}.") from error
    error = first_error("job", document)
    if error is not None:
        hint = "Trainer and serac must be of the same version; serac writes this file."
        raise TrainingFailure("job_invalid", f"{where} is no training job: {error}.", hint)
    data, lineage = document["data"], document["lineage"]
    return Job(
        model_id=document["modelId"],
        name=document["name"],
        base=Base(**document["base"]),
        data=Data(
            datasets=tuple(dict.fromkeys(data["datasets"])),
            rows=data["rows"],
            toolset=data["toolset"],
            rehearsal=data["rehearsal"],
            texts_sha256=data["textsSha256"],
        ),
        template_sha256=document["templateSha256"],
        settings=_settings(document["settings"]),
        lineage=Lineage(
            run_id=lineage["runId"],
            repository=lineage["repository"],
            commit=lineage["commit"],
            serac_version=lineage["seracVersion"],
        ),
        document=document,
    )


def _settings(document: dict[str, Any]) -> Settings:
    return Settings(
        method=document["method"],
        context_tokens=document["contextTokens"],
        epochs=document["epochs"],
        learning_rate=document["learningRate"],
        batch_size=document["batchSize"],
        warmup_steps=document["warmupSteps"],
        weight_decay=document["weightDecay"],
        lora_rank=document["loraRank"],
        lora_alpha=document["loraAlpha"],
        save_steps=document["saveSteps"],
        held_out=document["heldOut"],
        seed=document["seed"],
        sequence_parallel=document["sequenceParallel"],
        allow_rehearsal=document["allowRehearsal"],
    )
