"""python -m serac_sft --root <folder | s3://bucket/prefix/> --scratch <folder>"""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path

from serac_sft import names
from serac_sft.context import Context, rank
from serac_sft.disk import disk_errors
from serac_sft.events import Events, take_stdout
from serac_sft.failures import EXIT_DONE, EXIT_INTERRUPTED, Interrupted, TrainingFailure, unexpected
from serac_sft.job import read_job
from serac_sft.stop import Stop
from serac_sft.storage import Missing, Root, open_root

TEMPLATE = Path(__file__).parents[2] / "vllm" / "serve.jinja"


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    stop = Stop()
    stop.listen()
    events = Events(take_stdout(), on_deaf=stop.request, silent=rank() > 0)
    try:
        try:
            _train(options, events, stop)
            return EXIT_DONE
        except Interrupted as interrupted:
            events.end("interrupted", step=interrupted.step, reason=interrupted.reason)
            return EXIT_INTERRUPTED
        except TrainingFailure as failure:
            return _fail(events, failure)
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits for the model is told
            traceback.print_exc()
            return _fail(events, unexpected(error))
    except TrainingFailure as failure:
        # The store refuses the very event that says so; standard output has it.
        print(failure.message, file=sys.stderr)
        return failure.exit_status


def _train(options: argparse.Namespace, events: Events, stop: Stop) -> None:
    root = open_root(options.root)
    text = _job_text(root)
    attempt = events.keep_in(root)
    job = read_job(text, f"{root.address.rstrip('/')}/{names.JOB}")
    scratch = Path(options.scratch).absolute()
    with disk_errors("make", scratch):
        scratch.mkdir(parents=True, exist_ok=True)
    context = Context(job, root, scratch, events, stop, options.device, Path(options.template))

    # Imported when the job is known to be one: torch takes seconds.
    from serac_sft.stages import run_stages

    run_stages(context, attempt)


def _job_text(root: Root) -> bytes:
    try:
        return root.read(names.JOB)
    except Missing as error:
        raise TrainingFailure(
            "job_invalid", error.message, "--root is the folder of a model that serac made."
        ) from error


def _fail(events: Events, failure: TrainingFailure) -> int:
    print(f"{failure.code}: {failure.message}", file=sys.stderr)
    if failure.passes:
        events.end("interrupted", step=events.last_step, reason=f"{failure.code}: {failure.message}")
        return failure.exit_status
    events.end("failed", code=failure.code, message=failure.message, hint=failure.hint)
    return failure.exit_status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serac_sft", description="Trains the model that job.json in the root describes."
    )
    parser.add_argument("--root", required=True, help="folder of the model, or s3://bucket/prefix/")
    parser.add_argument(
        "--scratch", required=True, help="folder on a fast disk with room for the base and two checkpoints"
    )
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument(
        "--template", default=str(TEMPLATE), help="serve.jinja; the default is the one beside this package"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
