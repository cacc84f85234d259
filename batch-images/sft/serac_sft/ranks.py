"""One process of a machine works for all of it; the others wait for what it writes to the scratch disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from serac_sft.stop import Stop

POLL_SECONDS = 0.2


def when_done(is_done: Callable[[], bool], stop: Stop) -> None:
    """Returns when it is; torchrun ends this process when the one that works has failed."""
    while not is_done():
        stop.check()
        stop.wait(POLL_SECONDS)


def say_done(marker: Path) -> None:
    marker.write_text(_team(), encoding="utf-8")


def is_done(marker: Path) -> bool:
    """Whether one of the processes that were started together with this one said so; an earlier try does not count."""
    try:
        return marker.read_text(encoding="utf-8") == _team()
    except FileNotFoundError:
        return False


def _team() -> str:
    """All ranks of a machine have one parent. In a container its number is always the same, so the time of its start is added."""
    parent = os.getppid()
    try:
        started = Path(f"/proc/{parent}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        started = ""
    return f"{parent} {started}"
