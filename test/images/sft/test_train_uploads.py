"""Checkpoints on their way to a store: whole or not there at all, whatever the store does."""

from __future__ import annotations

import json
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from serac_sft import checkpoint, upload
from serac_sft.checkpoint import COMPLETE, Complete, FileHash, Unfit, hash_files, read_complete, verify, write_complete
from serac_sft.distributed import Ranks
from serac_sft.failures import TrainingFailure
from serac_sft.storage import open_root
from serac_sft.storage_folder import FolderRoot
from training_case import kill_at, make_case, run_case

ALONE = Ranks(rank=0, world=1, local_rank=0, node=0, nodes=1)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
)


def test_a_training_below_s3_is_interrupted_and_goes_on(bucket: str, tmp_path: Path):
    case = make_case(tmp_path / "case", samples=8, batchSize=2, saveSteps=2)
    root = open_root(f"s3://{bucket}/models/m/")
    root.write("job.json", (case / "root" / "job.json").read_bytes())
    first = run_case(case, root, at_event=kill_at(3))
    assert [event["step"] for event in first.of("checkpoint")] == [2, 3]
    shutil.rmtree(case / "scratch")
    second = run_case(case, root)
    assert second.failure is None
    assert second.of("resumed")[0]["step"] == 3
    keys = [each.key for each in root.list("model/")]
    manifest = json.loads(root.read("model/MANIFEST.json"))
    assert keys == sorted(["model/MANIFEST.json", *(f"model/{file['path']}" for file in manifest["files"])])
    assert json.loads(root.read("result.json"))["event"] == "published"


def test_a_right_that_is_taken_away_in_mid_training_leaves_the_older_checkpoint(
    bucket: str, s3_endpoint: str, tmp_path: Path
):
    case = make_case(tmp_path / "case", samples=8, batchSize=1, saveSteps=4)
    root = open_root(f"s3://{bucket}/models/m/")
    root.write("job.json", (case / "root" / "job.json").read_bytes())

    def refuse(event: dict[str, Any]) -> None:
        if event["event"] == "checkpoint" and event["step"] == 4:
            may(s3_endpoint, "0")

    try:
        run = run_case(case, root, at_event=refuse)
    finally:
        may(s3_endpoint, "inf")
    assert isinstance(run.failure, TrainingFailure)
    assert run.failure.code == "storage_denied"
    assert upload.complete_steps(root) == [4]
    assert run_case(case, root).of("resumed")[0]["step"] == 4


def may(endpoint: str, requests_without_check: str) -> None:
    """moto checks rights behind so many requests, and there is nobody who has any."""
    requests.post(f"{endpoint}/moto-api/reset-auth", data=requests_without_check, timeout=30).raise_for_status()


@pytest.mark.parametrize("refused", range(4))
def test_a_checkpoint_that_breaks_off_never_looks_whole(tmp_path: Path, refused: int):
    root = FolderRoot(tmp_path / "root")
    state = make_state(tmp_path / "one", 3)
    uploads = upload.Uploads(root, "a" * 64, ALONE, lambda _: None)
    uploads.start(shutil.copytree(state, tmp_path / "first"), 10, 0.0)
    uploads.wait()
    assert upload.complete_steps(root) == [10]

    # The same step again, as after a resume; a folder stands where its file is to be written.
    names = ["file-0", "file-1", "file-2", COMPLETE]
    shutil.rmtree(tmp_path / "root" / "checkpoints" / "step-000010")
    (tmp_path / "root" / "checkpoints" / "step-000010" / names[refused] / "x").mkdir(parents=True)
    uploads.start(shutil.copytree(state, tmp_path / "second"), 10, 0.0)
    with pytest.raises(TrainingFailure) as failure:
        uploads.wait()
    assert failure.value.code in ("storage_failed", "storage_denied")
    assert upload.complete_steps(root) == []


