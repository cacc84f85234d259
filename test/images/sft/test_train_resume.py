"""A training that is stopped, killed, or whose checkpoints are spoilt goes on as if nothing had happened."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from serac_sft.failures import Interrupted, TrainingFailure
from training_case import Run, kill_at, make_case, run_case

STEPS = 12


@pytest.fixture(scope="module", params=["lora", "full"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A case, not yet trained, and what its uninterrupted training says. Twelve steps of three accumulated samples, over two epochs."""
    case = make_case(
        tmp_path_factory.mktemp("whole") / "case",
        samples=24,
        epochs=2,
        batchSize=3,
        saveSteps=4,
        method=request.param,
        learningRate=5e-3,
    )
    fresh = shutil.copytree(case, case.parent / "fresh")
    run = run_case(case)
    assert run.failure is None
    assert list(run.losses) == list(range(1, STEPS + 1))
    return fresh, run


def fresh_case(whole: tuple[Path, Run], tmp_path: Path) -> Path:
    return shutil.copytree(whole[0], tmp_path / "case")


def same_losses(one: dict[int, float], other: dict[int, float]) -> None:
    assert one == pytest.approx({step: other[step] for step in one}, abs=1e-4)


def test_a_stop_in_mid_step_goes_on_with_the_same_losses(whole: tuple[Path, Run], tmp_path: Path) -> None:
    case = fresh_case(whole, tmp_path)
    first = run_case(case, at_event=kill_at(5))
    assert isinstance(first.failure, Interrupted)
    assert (first.failure.step, first.failure.reason) == (5, "SIGTERM")
    assert [event["step"] for event in first.of("checkpoint")] == [4, 5]
    shutil.rmtree(case / "scratch")
    second = run_case(case)
    assert second.failure is None
    assert second.of("resumed")[0]["step"] == 5
    assert second.of("resumed")[0]["passedOver"] == []
    same_losses({**first.losses, **second.losses}, whole[1].losses)
    assert list({**first.losses, **second.losses}) == list(range(1, STEPS + 1))
    ended, expected = second.of("published")[0], whole[1].of("published")[0]
    for key in ("firstLoss", "lastLoss", "heldOutLoss", "heldOutLossBefore"):
        assert ended[key] == pytest.approx(expected[key], abs=1e-4)
    for key in ("steps", "tokens", "trainedTokens"):
        assert ended[key] == expected[key]


def test_a_spoilt_checkpoint_is_passed_over_for_the_older_one(whole: tuple[Path, Run], tmp_path: Path) -> None:
    case = fresh_case(whole, tmp_path)
    run_case(case, at_event=kill_at(9))
    checkpoints = case / "root" / "checkpoints"
    assert sorted(path.name for path in checkpoints.iterdir()) == ["step-000008", "step-000009"]
    optimizer = checkpoints / "step-000009" / "optimizer.pt"
    content = bytearray(optimizer.read_bytes())
    content[len(content) // 2] ^= 1
    optimizer.write_bytes(content)
    second = run_case(case)
    assert second.failure is None
    resumed = second.of("resumed")[0]
    assert resumed["step"] == 8
    assert resumed["passedOver"] == ["step-000009: optimizer.pt is not what was written (SHA-256)"]
    same_losses(second.losses, whole[1].losses)


def test_a_checkpoint_without_its_mark_is_none(whole: tuple[Path, Run], tmp_path: Path) -> None:
    case = fresh_case(whole, tmp_path)
    run_case(case, at_event=kill_at(6))
    (case / "root" / "checkpoints" / "step-000006" / "COMPLETE").unlink()
    second = run_case(case)
    assert second.of("resumed")[0]["step"] == 4
    same_losses(second.losses, whole[1].losses)


def test_a_finished_training_is_only_published(whole: tuple[Path, Run], tmp_path: Path) -> None:
    case = fresh_case(whole, tmp_path)
    first = run_case(case, at_event=kill_at(STEPS))
    assert isinstance(first.failure, Interrupted)
    assert first.failure.step == STEPS
    assert not (case / "root" / "model").exists()
    second = run_case(case)
    assert second.failure is None
    assert second.losses == {}
    published = second.of("published")[0]
    assert published["lastLoss"] == pytest.approx(whole[1].of("published")[0]["lastLoss"], abs=1e-4)
    assert (case / "root" / "model" / "MANIFEST.json").is_file()


def test_with_no_fit_checkpoint_work_is_not_thrown_away_silently(tmp_path: Path) -> None:
    case = make_case(tmp_path / "case", samples=8, batchSize=1, saveSteps=2)
    # Seen at the end of the step that follows: there are no micro-batches.
    run_case(case, at_event=kill_at(3))
    for complete in case.glob("root/checkpoints/*/COMPLETE"):
        document = json.loads(complete.read_text())
        complete.write_text(json.dumps({**document, "job": "f" * 64}))
    run = run_case(case)
    assert isinstance(run.failure, TrainingFailure)
    assert run.failure.code == "checkpoint_corrupt"
    assert "step-000004: it is of another job.json" in run.failure.message
    assert "step-000002: it is of another job.json" in run.failure.message


def test_two_checkpoints_are_kept(tmp_path: Path) -> None:
    case = make_case(tmp_path / "case", samples=8, batchSize=1, saveSteps=2, heldOut=0)
    run = run_case(case)
    assert run.failure is None
    assert [event["step"] for event in run.of("checkpoint")] == [2, 4, 6, 8, 10, 12, 14, 16]
    assert sorted(path.name for path in (case / "root" / "checkpoints").iterdir()) == ["step-000014", "step-000016"]
