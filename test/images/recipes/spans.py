"""What a tool would train on: the texts of each row's runs of labels, as JSON on the standard output."""

from __future__ import annotations

import json
from collections.abc import Iterable

UNTRAINED = -100


def print_spans(rows: Iterable[dict], tokenizer) -> None:
    found = [{"text": tokenizer.decode(row["input_ids"]), "trained": list(spans(row, tokenizer))} for row in rows]
    print("SPANS " + json.dumps(found))


def spans(row: dict, tokenizer) -> Iterable[str]:
    run: list[int] = []
    for token, label in zip(row["input_ids"], row["labels"], strict=True):
        if label != UNTRAINED:
            run.append(token)
        elif run:
            yield tokenizer.decode(run)
            run = []
    if run:
        yield tokenizer.decode(run)
