"""serac's trainer: from the rows of a dataset to a model that learned them. `python -m serac_sft --help`."""
