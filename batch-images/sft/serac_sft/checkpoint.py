"""What a checkpoint below the root is: `checkpoints/step-000025/…`, whole when `COMPLETE` is there, which is written last."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from serac_sft import names

SCHEMA = "serac.checkpoint/1"
COMPLETE = "COMPLETE"
"""Complete ones that stay; older ones are deleted when a newer one is complete."""
KEEP = 2


class Unfit(Exception):
    """A checkpoint that cannot be gone on from; the message says why."""


@dataclass(frozen=True)
class FileHash:
    """`path` is relative to the checkpoint, with `/`."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Complete:
    """The document COMPLETE. `job`: SHA-256 of job.json, so that nobody goes on with another job's weights."""

    step: int
    job: str
    processes: int
    files: tuple[FileHash, ...]

    @property
    def size(self) -> int:
        return sum(file.bytes for file in self.files)


def folder_name(step: int) -> str:
    return f"step-{step:06d}"


def prefix_of(step: int) -> str:
    return f"{names.CHECKPOINTS}{folder_name(step)}/"


def step_of(name: str) -> int | None:
    match = re.fullmatch(r"step-(\d{6,})", name)
    return int(match[1]) if match else None


def job_sha256(document: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(folder: Path) -> tuple[FileHash, ...]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(FileHash(path.relative_to(folder).as_posix(), path.stat().st_size, hash_file(path)) for path in paths)


def write_complete(complete: Complete) -> bytes:
    return f"{json.dumps({'schema': SCHEMA, **asdict(complete)}, indent=2)}\n".encode()


def read_complete(text: bytes) -> Complete:
    """Unfit for what is not such a document."""
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise Unfit(f"COMPLETE is of {document['schema']!r}, this trainer reads {SCHEMA}")
        files = tuple(
            FileHash(str(file["path"]), int(file["bytes"]), str(file["sha256"])) for file in document["files"]
        )
        return Complete(int(document["step"]), str(document["job"]), int(document["processes"]), files)
    except (ValueError, KeyError, TypeError) as error:
        raise Unfit(f"COMPLETE cannot be read ({type(error).__name__})") from error


def verify(folder: Path, complete: Complete) -> None:
    """Unfit that names the first file that is not what COMPLETE says."""
    if not complete.files:
        raise Unfit("COMPLETE names no files")
    for file in complete.files:
        path = folder / file.path
        if not path.is_file():
            raise Unfit(f"{file.path} is missing")
        if path.stat().st_size != file.bytes:
            raise Unfit(f"{file.path} has {path.stat().st_size} bytes instead of {file.bytes}")
        if hash_file(path) != file.sha256:
            raise Unfit(f"{file.path} is not what was written (SHA-256)")
