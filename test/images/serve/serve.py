"""
usage: python serve.py FLAG…

vLLM's OpenAI-compatible server. On a processor vLLM starts its engine and its worker as new interpreters, each of which imports torch and
vLLM again, which is nearly all of the time that a small model takes to be ready. Here they are forks of the first one.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

from vllm.platforms.cpu import CpuPlatform

configure = CpuPlatform.check_and_update_config.__func__


def configure_to_fork(platform: type[CpuPlatform], config: Any) -> None:
    configure(platform, config)
    os.environ["VLLM_WORKER_MULTIPROC_METHOD"] = "fork"


if __name__ == "__main__":
    CpuPlatform.check_and_update_config = classmethod(configure_to_fork)
    sys.argv[0] = "vllm"
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__")
