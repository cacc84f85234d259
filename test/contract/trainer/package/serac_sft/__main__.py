"""A stand-in for the trainer that misbehaves as its job asks: what serac's side of the pipe has to bear."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PUBLISHED = {
    "steps": 2,
    "tokens": 1600,
    "trainedTokens": 400,
    "firstLoss": 2.0,
    "lastLoss": 1.0,
    "heldOutLossBefore": None,
    "heldOutLoss": None,
    "trainSeconds": 2.5,
    "gates": [{"name": "parity", "passed": True, "detail": "all of 8 rows"}],
    "files": 1,
    "bytes": 2,
    "templateSha256": "0" * 64,
    "tokenizerSha256": "0" * 64,
}
AT = "2026-11-21T10:00:00Z"


def tell(event: str, **fields: object) -> None:
    print(json.dumps({"event": event, "at": AT, **fields}), flush=True)


def interrupted(_signal: int, _frame: object) -> None:
    tell("interrupted", step=3, reason="SIGTERM")
    sys.exit(75)


def main() -> None:
    arguments = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    root, scratch = Path(arguments["--root"]), Path(arguments["--scratch"])
    (root / "called.json").write_text(json.dumps({"args": sys.argv[1:], "cwd": os.getcwd(), "pid": os.getpid()}))
    (scratch / "prepared").write_text("data")
    behaviour = os.environ.get("TRAINER_BEHAVIOUR") or (root / "behaviour").read_text()
    tell("started", attempt=1, device="cpu", devices=1, versions={"torch": "0"})
    if behaviour == "done":
        print("a warning of a library", file=sys.stderr, flush=True)
        tell("stage", stage="train", detail="")
    elif behaviour == "published":
        (root / "model").mkdir()
        (root / "model" / "MANIFEST.json").write_text("{}")
        for step in (1, 2):
            tell("step", step=step, steps=2, epoch=0.5 * step, loss=3.0 - step, learningRate=0.1, gradNorm=None, tokensPerSecond=1200.0, tokens=800, etaSeconds=1.0)
        tell("published", **PUBLISHED)
    elif behaviour == "noise":
        sys.stdout.buffer.write(b"x" * 3_000_000 + b"\n\xff\xfe\n{\"event\": \"step\"}\n[]\nnull\n12\n{\"event\": \"weather\"}\n\x1b[2J\n")
        sys.stdout.buffer.write(b"10%\r20%\r30%\r\n" + json.dumps({"event": "stage", "at": AT, "stage": "data", "detail": "\u2028 ü"}).encode())
        sys.stdout.buffer.flush()
    elif behaviour == "failed":
        tell("failed", code="data_empty", message="No row is left.", hint=None)
        sys.exit(2)
    elif behaviour == "crash":
        for line in range(100):
            print(f"line {line}", file=sys.stderr)
        raise RuntimeError("out of luck")
    elif behaviour == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif behaviour in ("checkpoint", "stubborn"):
        signal.signal(signal.SIGTERM, interrupted if behaviour == "checkpoint" else signal.SIG_IGN)
        worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        (root / "worker").write_text(str(worker.pid))
        tell("stage", stage="train", detail="ready for signals")
        while True:
            time.sleep(0.05)


if __name__ == "__main__":
    main()
