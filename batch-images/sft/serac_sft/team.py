"""The processes of one machine that train together: started, stopped and ended as one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from serac_sft.events import Events, take_stdout
from serac_sft.failures import EXIT_DONE, TrainingFailure
from serac_sft.lifetime import end_with
from serac_sft.storage import open_root

if TYPE_CHECKING:
    from serac_sft.launch import Place

# Who is left when one has failed waits for it in a collective, and would do so for minutes. Seconds.
LEFT_SECONDS = 20.0
KILL_SECONDS = 10.0
# NCCL's words for the network of ordinary interfaces, which is twenty times slower.
SLOW = re.compile(rb"NCCL INFO (Using network Socket|.*via NET/Socket)")


def run_team(command: Sequence[str], place: Place, arguments: Sequence[str]) -> int:
    """The exit status of the first rank, or of whoever failed before it. SIGTERM and SIGINT go to all."""
    from serac_sft.launch import check_network, environment_of

    try:
        check_network(place)
    except TrainingFailure as failure:
        return say(failure, place, arguments)
    slow = threading.Event()
    workers = [
        subprocess.Popen(
            command,
            env={**os.environ, **environment_of(place, local_rank)},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE if place.wants_efa else None,
            # Nobody stays on the GPUs when the launcher is killed.
            preexec_fn=partial(end_with, os.getpid()),  # noqa: PLW1509 - no thread runs yet
        )
        for local_rank in range(place.processes)
    ]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: _signal(workers, received))
    readers = [
        threading.Thread(target=_pass_on, args=(worker.stderr, slow), daemon=True)
        for worker in workers
        if worker.stderr is not None
    ]
    for reader in readers:
        reader.start()
    status = _wait(workers, slow)
    for reader in readers:
        reader.join()
    if slow.is_set():
        message = "The machines found no EFA and would train over ordinary network interfaces."
        hint = "The trainer's image needs libfabric and aws-ofi-nccl: build it with EFA_IMAGE (docs/aws.md), and name it in training.image."
        return say(TrainingFailure("network_slow", message, hint), place, arguments)
    return status


def say(failure: TrainingFailure, place: Place, arguments: Sequence[str]) -> int:
    """As the trainer itself would, once for all machines."""
    print(f"{failure.code}: {failure.message}", file=sys.stderr)
    events = Events(take_stdout(), silent=place.node > 0)
    if "--root" in arguments:
        events.keep_in(open_root(arguments[arguments.index("--root") + 1]))
    events.end("failed", code=failure.code, message=failure.message, hint=failure.hint)
    return failure.exit_status


def _wait(workers: Sequence[subprocess.Popen[bytes]], slow: threading.Event) -> int:
    failed: int | None = None
    asked: float | None = None
    # All are asked, each time: only who is asked is known to have ended.
    while None in [worker.poll() for worker in workers]:
        if failed is None:
            failed = next((worker.returncode for worker in workers if worker.returncode not in (None, EXIT_DONE)), None)
        if asked is None and (slow.is_set() or failed is not None):
            asked = time.monotonic() + (0.0 if slow.is_set() else LEFT_SECONDS)
        if asked is not None and time.monotonic() > asked:
            # First as a wish, then not.
            _signal(workers, signal.SIGTERM)
            if time.monotonic() > asked + KILL_SECONDS:
                _signal(workers, signal.SIGKILL)
        time.sleep(0.05)
    first = workers[0].returncode
    status = first if first > EXIT_DONE else failed
    if status is None:
        status = next((worker.returncode for worker in workers if worker.returncode != EXIT_DONE), EXIT_DONE)
    # As shells say it of what a signal ended.
    return status if status >= 0 else 128 - status


def _signal(workers: Sequence[subprocess.Popen[bytes]], number: int) -> None:
    for worker in workers:
        if worker.poll() is None:
            worker.send_signal(number)


def _pass_on(stream: BinaryIO, slow: threading.Event) -> None:
    for line in stream:
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
        if SLOW.search(line):
            slow.set()
