"""Loads a dataset as `trl sft --config recipes/trl.yaml` does (trl/scripts/sft.py). usage: load_trl.py BASE"""

from __future__ import annotations

import sys


def main(base: str) -> None:
    from spans import print_spans
    from trl import SFTTrainer, get_dataset, get_peft_config
    from trl.scripts.sft import make_parser

    given = [
        "--config",
        "recipes/trl.yaml",
        "--model_name_or_path",
        base,
        "--use_cpu",
        "true",
        "--bf16",
        "false",
        "--report_to",
        "none",
    ]
    _, training, model, data = make_parser().parse_args_and_config(given)
    trainer = SFTTrainer(
        model=model.model_name_or_path,
        args=training,
        train_dataset=get_dataset(data)["train"],
        peft_config=get_peft_config(model),
    )
    print_spans(trainer.train_dataset, trainer.processing_class)


if __name__ == "__main__":
    main(sys.argv[1])