def test_one_upload_at_a_time(tmp_path: Path):
    """The second start waits until the first is there."""
    seen: list[int] = []
    root = FolderRoot(tmp_path / "root")
    running = threading.Semaphore(1)

    class Slow(FolderRoot):
        def upload(self, path: Path, key: str) -> None:
            assert running.acquire(blocking=False), "two uploads at once"
            super().upload(path, key)
            running.release()

    uploads = upload.Uploads(Slow(tmp_path / "root"), "a" * 64, ALONE, lambda done: seen.append(done.step))
    for step in (1, 2, 3):
        uploads.start(make_state(tmp_path / f"s{step}", 5), step, 0.0)
    uploads.wait()
    assert seen == [1, 2, 3]
    assert upload.complete_steps(root) == [3, 2]
    assert not (tmp_path / "s3").exists()


def test_machines_send_their_parts_and_the_first_closes(tmp_path: Path):
    root = FolderRoot(tmp_path / "root")
    done: list[upload.Uploaded] = []
    first = upload.Uploads(root, "a" * 64, Ranks(0, 4, 0, 0, 2), done.append)
    other = upload.Uploads(root, "a" * 64, Ranks(2, 4, 0, 1, 2), done.append)
    same_machine = upload.Uploads(root, "a" * 64, Ranks(1, 4, 1, 0, 2), done.append)
    first.start(make_state(tmp_path / "a", 2, "first"), 5, 0.0)
    same_machine.start(tmp_path / "a", 5, 0.0)
    assert upload.complete_steps(root) == []
    other.start(make_state(tmp_path / "b", 3, "second"), 5, 0.0)
    for uploads in (other, first, same_machine):
        uploads.wait()
    complete = read_complete(root.read(f"checkpoints/step-000005/{COMPLETE}"))
    assert [file.path for file in complete.files] == ["first-0", "first-1", "second-0", "second-1", "second-2"]
    assert (complete.processes, [each.step for each in done]) == (4, [5])
    verify(tmp_path / "root" / "checkpoints" / "step-000005", complete)
    assert root.list("checkpoints/parts/") == []


def make_state(folder: Path, files: int, name: str = "file") -> Path:
    folder.mkdir()
    for number in range(files):
        (folder / f"{name}-{number}").write_bytes(f"{name} {number}".encode() * 100)
    return folder


@given(
    st.builds(
        Complete,
        st.integers(0, 10**9),
        st.text(max_size=64),
        st.integers(1, 512),
        st.lists(st.builds(FileHash, NAMES, st.integers(0, 2**50), NAMES), max_size=5).map(tuple),
    )
)
def test_complete_is_read_as_it_is_written(complete: Complete):
    assert read_complete(write_complete(complete)) == complete


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.dictionaries(st.sampled_from(["schema", "step", "job", "processes", "files", "path"]), inner)
            | st.lists(inner, max_size=3)
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_anything_else_is_unfit(text: bytes):
    with suppress(Unfit):
        read_complete(text)


@given(st.integers(0, 2), st.integers(0, 99), st.integers(1, 255))
def test_one_changed_byte_is_seen(number: int, place: int, change: int):
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        folder = make_state(Path(name) / "state", 3)
        complete = Complete(1, "a" * 64, 1, hash_files(folder))
        verify(folder, complete)
        path = folder / f"file-{number}"
        content = bytearray(path.read_bytes())
        content[place] ^= change
        path.write_bytes(content)
        with pytest.raises(Unfit, match=f"file-{number} is not what was written"):
            verify(folder, complete)
        path.unlink()
        with pytest.raises(Unfit, match=f"file-{number} is missing"):
            verify(folder, complete)


def test_names_of_steps():
    assert checkpoint.folder_name(25) == "step-000025"
    for step in (0, 25, 999_999, 1_000_000):
        assert checkpoint.step_of(checkpoint.folder_name(step)) == step
    for name in ("step-25", "step-00002x", "parts", "", "step-000025.tmp"):
        assert checkpoint.step_of(name) is None
