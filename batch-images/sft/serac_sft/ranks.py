"""One process of a machine works for all of it; the others wait for what it writes to the scratch disk."""

from __future__ import annotations

from collections.abc import Callable

from serac_sft.stop import Stop

POLL_SECONDS = 0.2


def when_done(is_done: Callable[[], bool], stop: Stop) -> None:
    """Returns when it is; torchrun ends this process when the one that works has failed."""
    while not is_done():
        stop.check()
        stop.wait(POLL_SECONDS)
