"""What all Python tests of the trainer share, and the report that python-tests.ts reads."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "batch-images" / "sft"), str(Path(__file__).parent)]
# Nothing is looked for on a hub, and two tests at once do not fight for the cores.
os.environ.update({"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"})
# S3 lists 1,000 keys at once. With fewer, a test of several pages need not write thousands of objects.
os.environ["MOTO_S3_DEFAULT_MAX_KEYS"] = "10"

import pytest
from hypothesis import settings

settings.register_profile("serac", deadline=None, derandomize=True, database=None)
settings.load_profile("serac")

REPORT = os.environ.get("SERAC_PYTEST_REPORT")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if REPORT is None or (report.when != "call" and report.passed):
        return
    file, _, name = report.nodeid.partition("::")
    result = {"file": Path(file).name, "name": name, "outcome": report.outcome, "text": report.longreprtext}
    with Path(REPORT).open("a", encoding="utf-8") as lines:
        lines.write(f"{json.dumps(result)}\n")


@pytest.fixture(scope="session")
def tiny_base() -> Path:
    """Folder of tiny_base.py's model; python-tests.ts makes it."""
    return Path(os.environ["SERAC_TINY_BASE"])


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 in this process, behind HTTP, as the trainer's own client meets it; AWS's variables point there."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    variables = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    yield endpoint
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    server.stop()


@pytest.fixture
def bucket(s3_endpoint: str, request: pytest.FixtureRequest) -> str:
    """Name of a new bucket."""
    import hashlib

    import boto3

    name = f"serac-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]}"
    boto3.client("s3", endpoint_url=s3_endpoint).create_bucket(Bucket=name)
    return name
