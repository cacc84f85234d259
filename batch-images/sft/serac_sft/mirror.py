"""Copies of the events below the root, written beside the training: a slow or failing store holds up no step."""

from __future__ import annotations

import sys
import threading
import time

from serac_sft import names
from serac_sft.failures import TrainingFailure
from serac_sft.storage import Root

# Seconds. An object of S3 is written as a whole, so steps are gathered.
GATHER_SECONDS = 5.0


class Mirror:
    """metrics.jsonl and progress.json. A write that fails is said on standard error and made good by the next one."""

    def __init__(self, root: Root, earlier: bytes):
        self.root = root
        self._metrics = bytearray(earlier if earlier.endswith(b"\n") or earlier == b"" else earlier + b"\n")
        self._progress: bytes | None = None
        self._changed = threading.Condition()
        self._due: float | None = None
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)
        self._thread.start()

    def append(self, line: str) -> None:
        with self._changed:
            self._metrics += line.encode() + b"\n"
            self._due = self._due or time.monotonic() + GATHER_SECONDS
            self._changed.notify()

    def progress(self, line: str, *, at_once: bool) -> None:
        with self._changed:
            self._progress = line.encode() + b"\n"
            if at_once:
                self._due = time.monotonic()
            self._changed.notify()

    def close(self) -> None:
        """Everything is written, or TrainingFailure of the root."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._is_closing and (self._due is None or self._due > time.monotonic()):
                    self._changed.wait(None if self._due is None else max(0.0, self._due - time.monotonic()))
                if self._is_closing:
                    return
                self._due = None
            try:
                self._write()
            except TrainingFailure as error:
                print(f"events could not be written below {self.root.address}: {error.message}", file=sys.stderr)
                with self._changed:
                    self._due = time.monotonic() + GATHER_SECONDS

    def _write(self) -> None:
        with self._changed:
            metrics, progress = bytes(self._metrics), self._progress
        self.root.write(names.METRICS, metrics)
        if progress is not None:
            self.root.write(names.PROGRESS, progress)
