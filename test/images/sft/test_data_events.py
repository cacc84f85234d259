"""What the trainer says, where it keeps it, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from dataset_case import make_root, make_row
from serac_sft import __main__ as program
from serac_sft.events import Events
from serac_sft.failures import Interrupted, TrainingFailure
from serac_sft.job import read_job
from serac_sft.schemas import first_error
from serac_sft.stop import Stop
from serac_sft.storage import open_root

STEP = {
    "step": 1,
    "steps": 2,
    "epoch": 0.5,
    "loss": 1.0,
    "learningRate": 0.1,
    "gradNorm": None,
    "tokensPerSecond": 3.0,
    "tokens": 9,
    "etaSeconds": None,
}


def run(root: Path | str, scratch: Path, *options: str, **environment: str) -> tuple[int, list[dict[str, Any]], str]:
    """The trainer as a process: exit status, events, standard error."""
    command = [sys.executable, "-m", "serac_sft", "--root", str(root), "--scratch", str(scratch), *options]
    done = subprocess.run(
        command,
        cwd=ROOT / "batch-images" / "sft",
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_events_are_said_and_kept(tmp_path: Path):
    out = StringIO()
    events = Events(out)
    root = open_root(str(tmp_path))
    root.write("result.json", b"of an earlier try")
    versions = {"python": "3.11"}
    assert events.keep_in(root) == 0
    assert not root.exists("result.json")
    events.emit("started", attempt=0, device="cpu", devices=1, versions=versions)
    events.emit("step", **STEP)
    events.end("failed", code="loss_not_finite", message="ünï", hint=None)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [event["event"] for event in said] == ["started", "step", "failed"]
    assert all(first_error("events", event) is None for event in said)
    assert lines(tmp_path / "metrics.jsonl") == said
    assert lines(tmp_path / "progress.json") == [said[1]]
    assert lines(tmp_path / "result.json") == [said[2]]

    again = Events(StringIO())
    assert again.keep_in(root) == 1
    again.emit("started", attempt=1, device="cpu", devices=1, versions=versions)
    again.end("interrupted", step=1, reason="SIGTERM")
    assert [event["event"] for event in lines(tmp_path / "metrics.jsonl")] == [
        "started",
        "step",
        "failed",
        "started",
        "interrupted",
    ]
    assert not root.exists("result.json")
    assert Events(StringIO()).keep_in(root) == 2


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("step", {**STEP, "loss": float("nan")}),
        ("step", {**STEP, "extra": 1}),
        ("failed", {"code": "made_up", "message": "x", "hint": None}),
        ("made-up", {}),
    ],
)
def test_an_event_that_is_not_agreed_is_a_mistake_of_ours(event: str, fields: dict[str, Any]):
    out = StringIO()
    with pytest.raises(ValueError, match="is not as agreed|not JSON compliant"):
        Events(out).emit(event, **fields)
    assert out.getvalue() == ""


def test_a_store_that_refuses_events_is_heard_at_the_end(tmp_path: Path):
    events = Events(StringIO())
    root = open_root(str(tmp_path / "root"))
    events.keep_in(root)
    (tmp_path / "root").write_bytes(b"")
    events.emit("stage", stage="base", detail="x")
    with pytest.raises(TrainingFailure, match="metrics.jsonl"):
        events.end("failed", code="unexpected", message="x", hint=None)


def test_other_ranks_say_nothing(tmp_path: Path):
    out = StringIO()
    events = Events(out, silent=True)
    assert events.keep_in(open_root(str(tmp_path))) == 0
    events.emit("stage", stage="base", detail="x")
    events.end("failed", code="unexpected", message="x", hint=None)
    assert out.getvalue() == ""
    assert list(tmp_path.iterdir()) == []


def test_nobody_listening_is_a_wish_to_stop():
    read, write = os.pipe()
    os.close(read)
    stop = Stop()
    events = Events(os.fdopen(write, "w"), on_deaf=stop.request)
    events.emit("stage", stage="base", detail="x")
    events.emit("stage", stage="data", detail="x")
    with pytest.raises(Interrupted, match="nobody reads"):
        stop.check()


def test_a_signal_is_a_wish_to_stop():
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    stop.listen()
    try:
        stop.check()
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted, match="SIGTERM"):
            stop.check()
        assert stop.wait(60)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_the_job_says_which_key_is_wrong(tmp_path: Path, tiny_base: Path):
    job = json.loads((make_root(tmp_path, tiny_base, [make_row(1)]) / "job.json").read_text(encoding="utf-8"))
    assert read_job(json.dumps(job).encode(), "job.json").settings.context_tokens == 4096
    for change, words in [
        ({"settings": {**job["settings"], "epochs": 0}}, "settings.epochs"),
        ({"settings": {**job["settings"], "extra": 0}}, "extra"),
        ({"templateSha256": "xyz"}, "templateSha256"),
        ({"schema": "serac.training-job/2"}, "schema"),
        ({"data": {**job["data"], "datasets": ["t3"]}}, "data.datasets"),
    ]:
        with pytest.raises(TrainingFailure, match=words) as failure:
            read_job(json.dumps({**job, **change}).encode(), "job.json")
        assert failure.value.code == "job_invalid"


def test_a_folder_without_a_job_is_left_as_it_is(tmp_path: Path):
    status, events, log = run(tmp_path / "root", tmp_path / "scratch")
    assert status == 2
    assert [(event["event"], event["code"]) for event in events] == [("failed", "job_invalid")]
    assert "job.json is missing" in log
    assert not (tmp_path / "root").exists()


def test_a_job_that_cannot_be_done_ends_with_its_result(tmp_path: Path, tiny_base: Path):
    root = make_root(tmp_path / "root", tmp_path / "no-such-base", [make_row(1)])
    status, events, _ = run(root, tmp_path / "scratch", "--device", "cpu")
    assert status == 2
    assert [event["event"] for event in events] == ["started", "stage", "failed"]
    assert events[-1]["code"] == "base_missing"
    assert lines(root / "result.json") == [events[-1]]
    assert lines(root / "metrics.jsonl") == events


def test_trouble_that_passes_is_no_result(tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch):
    root = make_root(tmp_path / "root", tiny_base, [make_row(1)])
    trouble = TrainingFailure("storage_failed", "S3 does not answer.", passes=True)
    monkeypatch.setattr(program, "_train", lambda _options, events, _stop: train_until(trouble, events, root))
    said: list[str] = []
    monkeypatch.setattr(program, "take_stdout", lambda: Said(said))
    monkeypatch.setattr(Stop, "listen", lambda _self: None)
    assert program.main(["--root", str(root), "--scratch", str(tmp_path / "scratch")]) == 75
    last = json.loads(said[-1])
    assert (last["event"], last["step"], last["reason"]) == ("interrupted", 1, "storage_failed: S3 does not answer.")
    assert lines(root / "progress.json") == [last]
    assert not (root / "result.json").exists()


def train_until(trouble: TrainingFailure, events: Events, root: Path) -> None:
    events.keep_in(open_root(str(root)))
    events.emit("step", **STEP)
    raise trouble


class Said(StringIO):
    def __init__(self, lines: list[str]):
        super().__init__()
        self._lines = lines

    def write(self, text: str) -> int:
        self._lines.append(text)
        return len(text)


def test_bad_usage_is_no_event(tmp_path: Path):
    status, events, log = run(tmp_path, tmp_path, "--device", "abacus")
    assert (status, events) == (2, [])
    assert "--device" in log


def test_what_libraries_print_is_no_event(tmp_path: Path):
    program = (
        "import os, sys\n"
        "from serac_sft.events import Events, take_stdout\n"
        "events = Events(take_stdout())\n"
        "print('python')\n"
        "os.system('echo shell')\n"
        "os.write(1, b'fd\\n')\n"
        "events.emit('stage', stage='base', detail='x')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "batch-images" / "sft", capture_output=True, text=True, check=True
    )
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["stage"]
    assert sorted(done.stderr.split()) == ["fd", "python", "shell"]


def test_a_signal_before_the_first_step_ends_it_for_now(tmp_path: Path, tiny_base: Path):
    root = make_root(tmp_path / "root", tiny_base, [make_row(number) for number in range(4)])
    command = [sys.executable, "-m", "serac_sft", "--root", str(root), "--scratch", str(tmp_path / "scratch")]
    with subprocess.Popen(
        command, cwd=ROOT / "batch-images" / "sft", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as trainer:
        assert trainer.stdout is not None
        started = trainer.stdout.readline()
        trainer.terminate()
        events = [json.loads(line) for line in [started, *trainer.stdout]]
    assert trainer.returncode == 75
    assert events[-1] == {"event": "interrupted", "at": events[-1]["at"], "step": 0, "reason": "SIGTERM"}
    assert lines(root / "progress.json") == [events[-1]]
    assert not (root / "result.json").exists()
