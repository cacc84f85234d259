"""What the trainer says: JSON lines on its standard output, and in the model's metrics.jsonl, progress.json and result.json."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

from serac_sft import names
from serac_sft.mirror import Mirror
from serac_sft.schemas import first_error
from serac_sft.storage import Root

# Kinds that say how far it is: the last of them is progress.json.
PROGRESS_KINDS = frozenset({"stage", "prepared", "resumed", "step", "held-out", "checkpoint", "interrupted"})
# Kinds that a run ends with: result.json.
RESULT_KINDS = frozenset({"published", "failed"})


def take_stdout() -> TextIO:
    """Standard output for events alone: whatever libraries print, from Python or from C, goes to standard error from now on."""
    sys.stdout.flush()
    events = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    return events


class Events:
    """`silent` for all ranks but the first. `on_deaf` is called when nobody reads standard output any more."""

    def __init__(self, out: TextIO, on_deaf: Callable[[str], None] = lambda _: None, *, silent: bool = False):
        self._out: TextIO | None = out
        self._on_deaf = on_deaf
        self._silent = silent
        self._mirror: Mirror | None = None
        self.last_step = 0
        """That was said of this or of an earlier try."""

    def keep_in(self, root: Root) -> int:
        """Events are kept below the root, too, from now on, and the end of an earlier try is forgotten; how many tries there were."""
        if self._silent:
            return 0
        earlier = root.read(names.METRICS) if root.exists(names.METRICS) else b""
        root.delete(names.RESULT)
        self._mirror = Mirror(root, earlier)
        return sum(1 for line in earlier.splitlines() if b'"event": "started"' in line)

    def emit(self, event: str, **fields: Any) -> dict[str, Any]:
        """Fields as in core/training/events.ts; `at` is added. ValueError for what its schema refuses."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document = {"event": event, "at": now, **fields}
        error = first_error("events", document)
        if error is not None:
            raise ValueError(f"the event {event} is not as agreed: {error}")
        # NaN is a number to the schema, and no JSON.
        line = json.dumps(document, ensure_ascii=False, allow_nan=False)
        if self._silent:
            return document
        self.last_step = fields.get("step", self.last_step)
        self._say(line)
        if self._mirror is not None:
            self._mirror.append(line)
            if event in PROGRESS_KINDS:
                self._mirror.progress(line, at_once=event != "step")
        return document

    def end(self, event: str, **fields: Any) -> None:
        """The last event. result.json is written behind all else; StorageFailure of the root when it cannot be."""
        document = self.emit(event, **fields)
        if self._mirror is None:
            return
        mirror, self._mirror = self._mirror, None
        mirror.close()
        if event in RESULT_KINDS:
            mirror.root.write(names.RESULT, f"{json.dumps(document, ensure_ascii=False)}\n".encode())

    def _say(self, line: str) -> None:
        if self._out is None:
            return
        try:
            self._out.write(f"{line}\n")
            self._out.flush()
        except BrokenPipeError:
            # Who started this is gone; training for nobody wastes a machine, and the checkpoint is kept.
            with suppress(BrokenPipeError):
                self._out.close()
            self._out = None
            self._on_deaf("nobody reads the events")
