"""Where the base comes from, and whether its tokenizer will do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from dataset_case import make_root, make_row, open_context
from serac_sft.base import fetch_base
from serac_sft.failures import TrainingFailure
from serac_sft.prepare import prepare
from serac_sft.prepared import IGNORED
from serac_sft.storage import open_root, upload_folder
from serac_sft.tokenizer import FRAME_TOKENS, TAGS, load_tokenizer


def fetched(tmp_path: Path, source: str) -> Path:
    context, _ = open_context(make_root(tmp_path / "root", Path("x"), [make_row(1)]), tmp_path / "scratch")
    object.__setattr__(context.job.base, "source", source)
    return fetch_base(context)


def test_a_folder_stays_where_it_is(tmp_path: Path, tiny_base: Path):
    assert fetched(tmp_path, str(tiny_base)) == tiny_base


def test_a_prefix_is_copied_to_scratch_once(tmp_path: Path, tiny_base: Path, bucket: str):
    address = f"s3://{bucket}/bases/tiny/"
    upload_folder(open_root(address), tiny_base, "")
    folder = fetched(tmp_path, address)
    assert folder.is_relative_to(tmp_path / "scratch")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in tiny_base.iterdir()
    }
    (folder / "config.json").unlink()
    kept = (folder / "tokenizer.json").stat().st_ino
    assert fetched(tmp_path, address) == folder
    assert (folder / "config.json").is_file()
    assert (folder / "tokenizer.json").stat().st_ino == kept


def test_a_base_that_was_replaced_is_copied_anew(tmp_path: Path, tiny_base: Path, bucket: str):
    address = f"s3://{bucket}/bases/tiny/"
    source = open_root(address)
    upload_folder(source, tiny_base, "")
    source.write("pytorch_model.bin", b"a pickle, which nobody reads")
    folder = fetched(tmp_path, address)
    assert not (folder / "pytorch_model.bin").exists()
    weights = bytearray((tiny_base / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    source.write("model.safetensors", bytes(weights))
    source.delete("vocab.json")
    fetched(tmp_path, address)
    assert (folder / "model.safetensors").read_bytes() == weights
    assert not (folder / "vocab.json").exists()


WAIT = """
import sys
from pathlib import Path
from serac_sft.ranks import is_done, say_done, when_done
from serac_sft.stop import Stop

marker = Path(sys.argv[1])
if sys.argv[2] == "first":
    say_done(marker)
stop = Stop()
print(is_done(marker), flush=True)
sys.stdin.readline()
when_done(lambda: is_done(marker), stop)
print("went on", flush=True)
"""


def test_who_waits_goes_on_when_one_of_the_same_start_is_done(tmp_path: Path):
    marker = tmp_path / "marker"

    def start(who: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", WAIT, str(marker), who],
            cwd=ROOT / "batch-images" / "sft",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    # Of an earlier start.
    marker.write_text("1 0", encoding="utf-8")
    with start("second") as second:
        assert second.stdout is not None
        assert second.stdout.readline() == "False\n"
        with start("first") as first:
            assert first.communicate("\n")[0] == "True\nwent on\n"
        assert second.communicate("\n")[0] == "went on\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("/no/such/folder", "There is no folder /no/such/folder"),
        ("./nowhere", "There is no folder"),
        ("a/b/c", "There is no folder a/b/c"),
        ("../x", "There is no folder"),
        ("no-such-owner/no-such-model", "could not be had from the hub"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, source: str, words: str):
    with pytest.raises(TrainingFailure, match=words) as failure:
        fetched(tmp_path, source)
    assert failure.value.code == "base_missing"
    assert "train.base" in (failure.value.hint or "")


def test_an_empty_prefix_and_a_folder_that_is_no_model(tmp_path: Path, bucket: str):
    with pytest.raises(TrainingFailure, match=f"Nothing lies below s3://{bucket}/bases/none/"):
        fetched(tmp_path, f"s3://{bucket}/bases/none/")
    with pytest.raises(TrainingFailure, match="holds no config.json") as failure:
        fetched(tmp_path, str(tmp_path))
    assert failure.value.code == "base_missing"


def copy(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "base"))


def renamed(base: Path, tmp_path: Path, names: dict[str, str]) -> Path:
    """The base with other tokens instead of these."""
    base = copy(base, tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        text = (base / name).read_text(encoding="utf-8")
        for old, new in names.items():
            text = text.replace(f'"{old}"', f'"{new}"')
        (base / name).write_text(text, encoding="utf-8")
    return base


def test_a_tokenizer_without_the_frame_names_what_it_lacks(tmp_path: Path, tiny_base: Path):
    base = renamed(tiny_base, tmp_path, {"<|im_start|>": "<|start|>", "</tool_call>": "</call>"})
    with pytest.raises(TrainingFailure, match=r"no token of its own for <\|im_start\|>, </tool_call>\.") as failure:
        load_tokenizer(base)
    assert (failure.value.code, failure.value.exit_status) == ("tokenizer_unfit", 2)
    context, _ = open_context(make_root(tmp_path / "root", base, [make_row(1)]), tmp_path / "scratch")
    with pytest.raises(TrainingFailure, match="</tool_call>"):
        prepare(context, base)
    assert not (tmp_path / "scratch" / "prepared").exists()


def test_tags_of_several_tokens_teach_the_same(tmp_path: Path, tiny_base: Path):
    """As in Qwen2.5, which knows no tokens for thoughts and results."""
    base = renamed(tiny_base, tmp_path, {tag: f"<|unused_{place}|>" for place, tag in enumerate(TAGS)})
    rows = [make_row(number) for number in range(3)]
    learned = []
    for each in (base, tiny_base):
        context, _ = open_context(make_root(tmp_path / "root", each, rows), tmp_path / "scratch")
        prepared = prepare(context, each)
        assert (prepared.samples, prepared.dropped) == (3, {})
        tokenizer = load_tokenizer(each)
        learned.append(
            [
                tokenizer.decode([label for label in sample["labels"] if label != IGNORED], skip_special_tokens=False)
                for sample in prepared.train_set()
            ]
        )
    assert len(load_tokenizer(base).encode("<think>").ids) > 1
    assert learned[0] == learned[1]


def test_a_token_that_swallows_what_stands_beside_it_is_refused(tmp_path: Path, tiny_base: Path):
    base = copy(tiny_base, tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        document = json.loads((base / name).read_text(encoding="utf-8"))
        tokens = document.get("added_tokens") or list(document["added_tokens_decoder"].values())
        for token in tokens:
            token["rstrip"] = token["content"] == "</think>"
        (base / name).write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(TrainingFailure, match="does not keep </think> apart"):
        load_tokenizer(base)


def test_a_tokenizer_that_is_not_there_or_spoilt(tmp_path: Path, tiny_base: Path):
    base = copy(tiny_base, tmp_path)
    (base / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(TrainingFailure, match="cannot be loaded") as failure:
        load_tokenizer(base)
    assert failure.value.code == "tokenizer_unfit"
    for path in base.iterdir():
        if path.name != "config.json":
            path.unlink()
    with pytest.raises(TrainingFailure) as failure:
        load_tokenizer(base)
    assert failure.value.code == "tokenizer_unfit"


def test_the_tiny_base_has_the_frame(tiny_base: Path):
    tokenizer = load_tokenizer(tiny_base)
    tokens = [*FRAME_TOKENS, *TAGS]
    ids = [tokenizer.token_to_id(text) for text in tokens]
    assert len(set(ids)) == len(tokens)
    assert tokenizer.encode("".join(tokens), add_special_tokens=False).ids == ids
