"""Where a model's files are: a folder, or a prefix of an S3 bucket. The layout is the same in both (names.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from serac_sft.disk import disk_errors
from serac_sft.failures import TrainingFailure


@dataclass(frozen=True)
class Stored:
    """`key` is relative to the root; `tag` is another one when the content is."""

    key: str
    size: int
    tag: str


class Missing(TrainingFailure):
    """Nothing is stored under the key."""

    def __init__(self, address: str, key: str):
        super().__init__("storage_failed", f"{key} is missing below {address}.")


class Root(Protocol):
    """
    Keys are relative, with `/`; prefixes end with `/` or are "". A file appears under its key when it is whole, or not at all.
    Errors: storage_denied, storage_failed (passing where another try may work), disk_too_small, Missing.
    """

    address: str

    def exists(self, key: str) -> bool: ...

    def read(self, key: str) -> bytes: ...

    def write(self, key: str, content: bytes) -> None: ...

    def list(self, prefix: str) -> list[Stored]:
        """All below the prefix, at any depth, by key."""
        ...

    def download(self, key: str, path: Path) -> None: ...

    def upload(self, path: Path, key: str) -> None: ...

    def delete(self, key: str) -> None:
        """No error when nothing is there."""
        ...

    def delete_prefix(self, prefix: str) -> None: ...


def open_root(address: str) -> Root:
    """A folder, or s3://bucket/prefix/."""
    if address.startswith("s3://"):
        from serac_sft.storage_s3 import S3Root

        return S3Root(address)
    from serac_sft.storage_folder import FolderRoot

    return FolderRoot(Path(address))


def download_folder(
    root: Root,
    prefix: str,
    folder: Path,
    check: Callable[[], None] = lambda: None,
    wanted: Callable[[str], bool] = lambda _: True,
) -> int:
    """
    All below the prefix, or what is `wanted` by its name there, into the folder. What an earlier call put there and has not changed since
    stays; what is gone at the root goes. How many files there are.
    """
    memory = folder.parent / f".{folder.name}.stored.json"
    had, have = _read_tags(memory), {}
    for each in root.list(prefix):
        name = each.key.removeprefix(prefix)
        if not wanted(name):
            continue
        check()
        path = folder / safe_path(name)
        if had.get(name) != each.tag or not path.is_file() or path.stat().st_size != each.size:
            root.download(each.key, path)
        have[name] = each.tag
        with disk_errors("write", memory):
            memory.write_text(json.dumps({**had, **have}), encoding="utf-8")
    for name in had.keys() - have.keys():
        (folder / safe_path(name)).unlink(missing_ok=True)
    return len(have)


def _read_tags(memory: Path) -> dict[str, str]:
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def upload_folder(root: Root, folder: Path, prefix: str, check: Callable[[], None] = lambda: None) -> int:
    """Every file of the folder, by name, below the prefix. Their bytes together."""
    total = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        check()
        root.upload(path, f"{prefix}{path.relative_to(folder).as_posix()}")
        total += path.stat().st_size
    return total


def safe_path(key: str) -> PurePosixPath:
    """TrainingFailure for a key that would lead out of the folder it is written to."""
    path = PurePosixPath(key)
    if path.is_absolute() or not path.parts or ".." in path.parts or "\0" in key:
        raise TrainingFailure("storage_failed", f"{key!r} cannot be a file below a folder.")
    return path
