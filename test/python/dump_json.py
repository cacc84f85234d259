"""Reads JSON values, one a line; prints each as Python writes JSON into chat templates, wrapped in a JSON string."""

import json
import sys

for line in sys.stdin.buffer:
    print(json.dumps(json.dumps(json.loads(line), ensure_ascii=False)))
