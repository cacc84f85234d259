"""Reads JSON strings, one a line; prints the token ids that Hugging Face `tokenizers` gives each, one JSON list a line.

usage: count_tokens.py <tokenizer.json>
"""

import json
import sys

from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(sys.argv[1])
for line in sys.stdin.buffer:
    print(json.dumps(tokenizer.encode(json.loads(line), add_special_tokens=False).ids))
