"""What every stage of one run of the trainer is given."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serac_sft.events import Events
from serac_sft.job import Job
from serac_sft.stop import Stop
from serac_sft.storage import Root


@dataclass(frozen=True)
class Context:
    job: Job
    root: Root
    scratch: Path
    """A folder on a fast disk of this machine. What is in it may be from an earlier try, and may be gone in the next one."""
    events: Events
    stop: Stop
    device: Literal["auto", "cpu", "cuda"]
    template: Path
    """serve.jinja."""


def rank() -> int:
    """Of this process among all of torchrun's; 0 without it."""
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    return int(os.environ.get("LOCAL_RANK", "0"))
