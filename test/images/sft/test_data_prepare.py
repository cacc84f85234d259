"""The data stage as a whole: what is trained on, what is refused, and what is used again."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from dataset_case import TEMPLATE, conversation, make_root, make_row, open_context, reply, said
from serac_sft import prepare as stage
from serac_sft.failures import Interrupted, TrainingFailure
from serac_sft.frames import frames_of
from serac_sft.parity import same_text
from serac_sft.prepare import prepare
from serac_sft.prepared import IGNORED
from serac_sft.rows import Line, read_row
from serac_sft.storage import open_root, upload_folder
from serac_sft.tokenizer import load_tokenizer

ROWS = [make_row(number) for number in range(6)]


def prepared(tmp_path: Path, base: Path, rows=None, **job):
    root = make_root(tmp_path / "root", base, ROWS if rows is None else rows, **job)
    context, events = open_context(root, tmp_path / "scratch")
    return prepare(context, base), events


def refused(tmp_path: Path, base: Path, rows=None, **job) -> TrainingFailure:
    with pytest.raises(TrainingFailure) as failure:
        prepared(tmp_path, base, rows, **job)
    return failure.value


def test_what_is_learned_is_every_reply_and_its_end_and_nothing_else(tmp_path: Path, tiny_base: Path):
    data, events = prepared(tmp_path, tiny_base)
    tokenizer = load_tokenizer(tiny_base)
    end = tokenizer.token_to_id("<|im_end|>")
    samples = data.train_set()
    assert len(samples) == len(ROWS)
    for place, (sample, row) in enumerate(zip(samples, ROWS, strict=True)):
        read = read_row(Line("", json.dumps(row).encode()))
        text = same_text(read, TEMPLATE.read_text(encoding="utf-8"))
        assert tokenizer.decode(sample["input_ids"], skip_special_tokens=False) == text, place
        assert sample["input_ids"] == tokenizer.encode(text, add_special_tokens=False).ids
        spans, span = [], []
        for token, label in zip(sample["input_ids"], sample["labels"], strict=True):
            assert label in (token, IGNORED)
            if label != IGNORED:
                span.append(label)
                if label == end:
                    spans.append(tokenizer.decode(span, skip_special_tokens=False))
                    span = []
        assert span == []
        assert spans == [frame.body for frame in frames_of(read, text) if frame.role == "assistant"]
    [event] = [event for event in events if event["event"] == "prepared"]
    lengths = [len(sample["input_ids"]) for sample in samples]
    assert (event["samples"], event["heldOut"], event["cut"], event["dropped"]) == (6, 0, 0, {})
    assert (event["tokens"], event["maxTokens"]) == (sum(lengths), max(lengths))
    assert event["trainedTokens"] == sum(label != IGNORED for sample in samples for label in sample["labels"])


def test_many_processes_give_what_one_gives(tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch):
    one, _ = prepared(tmp_path / "one", tiny_base)
    monkeypatch.setattr(stage, "cores", lambda: 2)
    monkeypatch.setattr(stage, "BYTES_PER_PROCESS", 1)
    monkeypatch.setattr(stage, "BATCH_BYTES", 1)
    two, _ = prepared(tmp_path / "two", tiny_base)
    assert two.train_set().to_list() == one.train_set().to_list()
    broken = [*ROWS[:3], make_row(9, text_sha256="0" * 64), *ROWS[3:]]
    assert "t2/train-00000.jsonl:4" in refused(tmp_path / "three", tiny_base, broken).message


def test_prepared_data_is_used_again_only_for_the_same_job(tmp_path: Path, tiny_base: Path):
    first, _ = prepared(tmp_path, tiny_base)
    shutil.rmtree(tmp_path / "root" / "data")
    context, events = open_context(tmp_path / "root", tmp_path / "scratch")
    assert prepare(context, tiny_base) == first
    assert [event["event"] for event in events] == ["prepared"]
    other, _ = prepared(tmp_path, tiny_base, contextTokens=512)
    assert other.folder != first.folder
    assert not first.folder.exists()


def test_a_try_that_was_killed_while_it_wrote_leaves_nothing_that_looks_whole(tmp_path: Path, tiny_base: Path):
    root = make_root(tmp_path / "root", tiny_base, ROWS)
    context, _ = open_context(root, tmp_path / "scratch")
    context.stop.request("SIGTERM")
    with pytest.raises(Interrupted):
        prepare(context, tiny_base)
    context, _ = open_context(root, tmp_path / "scratch")
    assert prepare(context, tiny_base).samples == len(ROWS)
    assert [path.name for path in (tmp_path / "scratch" / "prepared").iterdir()] == [context_folder(context, tiny_base)]


def context_folder(context, base: Path) -> str:
    return prepare(context, base).folder.name


def test_a_function_is_on_one_side(tmp_path: Path, tiny_base: Path):
    rows = [make_row(number, function=f"f{number // 3}") for number in range(12)]
    data, _ = prepared(tmp_path, tiny_base, rows, heldOut=0.25)
    assert (data.samples, data.held_out) == (9, 3)
    assert len({place // 3 for place in data.held_out_rows}) == 1
    held_out = data.held_out_set()
    assert held_out is not None
    assert len(held_out) == 3


def test_a_long_row_is_cut_behind_its_last_whole_reply_and_left_out_when_none_fits(tmp_path: Path, tiny_base: Path):
    whole, _ = prepared(tmp_path / "whole", tiny_base, [ROWS[0]])
    ids = whole.train_set()[0]["input_ids"]
    rows = [ROWS[0], make_row(7, [said("user", "word " * 2000), reply("Done.")])]
    data, _ = prepared(tmp_path / "cut", tiny_base, rows, contextTokens=max(256, len(ids) - 1))
    assert (data.samples, data.cut, data.dropped) == (1, 1, {"too_long": 1})
    sample = data.train_set()[0]
    # The observation before the reply that did not fit teaches nothing any more, so it went with it.
    assert sample["input_ids"] == ids[: len(sample["input_ids"])]
    tokenizer = load_tokenizer(tiny_base)
    end, line = sample["labels"][-2:]
    assert (end, line) == (tokenizer.token_to_id("<|im_end|>"), IGNORED)


def test_rows_that_teach_nothing_are_counted(tmp_path: Path, tiny_base: Path):
    rows = [ROWS[0], make_row(8, [said("user", "x"), reply("Done.", train=False)])]
    data, _ = prepared(tmp_path, tiny_base, rows)
    assert data.dropped == {"untrained": 1}


def test_composed_characters_are_learned_as_the_tokenizer_writes_them(tmp_path: Path, tiny_base: Path):
    data, _ = prepared(tmp_path, tiny_base, [make_row(1, [said("user", "x"), reply("cafe\u0301 \u212b")])])
    learned = [label for label in data.train_set()[0]["labels"] if label != IGNORED]
    assert load_tokenizer(tiny_base).decode(learned, skip_special_tokens=False) == "caf\u00e9 \u00c5<|im_end|>"


@pytest.mark.parametrize(
    ("code", "words", "rows", "job"),
    [
        ("data_empty", "no row", [], {}),
        ("data_too_long", "None of 1 rows fits into 256 tokens", [make_row(1, [said("user", "word " * 999), reply("x")])],
         {"contextTokens": 256}),
        ("data_empty", "untrained: 1", [make_row(1, [said("user", "x")])], {}),
        ("data_mixed", "train-00000.jsonl:2 was made with the toolset swe-agent", [ROWS[0], make_row(1, toolset="swe-agent")], {}),
        ("data_mixed", "has other tools than t2/train-00000.jsonl:1", [ROWS[0], make_row(1, tools="[]")], {}),
        ("data_rehearsal", "train-00000.jsonl:2 was made by the rehearsal teacher", [ROWS[0], make_row(1, rehearsal=True)], {}),
        ("data_rehearsal", "The dataset was made by the rehearsal teacher", ROWS, {"data": {"rehearsal": True}}),
        ("data_invalid", "data/ holds 6 rows, the job says 7", ROWS, {"data": {"rows": 7}}),
        ("data_invalid", "not those that the job was made for", ROWS, {"data": {"textsSha256": "1" * 64}}),
        ("parity_broken", "t2/train-00000.jsonl:2", [ROWS[0], {**ROWS[1], "text_sha256": "0" * 64}], {}),
        ("parity_broken", "t2/train-00000.jsonl:1", [{**ROWS[0], "messages": conversation(99)}], {}),
    ],
)  # fmt: skip
def test_bad_data_says_what_is_wrong_and_where(tmp_path: Path, tiny_base: Path, code, words, rows, job):
    failure = refused(tmp_path, tiny_base, rows, **job)
    assert failure.code == code
    assert words in failure.message
    assert failure.exit_status == 2


def test_rehearsal_data_is_learned_where_that_is_allowed(tmp_path: Path, tiny_base: Path):
    rows = [make_row(number, rehearsal=True) for number in range(2)]
    data, _ = prepared(tmp_path, tiny_base, rows, data={"rehearsal": True}, allowRehearsal=True)
    assert data.samples == 2


def test_another_template_is_refused(tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch):
    other = tmp_path / "serve.jinja"
    other.write_text(TEMPLATE.read_text(encoding="utf-8") + " ", encoding="utf-8")
    monkeypatch.setattr("dataset_case.TEMPLATE", other)
    root = make_root(tmp_path / "root", tiny_base, ROWS)
    monkeypatch.undo()
    context, _ = open_context(root, tmp_path / "scratch")
    with pytest.raises(TrainingFailure, match="was rendered with the template") as failure:
        prepare(context, tiny_base)
    assert failure.value.code == "template_mismatch"


def test_a_scratch_that_is_too_small_is_known_before_anything_is_written(tmp_path: Path, tiny_base: Path, monkeypatch):
    monkeypatch.setattr(stage, "GROWTH", 1e15)
    failure = refused(tmp_path, tiny_base)
    assert failure.code == "disk_too_small"
    assert str(tmp_path / "scratch") in failure.message


def test_rows_come_from_a_store_as_from_a_folder(tmp_path: Path, tiny_base: Path, bucket: str):
    local, _ = prepared(tmp_path, tiny_base)
    address = f"s3://{bucket}/models/m/"
    upload_folder(open_root(address), tmp_path / "root", "")
    context, _ = open_context(address, tmp_path / "other")
    assert prepare(context, tiny_base).train_set().to_list() == local.train_set().to_list()


def test_a_process_that_is_killed_is_no_riddle(tmp_path: Path, tiny_base: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stage, "cores", lambda: 2)
    monkeypatch.setattr(stage, "BYTES_PER_PROCESS", 1)
    monkeypatch.setattr(stage, "outcomes_of", die)
    failure = refused(tmp_path, tiny_base)
    assert failure.code == "memory_too_small"
    assert "was ended" in failure.message


def die(_lines: list[Line]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


PREPARE = """
import sys
from pathlib import Path
from dataset_case import open_context
from serac_sft import prepare as stage

