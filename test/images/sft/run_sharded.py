"""
usage: python run_sharded.py '[{"case": "…", "out": "…", "stop_at": 6 | null}, …]'

Tries of the trainer's own program, one after the other, each by two processes that hold the model in pieces as GPUs do. Accelerate shards
on accelerators alone; told that these processors are some, it does what it does there. At `stop_at` the last process gets a SIGTERM, as one
whose machine is taken away. Events go to `out`; the exit statuses are printed. One interpreter forks them all: it takes seconds to load.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import DistributedType
from serac_sft import __main__ as program
from serac_sft import stages, trainer_loop
from serac_sft.events import Events
from training_case import prepared_of

PROCESSES = 2


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def run(case: Path, out: str, stop_at: int | None) -> list[int]:
    world = {
        "WORLD_SIZE": str(PROCESSES),
        "LOCAL_WORLD_SIZE": str(PROCESSES),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
    }
    os.environ.update(world)
    children = []
    for rank in range(PROCESSES):
        child = os.fork()
        if child == 0:
            os.environ.update({"RANK": str(rank), "LOCAL_RANK": str(rank)})
            os.dup2(os.open(f"{out}.{rank}", os.O_WRONLY | os.O_CREAT, 0o644), 1)
            os._exit(work(case, stop_at if rank == PROCESSES - 1 else None))
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def work(case: Path, stop_at: int | None) -> int:
    arguments_of, emit = trainer_loop.trainer_arguments, Events.emit

    def arguments(*args: Any) -> Any:
        made = arguments_of(*args)
        PartialState().distributed_type = DistributedType.MULTI_GPU
        return made

    def emit_and_stop(self: Events, event: str, **fields: Any) -> dict[str, Any]:
        if event == "step" and fields["step"] == stop_at:
            os.kill(os.getpid(), signal.SIGTERM)
        return emit(self, event, **fields)

    trainer_loop.trainer_arguments = arguments
    Events.emit = emit_and_stop
    stages.prepare = lambda _context, _base: prepared_of(case)
    options = ["--root", str(case / "root"), "--scratch", str(case / "scratch"), "--device", "cpu"]
    return program.main([*options, "--template", str(case / "template.jinja")])


if __name__ == "__main__":
    tries = json.loads(sys.argv[1])
    print(json.dumps([run(Path(each["case"]), each["out"], each["stop_at"]) for each in tries]))
