"""The gate before training: the text that is rendered here has the hash of the one that serac rendered."""

from __future__ import annotations

import hashlib

from serac_sft.failures import TrainingFailure
from serac_sft.render import render
from serac_sft.rows import Row

SHOWN = 60


def same_text(row: Row, template: str) -> str:
    """The row's text. TrainingFailure("parity_broken") that names the row."""
    text = render(row, template)
    found = hashlib.sha256(text.encode()).hexdigest()
    if found != row.text_sha256:
        message = (
            f"{row.where}: the text of {len(text)} characters rendered here has the hash {found[:12]}…, "
            f"serac's has {row.text_sha256[:12]}…. It begins {text[:SHOWN]!r} and ends {text[-SHOWN:]!r}."
        )
        hint = "The row was changed behind its export, or trainer and serac are of different versions: export it again."
        raise TrainingFailure("parity_broken", message, hint)
    return text
