"""Loads an export with Hugging Face `datasets` in every way a user would; prints the rows and features as JSON.

usage: load_rows.py <export folder> <cache folder>
"""

import glob
import json
import sys

from datasets import disable_progress_bars, load_dataset

disable_progress_bars()
folder, cache = sys.argv[1:]


def described(dataset):
    return {"rows": dataset.to_list(), "features": str(dataset.features)}


result = {}
for name in ("t1", "t2"):
    loaded = {"card": described(load_dataset(folder, name, split="train", cache_dir=cache))}
    features = load_dataset(folder, name, split="train", cache_dir=cache).features
    parquet = sorted(glob.glob(f"{folder}/{name}/*.parquet"))
    loaded["parquet"] = described(load_dataset("parquet", data_files=parquet, split="train", cache_dir=cache))
    lines = sorted(glob.glob(f"{folder}/{name}/*.jsonl"))
    loaded["jsonl"] = described(load_dataset("json", data_files=lines, split="train", cache_dir=cache, features=features))
    if loaded["card"]["rows"]:
        loaded["guessed"] = described(load_dataset("json", data_files=lines, split="train", cache_dir=cache))
        streamed = load_dataset(folder, name, split="train", streaming=True, cache_dir=cache)
        loaded["streamed"] = {"rows": list(streamed), "features": str(streamed.features)}
    result[name] = loaded
json.dump(result, sys.stdout)
