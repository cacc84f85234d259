"""What a user sees of an export of few rows and of one without any.

usage: load_sparse.py <export with rows> <export without rows> <cache folder>
"""

import json
import sys

import pyarrow.parquet as parquet
from datasets import disable_progress_bars, get_dataset_config_names, load_dataset

disable_progress_bars()
some, none, cache = sys.argv[1:]
empty = parquet.read_table(f"{none}/t2/train-00000.parquet")
result = {"configs": get_dataset_config_names(some)}
for name in result["configs"]:
    result[name] = load_dataset(some, name, split="train", cache_dir=cache).num_rows
print(json.dumps({**result, "emptyRows": empty.num_rows, "emptyColumns": empty.column_names}))