if __name__ == "__main__":
    stage.cores = lambda: 2
    stage.BYTES_PER_PROCESS = stage.BATCH_BYTES = 1
    context, _ = open_context(sys.argv[1], Path(sys.argv[2]))
    see = stage.DatasetCheck.see

    def say_and_wait(self, row):
        children = Path(f"/proc/self/task/{stage.os.getpid()}/children").read_text()
        print(children, flush=True)
        sys.stdin.read()

    stage.DatasetCheck.see = say_and_wait
    stage.prepare(context, Path(sys.argv[3]))
"""


def test_a_process_that_lost_its_starter_before_it_began_ends_at_once():
    program = "from serac_sft.lifetime import end_with; end_with(1); print('alive')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "batch-images" / "sft")}
    assert subprocess.run([sys.executable, "-c", program], check=False, env=environment).returncode == -signal.SIGKILL


def test_the_processes_end_with_the_trainer_however_it_ends(tmp_path: Path, tiny_base: Path):
    program = tmp_path / "program.py"
    program.write_text(PREPARE, encoding="utf-8")
    root = make_root(tmp_path / "root", tiny_base, ROWS)
    path = os.pathsep.join([str(ROOT / "batch-images" / "sft"), str(Path(__file__).parent)])
    command = [sys.executable, str(program), str(root), str(tmp_path / "scratch"), str(tiny_base)]
    with subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as trainer:
        assert trainer.stdout is not None
        children = [int(child) for child in trainer.stdout.readline().split()]
        workers = [os.pidfd_open(child) for child in children if b"spawn_main" in command_of(child)]
        assert len(workers) == 2
        trainer.kill()
    for worker in workers:
        # Readable when the process has ended.
        assert select.select([worker], [], [], 60)[0] == [worker]
        os.close(worker)


def command_of(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()
