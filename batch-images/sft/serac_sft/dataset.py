"""What must hold for all rows together: that they are the rows of the job, and that they teach one set of tools."""

from __future__ import annotations

import hashlib
from collections import Counter

from serac_sft.failures import TrainingFailure
from serac_sft.job import Job
from serac_sft.labels import TOO_LONG, Dropped
from serac_sft.outcome import Outcome


def check_rehearsal(job: Job) -> None:
    if job.data.rehearsal and not job.settings.allow_rehearsal:
        raise _rehearsal("The dataset was made by the rehearsal teacher")


class DatasetCheck:
    """Sees every row in its order. Each method raises TrainingFailure with a code data_…"""

    def __init__(self, job: Job):
        self._job = job
        self._texts = hashlib.sha256()
        self._first: Outcome | None = None
        self._shortest: int | None = None
        self.rows = 0
        self.samples = 0
        self.dropped: Counter[str] = Counter()

    def see(self, row: Outcome) -> None:
        job, first = self._job, self._first or row
        if row.rehearsal and not job.settings.allow_rehearsal:
            raise _rehearsal(f"{row.where} was made by the rehearsal teacher")
        if row.toolset != job.data.toolset:
            raise _mixed(f"{row.where} was made with the toolset {row.toolset}, the job is for {job.data.toolset}")
        if row.tools != first.tools:
            raise _mixed(f"{row.where} has other tools than {first.where}")
        self._first = first
        self._texts.update(f"{row.text_sha256}\n".encode())
        self.rows += 1
        if not isinstance(row.result, Dropped):
            self.samples += 1
            return
        self.dropped[row.result.reason] += 1
        if row.result.reason == TOO_LONG:
            self._shortest = min(self._shortest or row.result.needed, row.result.needed)

    def end(self) -> None:
        job = self._job
        if self.rows == 0:
            raise TrainingFailure("data_empty", f"There is no row in data/{{{','.join(job.data.datasets)}}}.")
        if self.rows != job.data.rows:
            raise _not_of_job(f"data/ holds {self.rows} rows, the job says {job.data.rows}")
        if self._texts.hexdigest() != job.data.texts_sha256:
            raise _not_of_job("The rows of data/ are not those that the job was made for")
        if self.samples == 0:
            self._none_left()

    def _none_left(self) -> None:
        context = self._job.settings.context_tokens
        if self.dropped[TOO_LONG] == self.rows:
            message = f"None of {self.rows} rows fits into {context} tokens."
            hint = f"The shortest needs {self._shortest} tokens for its first reply: raise train.contextTokens."
            raise TrainingFailure("data_too_long", message, hint)
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(self.dropped.items()))
        raise TrainingFailure("data_empty", f"Of {self.rows} rows none can be learned ({reasons}).")


def _rehearsal(what: str) -> TrainingFailure:
    hint = "It teaches nothing. To see all parts work on it, set train.allowRehearsal, or --allow-rehearsal."
    return TrainingFailure("data_rehearsal", f"{what}.", hint)


def _mixed(what: str) -> TrainingFailure:
    return TrainingFailure(
        "data_mixed", f"{what}.", "A model learns one toolset: train on one run's dataset at a time."
    )


def _not_of_job(what: str) -> TrainingFailure:
    return TrainingFailure("data_invalid", f"{what}.", "Nobody may change a model's data/: start the training anew.")
