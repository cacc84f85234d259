"""mini-swe-agent (PyPI) on the same scripted teacher: N rollouts at once, each on its own copy of the tree.

Prints one JSON line: steps, seconds, peak memory in KiB of this process.
"""

import json
import logging
import os
import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["MSWEA_SILENT_STARTUP"] = "1"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["OPENAI_API_KEY"] = "unused"

import litellm
from minisweagent.agents.default import DefaultAgent
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.litellm_model import LitellmModel

logging.disable(logging.CRITICAL)
litellm.suppress_debug_info = True


def rollout(base_url: str, tree: str, steps: int, workspace: Path) -> int:
    shutil.copytree(tree, workspace, symlinks=True)
    model = LitellmModel(
        model_name="openai/scripted",
        model_kwargs={"api_base": base_url, "temperature": 0.6},
        cost_tracking="ignore_errors",
    )
    environment = LocalEnvironment(cwd=str(workspace), timeout=300)
    agent = DefaultAgent(model, environment, system_template="You fix code.", instance_template="{{task}}", step_limit=steps + 5)
    agent.run("Look around and change something.")
    return agent.n_calls


def main() -> None:
    base_url, tree, rollouts, steps = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with tempfile.TemporaryDirectory() as scratch:
        # litellm imports parts of itself at its first call, which fails when many threads do it at once.
        rollout(base_url, tree, steps, Path(scratch) / "warm-up")
        start = time.perf_counter()
        with ThreadPoolExecutor(rollouts) as pool:
            jobs = [pool.submit(rollout, base_url, tree, steps, Path(scratch) / str(n)) for n in range(rollouts)]
            calls = sum(job.result() for job in jobs)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"steps": calls, "seconds": seconds, "peakKiB": peak}))


if __name__ == "__main__":
    main()
