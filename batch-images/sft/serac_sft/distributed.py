"""Several processes that train one model: who is who, and what they must agree about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist

from serac_sft.failures import TrainingFailure
from serac_sft.job import Settings


@dataclass(frozen=True)
class Ranks:
    """Of this process, by torchrun's environment; one of one without it."""

    rank: int
    world: int
    local_rank: int
    node: int
    nodes: int

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    @property
    def is_first_of_node(self) -> bool:
        return self.local_rank == 0


def ranks() -> Ranks:
    world = int(os.environ.get("WORLD_SIZE", "1"))
    local_world = int(os.environ.get("LOCAL_WORLD_SIZE", str(world)))
    rank = int(os.environ.get("RANK", "0"))
    return Ranks(
        rank=rank,
        world=world,
        local_rank=int(os.environ.get("LOCAL_RANK", "0")),
        node=rank // local_world,
        nodes=max(1, world // local_world),
    )


def accumulation(settings: Settings, world: int) -> int:
    """Sequences that each group of GPUs works off in one step. TrainingFailure("job_invalid") when they cannot share a batch evenly."""
    parallel = settings.sequence_parallel
    if world % parallel != 0:
        raise TrainingFailure(
            "job_invalid",
            f"sequenceParallel is {parallel}, but {world} GPU(s) cannot be divided into groups of {parallel}.",
            f"sequenceParallel must divide the number of GPUs: {_divisors(world)}.",
        )
    groups = world // parallel
    if settings.batch_size % groups != 0:
        raise TrainingFailure(
            "job_invalid",
            f"A batch of {settings.batch_size} sequences cannot be shared by {groups} group(s) of GPUs.",
            f"batchSize must be a multiple of {groups}.",
        )
    return settings.batch_size // groups


def _divisors(number: int) -> str:
    return ", ".join(str(divisor) for divisor in range(1, number + 1) if number % divisor == 0)


def any_rank(flag: bool, device: torch.device) -> bool:
    """Whether it is so for one of the processes; all of them get the same answer."""
    if not _together():
        return flag
    told = torch.tensor([int(flag)], device=device)
    dist.all_reduce(told, op=dist.ReduceOp.MAX)
    return bool(told.item())


def from_first(value: Any) -> Any:
    """What the first process has, on all of them. Plain values."""
    if not _together():
        return value
    box = [value]
    dist.broadcast_object_list(box, src=0)
    return box[0]


def of_all(value: Any) -> list[Any]:
    """What each process has, by rank."""
    if not _together():
        return [value]
    values: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


def barrier() -> None:
    if _together():
        dist.barrier()


def _together() -> bool:
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def sharding(settings: Settings, world: int) -> dict[str, Any]:
    """Arguments of SFTConfig for many processes: FSDP2, with ring attention where GPUs share a sequence. None for one process."""
    if world == 1:
        return {}
    from accelerate import ParallelismConfig

    options: dict[str, Any] = {
        "fsdp": True,
        "fsdp_config": {"version": 2, "state_dict_type": "SHARDED_STATE_DICT", "reshard_after_forward": True},
    }
    parallel = settings.sequence_parallel
    if parallel > 1:
        options["parallelism_config"] = ParallelismConfig(cp_size=parallel, dp_shard_size=world // parallel)
        # Ring attention cuts each sequence into two pieces a GPU.
        options["pad_to_multiple_of"] = 2 * parallel
    return options
