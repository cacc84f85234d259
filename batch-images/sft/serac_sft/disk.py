"""Files of this machine: what the disk refuses, and files that are whole or not there."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serac_sft.failures import TrainingFailure

# A file that is being written; what a kill leaves of one is no file of ours.
UNFINISHED = ".unfinished"


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
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its name when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
