"""Checkpoints on their way to the root, beside the training. One at a time: a slow store holds up the next checkpoint, not the steps."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from serac_sft import names
from serac_sft.checkpoint import COMPLETE, KEEP, Complete, FileHash, hash_files, prefix_of, step_of, write_complete
from serac_sft.distributed import Ranks
from serac_sft.failures import TrainingFailure
from serac_sft.storage import Missing, Root, safe_path

"""How long the first process waits for the parts of the other machines."""
OTHERS_SECONDS = 1800.0


@dataclass(frozen=True)
class Uploaded:
    step: int
    bytes: int
    save_seconds: float
    upload_seconds: float


class Uploads:
    """Of one process. Of each machine, the first process sends what all its processes wrote; the very first one writes COMPLETE."""

    def __init__(self, root: Root, job: str, who: Ranks, on_done: Callable[[Uploaded], None], attempt: str = "0"):
        """`attempt`: the same for all processes of this try, and no other try's."""
        self._root = root
        self._job = job
        self._attempt = attempt
        self._who = who
        self._on_done = on_done
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def start(self, folder: Path, step: int, save_seconds: float) -> None:
        """The folder is taken over, and deleted when it is there. Waits for the one before."""
        self.wait()
        if not self._who.is_first_of_node:
            return
        self._thread = threading.Thread(
            target=self._run, args=(folder, step, save_seconds), name=f"checkpoint-{step}", daemon=True
        )
        self._thread.start()

    def check(self) -> None:
        """Raises what broke an upload; the training is told at its next step."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def wait(self) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.check()

    def _run(self, folder: Path, step: int, save_seconds: float) -> None:
        started = time.monotonic()
        try:
            complete = self._send(folder, step)
            shutil.rmtree(folder, ignore_errors=True)
            if complete is not None:
                self._on_done(Uploaded(step, complete.size, save_seconds, time.monotonic() - started))
                prune(self._root)
        except Exception as error:  # noqa: BLE001 - raised again in the thread of the training
            self._error = error

    def _send(self, folder: Path, step: int) -> Complete | None:
        prefix = prefix_of(step)
        if self._who.is_first:
            # A half one of an earlier try, or one that was passed over as corrupt: COMPLETE goes first.
            self._root.delete(f"{prefix}{COMPLETE}")
        files = hash_files(folder)
        for file in files:
            self._root.upload(folder / file.path, f"{prefix}{file.path}")
        if not self._who.is_first:
            part = json.dumps([asdict(file) for file in files]).encode()
            self._root.write(self._part_key(step, self._who.node), part)
            return None
        others = [file for node in range(1, self._who.nodes) for file in self._part(step, node)]
        complete = Complete(step, self._job, self._who.world, (*files, *others))
        self._root.write(f"{prefix}{COMPLETE}", write_complete(complete))
        return complete

    def _part_key(self, step: int, node: int) -> str:
        return f"{names.CHECKPOINTS}parts/{self._attempt}-{step:06d}-{node}.json"

    def _part(self, step: int, node: int) -> list[FileHash]:
        deadline = time.monotonic() + OTHERS_SECONDS
        while True:
            try:
                part = json.loads(self._root.read(self._part_key(step, node)))
                self._root.delete(self._part_key(step, node))
                return [FileHash(str(safe_path(file["path"])), file["bytes"], file["sha256"]) for file in part]
            except Missing as error:
                if time.monotonic() > deadline:
                    message = f"Machine {node} did not send its part of the checkpoint of step {step}."
                    raise TrainingFailure("storage_failed", message, passes=True) from error
                time.sleep(1.0)


def complete_steps(root: Root) -> list[int]:
    """Newest first. Only COMPLETE's being there is looked at."""
    found: list[int] = []
    for stored in root.list(names.CHECKPOINTS):
        folder, _, file = stored.key.removeprefix(names.CHECKPOINTS).partition("/")
        step = step_of(folder)
        if file == COMPLETE and step is not None:
            found.append(step)
    return sorted(found, reverse=True)


def prune(root: Root) -> None:
    """Deletes all but the newest complete ones, COMPLETE first, so that none of them is ever half there and looks whole."""
    for step in complete_steps(root)[KEEP:]:
        root.delete(f"{prefix_of(step)}{COMPLETE}")
        root.delete_prefix(prefix_of(step))
