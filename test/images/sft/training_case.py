"""A model's root with a job, and prepared samples beside it, for tests that need no rendering."""

from __future__ import annotations

import atexit
import gc
import json
import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from datasets.arrow_writer import ArrowWriter
from serac_sft.checkpoint import hash_file
from serac_sft.context import Context
from serac_sft.events import Events
from serac_sft.failures import Interrupted, TrainingFailure
from serac_sft.job import read_job
from serac_sft.prepared import IGNORED, SAMPLES, Prepared, load_prepared
from serac_sft.stop import Stop
from serac_sft.storage import Root, open_root
from serac_sft.train import train
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import Qwen3Config, Qwen3ForCausalLM

# What is imported stays: the collector, which the trainer calls for the memory of devices, need not look at it.
gc.freeze()
atexit.register(gc.unfreeze)

VOCABULARY = 256
TEMPLATE = "{{ messages }}"
ENDED = "<|im_end|>"


def make_base(folder: Path, **changes: Any) -> Path:
    """Two layers of 32, with a tokenizer of words; the same bytes each time."""
    folder.mkdir(parents=True)
    torch.manual_seed(0)
    config = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 1024,
        "tie_word_embeddings": False,
        "eos_token_id": 1,
        "pad_token_id": 0,
        **changes,
    }
    dtype = config.pop("dtype", torch.float32)
    Qwen3ForCausalLM(Qwen3Config(**config)).to(dtype).save_pretrained(folder)
    words = {"<|endoftext|>": 0, ENDED: 1, **{f"w{number}": number for number in range(2, VOCABULARY)}}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="w2"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<|endoftext|>", "eos_token": ENDED}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def make_case(
    folder: Path, samples: int = 8, tokens: int = 24, base_dtype: torch.dtype = torch.float32, **settings: Any
) -> Path:
    """`base/`, `root/job.json`, `prepared/` and `template.jinja` in the folder. A quarter of each sample is a common beginning."""
    make_base(folder / "base", dtype=base_dtype)
    (folder / "template.jinja").write_text(TEMPLATE, encoding="utf-8")
    document = {
        "schema": "serac.training-job/1",
        "modelId": "test-model",
        "name": "test",
        "base": {"source": str(folder / "base"), "revision": None, "name": "example/tiny"},
        "data": {"datasets": ["t2"], "rows": samples, "toolset": "mini", "rehearsal": True, "textsSha256": "0" * 64},
        "templateSha256": hash_file(folder / "template.jinja"),
        "settings": {
            "method": "lora",
            "contextTokens": 256,
            "epochs": 2,
            "learningRate": 5e-3,
            "batchSize": 2,
            "warmupSteps": 0,
            "weightDecay": 0.01,
            "loraRank": 4,
            "loraAlpha": 8,
            "saveSteps": 3,
            "heldOut": 0.25,
            "seed": 7,
            "sequenceParallel": 1,
            "allowRehearsal": True,
            **settings,
        },
        "lineage": {"runId": None, "repository": "example/parcels", "commit": None, "seracVersion": "0.0.0"},
    }
    (folder / "root").mkdir()
    (folder / "root" / "job.json").write_text(json.dumps(document), encoding="utf-8")
    _prepare(folder / "prepared", samples, tokens, document["settings"]["heldOut"])
    return folder


def _prepare(folder: Path, samples: int, tokens: int, held_out: float) -> None:
    folder.mkdir()
    chance = random.Random(3)
    beginning = [chance.randrange(2, VOCABULARY) for _ in range(tokens // 4)]
    with ArrowWriter(path=str(folder / SAMPLES)) as writer:
        for _ in range(samples):
            ids = beginning + [chance.randrange(2, 32) for _ in range(tokens - len(beginning) - 1)] + [1]
            labels = [IGNORED if place < tokens // 2 else token for place, token in enumerate(ids)]
            writer.write({"input_ids": ids, "labels": labels})
        writer.finalize()
    held = round(samples * held_out)
    trained = tokens - tokens // 2
    Prepared(
        folder=folder,
        samples=samples - held,
        held_out=held,
        tokens=(samples - held) * tokens,
        trained_tokens=(samples - held) * trained,
        max_tokens=tokens,
        cut=0,
        dropped={},
        rows=samples,
        train_rows=tuple(range(held, samples)),
        held_out_rows=tuple(range(held)),
    ).save()


def prepared_of(folder: Path) -> Prepared:
    prepared = load_prepared(folder / "prepared")
    assert prepared is not None
    return prepared


@dataclass
class Run:
    """How a try ended: `failure` is what it raised, None when it published."""

    events: list[dict[str, Any]]
    failure: Exception | None

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    @property
    def losses(self) -> dict[int, float]:
        return {event["step"]: event["loss"] for event in self.of("step")}


def run_case(case: Path, root: Root | None = None, at_event: Callable[[dict[str, Any]], None] = lambda _: None) -> Run:
    """One try, in this process. `at_event` sees each event as it is said, and may send signals to this process."""
    said: list[dict[str, Any]] = []

    class Out(StringIO):
        def write(self, text: str) -> int:
            event = json.loads(text)
            said.append(event)
            at_event(event)
            return len(text)

    root = root or open_root(str(case / "root"))
    stop = Stop()
    handlers = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    stop.listen()
    events = Events(Out())
    events.keep_in(root)
    job = read_job(root.read("job.json"), "job.json")
    context = Context(job, root, case / "scratch", events, stop, "cpu", case / "template.jinja")
    context.scratch.mkdir(exist_ok=True)
    try:
        train(context, case / "base", prepared_of(case))
        return Run(said, None)
    except Interrupted as failure:
        events.end("interrupted", step=failure.step, reason=failure.reason)
        return Run(said, failure)
    except TrainingFailure as failure:
        # Where the store refuses everything, it refuses this, too.
        with suppress(TrainingFailure):
            events.end("failed", code=failure.code, message=failure.message, hint=failure.hint)
        return Run(said, failure)
    finally:
        for number, handler in handlers:
            signal.signal(number, handler)


def kill_at(step: int, number: signal.Signals = signal.SIGTERM) -> Callable[[dict[str, Any]], None]:
    """For `run_case`: a signal to this process as soon as the step is done."""

    def at_event(event: dict[str, Any]) -> None:
        if event["event"] == "step" and event["step"] == step:
            os.kill(os.getpid(), number)

    return at_event
