"""
usage: python prepare.py ROOT BASE SCRATCH

Speed and memory of the trainer's data stage on the rows of a model's root, as one line of JSON. Seconds of the processor are those of all
processes together, without what it takes to start Python and to load the tokenizer.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from pathlib import Path

from serac_sft import prepare as stage
from serac_sft.__main__ import TEMPLATE
from serac_sft.context import Context
from serac_sft.events import Events, take_stdout
from serac_sft.job import read_job
from serac_sft.prepare import prepare
from serac_sft.stop import Stop
from serac_sft.storage import open_root

SAMPLE_SECONDS = 0.25


def memory_mb(process: str = "self") -> float:
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0


def cpu_seconds() -> float:
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in WHO)


WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


class Watch(threading.Thread):
    """Memory of this process and of its workers, over time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.total: list[float] = []
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(SAMPLE_SECONDS):
            try:
                children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
                self.total.append(memory_mb() + sum(memory_mb(child) for child in children))
            except OSError:
                continue


def main() -> None:
    out = take_stdout()
    root, base, scratch = open_root(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    job = read_job(root.read("job.json"), "job.json")
    context = Context(job, root, scratch, Events(out, silent=True), Stop(), "cpu", TEMPLATE)
    scratch.mkdir(parents=True, exist_ok=True)
    # Loads what is loaded once; the clock starts where the rows do.
    begun: list[tuple[float, float]] = []
    make = stage._make

    def timed_make(*arguments: object) -> None:
        begun.append((time.monotonic(), cpu_seconds()))
        make(*arguments)  # type: ignore[arg-type]

    stage._make = timed_make
    watch = Watch()
    watch.start()
    prepared = prepare(context, base)
    watch.done.set()
    [(wall, cpu)] = begun
    quarter, end = watch.total[len(watch.total) // 4], watch.total[-2]
    figures = {
        "rows": prepared.rows,
        "tokens": prepared.tokens,
        "seconds": round(time.monotonic() - wall, 1),
        "cpuSeconds": round(cpu_seconds() - cpu, 1),
        "peakMb": round(max(watch.total)),
        "quarterMb": round(quarter),
        "endMb": round(end),
        "processes": stage.cores(),
    }
    print(json.dumps(figures), file=out, flush=True)


if __name__ == "__main__":
    main()
