"""Several processes that hold the model in pieces (FSDP2) train what one process trains, and stop and go on together."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from training_case import Run, make_case, run_case

HERE = Path(__file__).parent


@dataclass
class Sharded:
    case: Path
    alone: Run
    statuses: list[list[int]]
    tries: list[list[dict[str, Any]]]


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sharded]:
    """Both methods: a training by one process, and the same by two, of which one is stopped in the sixth step."""
    folder = tmp_path_factory.mktemp("sharded")
    cases = {
        method: make_case(folder / method, samples=16, batchSize=4, epochs=4, saveSteps=4, method=method)
        for method in ("lora", "full")
    }
    alone = {method: run_case(shutil.copytree(case, folder / f"{method}-alone")) for method, case in cases.items()}
    tries = [
        {"case": str(case), "out": str(folder / f"{method}-{number}.jsonl"), "stop_at": stop_at}
        for method, case in cases.items()
        for number, stop_at in enumerate([6, None])
    ]
    path = os.pathsep.join([str(HERE.parents[2] / "batch-images" / "sft"), str(HERE)])
    ended = subprocess.run(
        [sys.executable, str(HERE / "run_sharded.py"), json.dumps(tries)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    statuses = json.loads(ended.stdout)
    said = [[json.loads(line) for line in Path(f"{each['out']}.0").read_text().splitlines()] for each in tries]
    return {
        method: Sharded(
            cases[method], alone[method], statuses[place * 2 : place * 2 + 2], said[place * 2 : place * 2 + 2]
        )
        for place, method in enumerate(cases)
    }


def losses(events: list[dict[str, Any]]) -> dict[int, float]:
    return {event["step"]: event["loss"] for event in events if event["event"] == "step"}


@pytest.mark.parametrize("method", ["lora", "full"])
def test_two_processes_train_what_one_trains(sharded: dict[str, Sharded], method: str):
    one = sharded[method]
    first, second = one.tries
    assert one.statuses == [[75, 75], [0, 0]]
    assert (first[-1]["event"], first[-1]["step"], first[-1]["reason"]) == (
        "interrupted",
        6,
        "another process was stopped",
    )
    assert [event["step"] for event in second if event["event"] == "resumed"] == [6]
    assert {**losses(first), **losses(second)} == pytest.approx(one.alone.losses, abs=1e-4)
    ended, expected = second[-1], one.alone.events[-1]
    for key in ("event", "tokens", "trainedTokens"):
        assert ended[key] == expected[key]
    assert ended["heldOutLoss"] == pytest.approx(expected["heldOutLoss"], abs=1e-4)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_each_process_writes_its_own_piece(sharded: dict[str, Sharded], method: str):
    complete = json.loads(next((sharded[method].case / "root" / "checkpoints").glob("*/COMPLETE")).read_text())
    assert complete["processes"] == 2
    pieces = {"optimizer_0/__0_0.distcp", "optimizer_0/__1_0.distcp", "rng_state_0.pth", "rng_state_1.pth"}
    assert pieces < {file["path"] for file in complete["files"]}
