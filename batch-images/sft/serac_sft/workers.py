"""Work spread over the cores: results in the order of the work, and never more of it under way than the cores need."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from serac_sft.failures import TrainingFailure

Work = TypeVar("Work")
Result = TypeVar("Result")

AHEAD = 2


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_processes(
    work: Iterable[Work], do: Callable[[Work], Result], start: Callable[[Any], None], rules: Any, processes: int
) -> Iterator[Result]:
    """`start(rules)` is called once in each process. What `do` raises is raised in its place, and ends the rest."""
    # Forking a process that has threads (torch, boto3) may lock it up.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=start, initargs=(rules,))
    pending: deque[Future[Result]] = deque()
    try:
        for each in work:
            pending.append(pool.submit(do, each))
            if len(pending) > AHEAD * processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool as error:
        hint = "Linux ends processes when memory runs out: take a machine with more, or lower train.contextTokens."
        raise TrainingFailure("memory_too_small", "A process that prepares data was ended.", hint) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
