"""SIGTERM and SIGINT are a wish: a flag that long work looks at where it can stop without loss."""

from __future__ import annotations

import signal
import threading

from serac_sft.failures import Interrupted


class Stop:
    """`reason` is None until somebody wants the trainer to end. May be set from any thread."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self.reason: str | None = None

    @property
    def requested(self) -> bool:
        return self._wanted.is_set()

    def request(self, reason: str) -> None:
        if not self._wanted.is_set():
            self.reason = reason
            self._wanted.set()

    def check(self) -> None:
        """Raises Interrupted when the trainer is to end; for the stages before the first step."""
        if self.requested:
            raise Interrupted(self.reason or "stopped")

    def wait(self, seconds: float) -> bool:
        """Sleeps, but no longer than until somebody wants the end; whether somebody does."""
        return self._wanted.wait(seconds)

    def listen(self) -> None:
        """From the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: self.request(signal.Signals(received).name))
