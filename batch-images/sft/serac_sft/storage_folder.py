"""A model's files in a folder of this machine."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serac_sft.failures import TrainingFailure
from serac_sft.storage import Missing, Stored, safe_path

# A file that is being written; what a kill leaves of one is no file of ours.
UNFINISHED = ".unfinished"


class FolderRoot:
    def __init__(self, folder: Path):
        self.folder = folder.absolute()
        self.address = str(self.folder)

    def exists(self, key: str) -> bool:
        with disk_errors("look for", self._path(key)):
            return self._path(key).is_file()

    def read(self, key: str) -> bytes:
        with self._missing(key), disk_errors("read", self._path(key)):
            return self._path(key).read_bytes()

    def write(self, key: str, content: bytes) -> None:
        path = self._path(key)
        with disk_errors("write", path), _replacing(path) as temporary, temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def list(self, prefix: str) -> list[Stored]:
        folder = self.folder / prefix
        with disk_errors("list", folder):
            paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(UNFINISHED)]
            stored = [Stored(path.relative_to(self.folder).as_posix(), path.stat().st_size) for path in paths]
            return sorted(stored, key=lambda each: each.key)

    def download(self, key: str, path: Path) -> None:
        with self._missing(key), disk_errors("copy", self._path(key)), _replacing(path) as temporary:
            shutil.copyfile(self._path(key), temporary)

    def upload(self, path: Path, key: str) -> None:
        with disk_errors("copy", path), _replacing(self._path(key)) as temporary:
            shutil.copyfile(path, temporary)

    def delete(self, key: str) -> None:
        with disk_errors("delete", self._path(key)):
            self._path(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> None:
        folder = self.folder / safe_path(prefix)
        with disk_errors("delete", folder):
            if folder.is_dir():
                shutil.rmtree(folder)

    def _path(self, key: str) -> Path:
        return self.folder / safe_path(key)

    @contextmanager
    def _missing(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise Missing(self.address, key) from error


@contextmanager
def disk_errors(action: str, path: Path) -> Iterator[None]:
    """What the disk refuses, as failures that say what was tried. A missing file stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        what = f"Could not {action} {path}: {error.strerror or error}."
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            hint = "Make room on this disk, or name a folder on a larger one."
            raise TrainingFailure("disk_too_small", what, hint, passes=False) from error
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            raise TrainingFailure("storage_denied", what, "The trainer needs the right to write there.") from error
        raise TrainingFailure("storage_failed", what) from error


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its name when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
