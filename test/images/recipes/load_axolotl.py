"""Loads a dataset as `axolotl train recipes/axolotl.yaml` does, up to where it would begin to train. usage: load_axolotl.py BASE"""

from __future__ import annotations

import sys

import yaml


def main(base: str) -> None:
    from axolotl.common.datasets import load_datasets
    from axolotl.loaders import load_tokenizer
    from axolotl.utils.config import normalize_config, validate_config
    from axolotl.utils.dict import DictDefault
    from spans import print_spans

    with open("recipes/axolotl.yaml", encoding="utf-8") as file:
        settings = yaml.safe_load(file)
    config = validate_config(DictDefault({**settings, "base_model": base, "bf16": False, "dataset_num_proc": 1}))
    normalize_config(config)
    print_spans(load_datasets(cfg=config).train_dataset, load_tokenizer(config))


# It starts processes of its own, which read this file again.
if __name__ == "__main__":
    main(sys.argv[1])
