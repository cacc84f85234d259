"""What a training remembers over its tries, kept in each checkpoint beside Trainer's own state."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "serac.json"


@dataclass
class Memo:
    """`losses`: of every step so far, in order. `train_seconds`, `trained_tokens`: of all tries up to the checkpoint."""

    losses: list[float] = field(default_factory=list)
    held_out_before: float | None = None
    train_seconds: float = 0.0
    trained_tokens: int = 0

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_memo(folder: Path) -> Memo:
    return Memo(**json.loads((folder / FILE).read_text(encoding="utf-8")))
