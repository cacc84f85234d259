"""The file of prepared samples, written as they come and later mapped into memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from serac_sft.disk import disk_errors
from serac_sft.labels import Sample

SCHEMA = pa.schema({"input_ids": pa.list_(pa.int32()), "labels": pa.list_(pa.int32())})


class SampleFile:
    """An Arrow stream, as `datasets.Dataset.from_file` maps it. One sample is a batch of its own, so memory stays flat."""

    def __init__(self, path: Path):
        self._path = path
        with disk_errors("write", path):
            self._file = path.open("wb")
        self._writer = pa.ipc.new_stream(self._file, SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is not None:
            self._file.close()
            return
        with disk_errors("write", self._path):
            self._writer.close()
            self._file.close()

    def write(self, sample: Sample) -> None:
        columns = [_list_of_one(sample.ids), _list_of_one(sample.labels)]
        with disk_errors("write", self._path):
            self._writer.write_batch(pa.record_batch(columns, schema=SCHEMA))


def _list_of_one(values: np.ndarray) -> pa.ListArray:
    return pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), pa.array(values, pa.int32()))
