"""The prepared data: ids and labels on the scratch disk, mapped into memory, so that any number of samples costs none."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datasets import Dataset

SAMPLES = "samples.arrow"
INDEX = "prepared.json"
# A label that no loss is counted for.
IGNORED = -100


@dataclass(frozen=True)
class Prepared:
    """
    Counts are of the samples that are trained on, each seen once, unless they say otherwise. Columns of a sample: `input_ids`, `labels`
    (the same, or -100 where nothing is learned). Every token counts for attention.
    """

    folder: Path
    samples: int
    held_out: int
    tokens: int
    trained_tokens: int
    max_tokens: int
    cut: int
    dropped: dict[str, int]
    rows: int
    """That were read, rendered and found to be the texts that serac hashed: all of the data."""
    train_rows: tuple[int, ...] = field(repr=False)
    """Places in samples.arrow, in the order of the data."""
    held_out_rows: tuple[int, ...] = field(repr=False)

    def train_set(self) -> Dataset:
        return self._all().select(self.train_rows)

    def held_out_set(self) -> Dataset | None:
        return self._all().select(self.held_out_rows) if self.held_out_rows else None

    def _all(self) -> Dataset:
        from datasets import Dataset

        return Dataset.from_file(str(self.folder / SAMPLES))

    def save(self) -> None:
        document = {name: value for name, value in asdict(self).items() if name != "folder"}
        (self.folder / INDEX).write_text(json.dumps(document), encoding="utf-8")


def load_prepared(folder: Path) -> Prepared | None:
    """None when the folder is not whole."""
    try:
        document = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        rows = {name: tuple(document.pop(name)) for name in ("train_rows", "held_out_rows")}
        return Prepared(folder=folder, **document, **rows) if (folder / SAMPLES).is_file() else None
    except (OSError, ValueError, TypeError, KeyError):
        return None
