"""How the trainer ends. Codes are those of core/training/events.ts; exit statuses are TRAINER_EXIT there."""

from __future__ import annotations

from typing import Any

from serac_sft.schemas import bad_input

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 75

BAD_INPUT = bad_input()


class TrainingFailure(Exception):
    """The job cannot be done. `passes`: the same command may well work later, so that it is worth another try."""

    def __init__(self, code: str, message: str, hint: str | None = None, *, passes: bool = False):
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.passes = passes

    def __reduce__(self) -> tuple[Any, ...]:
        # Failures come out of the processes that prepare data; an exception is otherwise made anew from its message alone.
        return _again, (type(self), self.code, self.message, self.hint, self.passes)

    @property
    def exit_status(self) -> int:
        if self.passes:
            return EXIT_INTERRUPTED
        return EXIT_BAD_INPUT if self.code in BAD_INPUT else EXIT_FAILED


def _again(kind: type[TrainingFailure], code: str, message: str, hint: str | None, passes: bool) -> TrainingFailure:
    failure = kind.__new__(kind)
    TrainingFailure.__init__(failure, code, message, hint, passes=passes)
    return failure


class Interrupted(Exception):
    """Asked to stop: what is done so far is kept, and the same command goes on from there. `step` 0: before the first one."""

    def __init__(self, reason: str, step: int = 0):
        super().__init__(reason)
        self.reason = reason
        self.step = step


def unexpected(error: BaseException) -> TrainingFailure:
    first_line = (str(error).strip().splitlines() or ["no message"])[0][:500]
    return TrainingFailure(
        "unexpected",
        f"{type(error).__name__}: {first_line}",
        "The trainer's log (its standard error) holds the whole of it.",
    )
