"""python -m serac_sft.launch --root … : the trainer on all GPUs of this machine, or of all machines of a job of AWS Batch.

Not torchrun, which ends with 1 whatever its workers ended with, and so hides from who waits whether another try helps.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serac_sft.failures import TrainingFailure
from serac_sft.team import run_team

PORT = 29_400
SCRATCH = "/scratch"
DEVICE = re.compile(r"nvidia\d+")
# The first of the network cards; NCCL takes all that there are.
ADAPTER = "uverbs0"


@dataclass(frozen=True)
class Place:
    """Where this launcher is among the machines of its job. One of one without AWS Batch."""

    node: int
    nodes: int
    # Processes of each machine.
    processes: int
    # Of the first machine, as the others reach it.
    address: str
    # Whether machines must talk over their Elastic Fabric Adapters.
    wants_efa: bool


def place_in(environment: Mapping[str, str], gpus: int) -> Place:
    """https://docs.aws.amazon.com/batch/latest/userguide/job_env_vars.html; the first machine is not told its own address."""
    nodes = int(environment.get("AWS_BATCH_JOB_NUM_NODES", "1"))
    node = int(environment.get("AWS_BATCH_JOB_NODE_INDEX", "0"))
    main = int(environment.get("AWS_BATCH_JOB_MAIN_NODE_INDEX", "0"))
    address = environment.get("AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS", "127.0.0.1" if node == main else "")
    if address == "":
        raise TrainingFailure("unexpected", "AWS Batch did not tell the address of the job's first machine.")
    # The main node has the first rank, whatever its number.
    order = 0 if node == main else node if node > main else node + 1
    wants_efa = nodes > 1 and environment.get("SERAC_NETWORK") == "efa"
    return Place(order, nodes, max(1, gpus), address, wants_efa)


def environment_of(place: Place, local_rank: int) -> dict[str, str]:
    """What torch.distributed reads (PyTorch, "Environment variable initialization"), and what makes NCCL take the fast network."""
    return {
        "RANK": str(place.node * place.processes + local_rank),
        "LOCAL_RANK": str(local_rank),
        "WORLD_SIZE": str(place.nodes * place.processes),
        "LOCAL_WORLD_SIZE": str(place.processes),
        "GROUP_RANK": str(place.node),
        "MASTER_ADDR": place.address,
        "MASTER_PORT": str(PORT),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "8"),
        **({"FI_PROVIDER": "efa", "NCCL_DEBUG": "INFO", "NCCL_DEBUG_SUBSYS": "INIT,NET"} if place.wants_efa else {}),
    }


def command_of(arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    scratch = [] if "--scratch" in arguments else ["--scratch", environment.get("SERAC_SCRATCH", SCRATCH)]
    return [sys.executable, "-m", "serac_sft", *arguments, *scratch]


def gpus_in(folder: Path = Path("/dev")) -> int:
    """Without torch, which takes seconds to load and would hold memory of the first GPU."""
    return sum(1 for entry in folder.iterdir() if DEVICE.fullmatch(entry.name))


def check_network(place: Place, folder: Path = Path("/dev/infiniband")) -> None:
    if place.wants_efa and not (folder / ADAPTER).exists():
        raise TrainingFailure(
            "network_slow",
            f"Machines are to train together over EFA, and here is no {folder / ADAPTER}.",
            "The machine image needs EFA's driver: name one that has it in training.amiId.",
        )


def main(arguments: list[str]) -> int:
    gpus = int(os.environ.get("SERAC_PROCESSES", "0")) or gpus_in()
    place = place_in(os.environ, gpus)
    command = command_of(arguments, os.environ)
    if place.nodes == 1 and place.processes == 1:
        # In its place: whoever stops the container stops the trainer.
        os.execv(command[0], command)
    return run_team(command, place, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
