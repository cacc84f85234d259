"""A model's files in a folder of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serac_sft.disk import UNFINISHED, disk_errors, replacing
from serac_sft.storage import Missing, Stored, safe_path


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
        with disk_errors("write", path), replacing(path) as temporary, temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def list(self, prefix: str) -> list[Stored]:
        folder = self.folder / prefix
        with disk_errors("list", folder):
            paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(UNFINISHED)]
            return sorted((self._stored(path) for path in paths), key=lambda each: each.key)

    def download(self, key: str, path: Path) -> None:
        with self._missing(key), disk_errors("copy", self._path(key)), replacing(path) as temporary:
            shutil.copyfile(self._path(key), temporary)

    def upload(self, path: Path, key: str) -> None:
        with disk_errors("copy", path), replacing(self._path(key)) as temporary:
            shutil.copyfile(path, temporary)

    def delete(self, key: str) -> None:
        with disk_errors("delete", self._path(key)):
            self._path(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> None:
        folder = self.folder / safe_path(prefix)
        with disk_errors("delete", folder):
            if folder.is_dir():
                shutil.rmtree(folder)

    def _stored(self, path: Path) -> Stored:
        facts = path.stat()
        return Stored(path.relative_to(self.folder).as_posix(), facts.st_size, str(facts.st_mtime_ns))

    def _path(self, key: str) -> Path:
        return self.folder / safe_path(key)

    @contextmanager
    def _missing(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise Missing(self.address, key) from error
