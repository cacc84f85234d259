"""Keys below the root of a model; core/training/names.ts is the source."""

JOB = "job.json"
DATA = "data/"
CHECKPOINTS = "checkpoints/"
METRICS = "metrics.jsonl"
PROGRESS = "progress.json"
RESULT = "result.json"
WEIGHTS = "model/"
