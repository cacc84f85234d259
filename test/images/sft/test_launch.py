"""Who starts the trainer's processes, stops them, and tells how they ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serac_sft import team
from serac_sft.failures import TrainingFailure
from serac_sft.launch import Place, check_network, command_of, environment_of, gpus_in, place_in

ALONE = Place(node=0, nodes=1, processes=2, address="127.0.0.1", wants_efa=False)
NODES = {"AWS_BATCH_JOB_NUM_NODES": "2", "AWS_BATCH_JOB_MAIN_NODE_INDEX": "0", "SERAC_NETWORK": "efa"}
MAIN = {**NODES, "AWS_BATCH_JOB_NODE_INDEX": "0"}
OTHER = {**NODES, "AWS_BATCH_JOB_NODE_INDEX": "1", "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS": "10.43.0.7"}


def test_one_gpu_is_one_process() -> None:
    assert place_in({}, 1) == Place(0, 1, 1, "127.0.0.1", False)
    # A machine without any trains on its processor.
    assert place_in({}, 0).processes == 1


def test_eight_gpus_are_eight_ranks_of_one_machine() -> None:
    place = place_in({"AWS_BATCH_JOB_ID": "1"}, 8)
    told = [environment_of(place, local) for local in range(8)]
    assert [each["RANK"] for each in told] == [each["LOCAL_RANK"] for each in told] == [str(rank) for rank in range(8)]
    assert {each["WORLD_SIZE"] for each in told} == {each["LOCAL_WORLD_SIZE"] for each in told} == {"8"}
    assert {each["MASTER_ADDR"] for each in told} == {"127.0.0.1"}
    assert "FI_PROVIDER" not in told[0]


def test_two_machines_meet_at_the_first_one_over_their_fast_network() -> None:
    main, other = place_in(MAIN, 8), place_in(OTHER, 8)
    assert (environment_of(main, 0)["RANK"], environment_of(main, 0)["MASTER_ADDR"]) == ("0", "127.0.0.1")
    told = environment_of(other, 3)
    assert (told["RANK"], told["LOCAL_RANK"], told["WORLD_SIZE"], told["MASTER_ADDR"]) == ("11", "3", "16", "10.43.0.7")
    assert (told["FI_PROVIDER"], told["NCCL_DEBUG"]) == ("efa", "INFO")


@given(nodes=st.integers(1, 16), processes=st.integers(1, 8), main=st.integers(0, 15))
def test_every_rank_is_somebodys_and_the_first_one_the_main_nodes(nodes: int, processes: int, main: int) -> None:
    main %= nodes
    ranks = {}
    for node in range(nodes):
        variables = {
            "AWS_BATCH_JOB_NUM_NODES": str(nodes),
            "AWS_BATCH_JOB_NODE_INDEX": str(node),
            "AWS_BATCH_JOB_MAIN_NODE_INDEX": str(main),
            "AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS": "10.43.0.7",
        }
        place = place_in(variables, processes)
        ranks |= {int(environment_of(place, local)["RANK"]): node for local in range(processes)}
    assert sorted(ranks) == list(range(nodes * processes))
    assert ranks[0] == main


def test_a_machine_that_is_not_told_where_the_first_one_is_does_not_begin() -> None:
    with pytest.raises(TrainingFailure, match="address"):
        place_in({key: value for key, value in OTHER.items() if "ADDRESS" not in key}, 8)


def test_the_trainer_is_given_the_fast_disk_unless_another_is_named() -> None:
    assert command_of(["--root", "r"], {})[1:] == ["-m", "serac_sft", "--root", "r", "--scratch", "/scratch"]
    assert command_of(["--root", "r"], {"SERAC_SCRATCH": "/fast"})[-1] == "/fast"
    assert command_of(["--root", "r", "--scratch", "s"], {})[1:] == ["-m", "serac_sft", "--root", "r", "--scratch", "s"]


def test_gpus_are_counted_by_their_devices(tmp_path: Path) -> None:
    for name in ["nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm", "null"]:
        (tmp_path / name).touch()
    assert gpus_in(tmp_path) == 3


def test_machines_without_an_adapter_do_not_begin(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailure) as caught:
        check_network(place_in(MAIN, 8), tmp_path)
    assert caught.value.code == "network_slow"
    (tmp_path / "uverbs0").touch()
    check_network(place_in(MAIN, 8), tmp_path)
    check_network(ALONE, tmp_path / "none")


def run(script: str, place: Place = ALONE, arguments: Sequence[str] = ()) -> subprocess.Popen[str]:
    """The team in a process of its own; each of its workers runs `script`."""
    program = (
        "import sys\nfrom serac_sft import team\nfrom serac_sft.launch import Place\n"
        "team.LEFT_SECONDS = team.KILL_SECONDS = 0.2\n"
        # No machine of a test has such a card.
        "import serac_sft.launch\nserac_sft.launch.check_network = lambda place: None\n"
        f"sys.exit(team.run_team([sys.executable, '-c', {script!r}], {place!r}, {list(arguments)!r}))"
    )
    folder = str(Path(team.__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": folder},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


RANK = "import os, signal, sys, time; rank = int(os.environ['RANK']); "
HERE = "print('here', os.getpid(), flush=True); "
FOREVER = "time.sleep(600)"


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("", 0),
        ("sys.exit(2)", 2),
        (f"sys.exit(75) if rank == 0 else {FOREVER}", 75),
        (f"sys.exit(2) if rank == 1 else {FOREVER}", 2),
        (f"os.kill(os.getpid(), signal.SIGKILL) if rank == 1 else {FOREVER}", 137),
        (f"signal.signal(signal.SIGTERM, signal.SIG_IGN); sys.exit(1) if rank == 1 else {FOREVER}", 1),
    ],
)
def test_all_end_with_the_first_that_fails(script: str, status: int) -> None:
    process = run(RANK + script)
    _, said = process.communicate()
    assert process.returncode == status, said


def pids_in(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout is not None
    return [int(process.stdout.readline().split()[1]) for _ in range(ALONE.processes)]


def test_sigterm_reaches_all_and_their_own_exit_code_is_told() -> None:
    process = run(f"{RANK}signal.signal(signal.SIGTERM, lambda *_: sys.exit(75)); {HERE}{FOREVER}")
    pids_in(process)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 75


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells children of their parent's death")
def test_nobody_outlives_a_launcher_that_is_killed() -> None:
    process = run(f"{RANK}{HERE}{FOREVER}")
    pids = pids_in(process)
    process.kill()
    process.communicate()
    while any(is_alive(pid) for pid in pids):
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_job_of_many_machines_that_falls_back_to_the_slow_network_is_ended(tmp_path: Path) -> None:
    place = Place(node=0, nodes=2, processes=2, address="127.0.0.1", wants_efa=True)
    line = "ip-10-43-0-7:1:1 [0] NCCL INFO Using network Socket"
    # Here is no adapter; what NCCL says when there is one and its library is missing.
    script = f"{RANK}print({line!r}, file=sys.stderr, flush=True); {FOREVER}"
    root = tmp_path / "model"
    root.mkdir()
    process = run(script, place, ["--root", str(root)])
    out, said = process.communicate()
    assert process.returncode == 1
    assert line in said
    event = json.loads(out)
    assert (event["event"], event["code"]) == ("failed", "network_slow")
    assert json.loads((root / "result.json").read_text()) == event


def test_the_launcher_itself_tells_of_a_job_that_is_none(tmp_path: Path) -> None:
    for processes in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "serac_sft.launch", "--root", str(tmp_path), "--scratch", str(tmp_path)],
            env={**os.environ, "SERAC_PROCESSES": processes, "PYTHONPATH": str(Path(team.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stderr
        assert [json.loads(line)["code"] for line in done.stdout.splitlines()] == ["job_invalid"]
