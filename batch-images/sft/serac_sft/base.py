"""The files of the base model, on a disk of this machine."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from serac_sft import job
from serac_sft.context import Context, local_rank
from serac_sft.failures import TrainingFailure
from serac_sft.ranks import is_done, say_done, when_done
from serac_sft.storage import download_folder, open_root

# What loading needs; no code of the base is ever run, no pickled weights are ever read.
NEEDED = (".json", ".safetensors", ".txt", ".jinja")
HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?", re.ASCII)


def fetch_base(context: Context) -> Path:
    """
    The base's folder: as given, or copied to scratch from S3, or as the hub's cache has it. TrainingFailure("base_missing") that says
    what to do. What is in the folder is checked where it is loaded.
    """
    base = context.job.base
    context.events.emit("stage", stage="base", detail=base.source)
    folder = _fetch(context, base)
    if not (folder / "config.json").is_file():
        raise _missing(f"{base.source} holds no config.json, so it is no model.", base)
    return folder


def _fetch(context: Context, base: job.Base) -> Path:
    if base.source.startswith("s3://"):
        return _from_s3(context, base)
    folder = Path(os.path.expanduser(base.source))
    if folder.is_dir():
        return folder
    if folder.is_absolute() or base.source.startswith((".", "~")) or not HUB_NAME.fullmatch(base.source):
        raise _missing(f"There is no folder {base.source}.", base)
    return _from_hub(base)


def _from_s3(context: Context, base: job.Base) -> Path:
    # The name tells two bases apart that use the same scratch one after the other.
    folder = context.scratch / "base" / hashlib.sha256(base.source.encode()).hexdigest()[:16]
    done = folder.with_suffix(".complete")
    if local_rank() == 0:
        source = open_root(base.source)
        files = download_folder(source, "", folder, context.stop.check, lambda name: name.endswith(NEEDED))
        if files == 0:
            raise _missing(f"Nothing lies below {source.address}.", base)
        say_done(done)
    when_done(lambda: is_done(done), context.stop)
    return folder


def _from_hub(base: job.Base) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(base.source, revision=base.revision, allow_patterns=[f"*{ending}" for ending in NEEDED])
        )
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise _missing(f"The model {base.source} could not be had from the hub: {reason}", base) from error


def _missing(message: str, base: job.Base) -> TrainingFailure:
    hint = "train.base: a folder with config.json, safetensors and tokenizer.json, an s3:// prefix with these, or a model of the hub"
    if base.revision is not None:
        hint = f"{hint} that has the revision {base.revision}"
    return TrainingFailure("base_missing", message, f"{hint}.")
