"""Folders and S3 as one: what is there is whole, and what is refused says what and where."""

from __future__ import annotations

import os
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import boto3
import pytest
import requests
from serac_sft import storage_s3
from serac_sft.failures import TrainingFailure
from serac_sft.storage import Missing, Root, download_folder, open_root, upload_folder


@pytest.fixture(params=["folder", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Root:
    if request.param == "folder":
        return open_root(str(tmp_path / "root"))
    return open_root(f"s3://{request.getfixturevalue('bucket')}/models/m1")


def test_what_is_written_is_read(root: Root):
    assert not root.exists("a/b.json")
    with pytest.raises(Missing, match="a/b.json is missing below"):
        root.read("a/b.json")
    root.write("a/b.json", b"1")
    root.write("a/b.json", b"22")
    assert root.exists("a/b.json")
    assert not root.exists("a")
    assert root.read("a/b.json") == b"22"
    root.delete("a/b.json")
    root.delete("a/b.json")
    assert not root.exists("a/b.json")


def test_folders_go_up_and_come_down(root: Root, tmp_path: Path):
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "one.bin").write_bytes(b"x" * 1000)
    (source / "deep" / "ünï.bin").write_bytes(b"")
    assert upload_folder(root, source, "checkpoints/step-1/") == 1000
    root.write("checkpoints/step-10/other", b"1")
    assert [(each.key, each.size) for each in root.list("checkpoints/step-1/")] == [
        ("checkpoints/step-1/deep/ünï.bin", 0),
        ("checkpoints/step-1/one.bin", 1000),
    ]
    assert root.list("nothing/") == []
    target = tmp_path / "target"
    assert download_folder(root, "checkpoints/step-1/", target) == 2
    assert (target / "one.bin").read_bytes() == b"x" * 1000
    assert (target / "deep" / "ünï.bin").is_file()
    assert sorted(path.name for path in target.rglob("*") if path.is_file()) == ["one.bin", "ünï.bin"]
    root.delete_prefix("checkpoints/step-1/")
    root.delete_prefix("checkpoints/step-1/")
    assert [each.key for each in root.list("")] == ["checkpoints/step-10/other"]


def test_more_than_one_page(bucket: str):
    root = open_root(f"s3://{bucket}/p/")
    keys = [f"checkpoints/{number:02}" for number in range(25)]
    for key in keys:
        root.write(key, b"")
    first = boto3.client("s3").list_objects_v2(Bucket=bucket)
    assert first["IsTruncated"]
    assert [each.key for each in root.list("checkpoints/")] == keys
    root.delete_prefix("checkpoints/")
    assert root.list("") == []


def test_more_than_one_part(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = storage_s3.TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    monkeypatch.setattr(storage_s3, "TRANSFER", small)
    root = open_root(f"s3://{bucket}/p/")
    content = os.urandom(11 << 20)
    (tmp_path / "large").write_bytes(content)
    root.upload(tmp_path / "large", "large")
    root.download("large", tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == content
    assert boto3.client("s3").head_object(Bucket=bucket, Key="p/large")["ETag"].endswith('-3"')


def test_what_has_not_changed_is_not_fetched_again(root: Root, tmp_path: Path):
    folder = tmp_path / "base"
    root.write("base/config.json", b"abc")
    root.write("base/weights", b"1234")
    assert download_folder(root, "base/", folder) == 2
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    root.write("base/config.json", b"xyz")
    assert download_folder(root, "base/", folder) == 2
    assert (folder / "config.json").read_bytes() == b"xyz"
    assert (folder / "weights").stat().st_ino == before["weights"]
    (folder / "weights").write_bytes(b"12")
    assert download_folder(root, "base/", folder) == 2
    assert (folder / "weights").read_bytes() == b"1234"
    root.delete("base/weights")
    assert download_folder(root, "base/", folder) == 1
    assert [path.name for path in folder.iterdir()] == ["config.json"]


def test_no_key_leads_out_of_a_folder(bucket: str, tmp_path: Path):
    client = boto3.client("s3")
    client.put_object(Bucket=bucket, Key="p/../../evil", Body=b"x")
    with pytest.raises(TrainingFailure, match="cannot be a file below a folder"):
        download_folder(open_root(f"s3://{bucket}/p/"), "", tmp_path / "in")
    folder = open_root(str(tmp_path / "root"))
    for key in ("../evil", "/etc/evil", "", "a\0b"):
        with pytest.raises(TrainingFailure, match="cannot be a file below a folder"):
            folder.write(key, b"x")
    assert not (tmp_path / "evil").exists()


@contextmanager
def nobody_may(endpoint: str) -> Iterator[None]:
    """moto checks rights from now on, and there is nobody who has any."""
    requests.post(f"{endpoint}/moto-api/reset-auth", data="0", timeout=30).raise_for_status()
    try:
        yield
    finally:
        requests.post(f"{endpoint}/moto-api/reset-auth", data="inf", timeout=30).raise_for_status()


def test_who_has_no_right_is_told_which(bucket: str, s3_endpoint: str, tmp_path: Path):
    root = open_root(f"s3://{bucket}/models/m1/")
    (tmp_path / "file").write_bytes(b"x")
    calls = {
        "s3:GetObject": lambda: root.read("job.json"),
        "s3:PutObject": lambda: root.upload(tmp_path / "file", "model/x"),
        "s3:ListBucket": lambda: root.list("data/"),
        "s3:DeleteObject": lambda: root.delete("result.json"),
    }
    with nobody_may(s3_endpoint):
        for action, call in calls.items():
            with pytest.raises(TrainingFailure) as failure:
                call()
            assert failure.value.code == "storage_denied"
            assert f"{action} on s3://{bucket}/models/m1/" in failure.value.message
            assert action in (failure.value.hint or "")
            assert failure.value.exit_status == 1
    assert root.list("") == []


def test_a_bucket_that_is_not_there_does_not_pass(s3_endpoint: str):
    with pytest.raises(TrainingFailure, match="NoSuchBucket") as failure:
        open_root("s3://nowhere-at-all/x/").list("")
    assert (failure.value.code, failure.value.exit_status) == ("storage_failed", 1)
    with pytest.raises(TrainingFailure, match="names no bucket"):
        open_root("s3:///x/")


def test_a_store_that_does_not_answer_may_answer_later(monkeypatch: pytest.MonkeyPatch, s3_endpoint: str):
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
        with pytest.raises(TrainingFailure) as failure:
            open_root("s3://bucket/x/").write("key", b"1")
    assert (failure.value.code, failure.value.exit_status) == ("storage_failed", 75)
    assert "s3:PutObject on s3://bucket/x/key" in failure.value.message


def test_passing_trouble_is_repeated(monkeypatch: pytest.MonkeyPatch, s3_endpoint: str):
    """A server that is busy twice, then answers."""
    answers = [503, 500, 200]
    asked: list[int] = []

    def serve(listener: socket.socket) -> None:
        for status in answers:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                asked.append(status)
                connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        open_root("s3://bucket/x/").delete("key")
        thread.join()
    assert asked == answers


def test_without_keys_it_says_so(monkeypatch: pytest.MonkeyPatch, s3_endpoint: str, tmp_path: Path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    boto3.setup_default_session()
    try:
        with pytest.raises(TrainingFailure, match="There are no AWS keys") as failure:
            open_root("s3://bucket/x/").read("key")
    finally:
        boto3.DEFAULT_SESSION = None
    assert failure.value.code == "storage_denied"


def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path: Path):
    """A limit on the size of files is what a full disk is to a write, and needs no disk."""
    root = open_root(str(tmp_path))
    root.write("file", b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(TrainingFailure, match="Could not write .*file") as failure:
            root.write("file", b"x" * 8192)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert failure.value.code == "disk_too_small"
    assert root.read("file") == b"old"
    assert [each.key for each in root.list("")] == ["file"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TrainingFailure, match=r"Could not write .*/file/key: ") as failure:
        open_root(str(tmp_path / "file")).write("key", b"1")
    assert failure.value.code == "storage_failed"
