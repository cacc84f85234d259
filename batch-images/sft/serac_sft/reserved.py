"""
Literals that are one token in Qwen3's vocabulary or that frame a call, escaped where data holds them. The rules and the words are those
of core/agent/reserved-literals.ts; a test compares the two.
"""

from __future__ import annotations

import re

TAGS = ["think", "tool_call", "tool_response", "function", "parameter"]
SPECIALS = [
    *["endoftext", "im_start", "im_end"],
    *["object_ref_start", "object_ref_end", "box_start", "box_end", "quad_start", "quad_end"],
    *["vision_start", "vision_end", "vision_pad", "image_pad", "video_pad"],
    *["fim_prefix", "fim_middle", "fim_suffix", "fim_pad", "repo_name", "file_sep"],
]

_WORDS = rf"/?(?:{'|'.join(TAGS)})>|(?:function|parameter)=|\|(?:{'|'.join(SPECIALS)})\|>"
_IN_TEXT = re.compile(rf"<(\\*)(?={_WORDS})")
# In JSON text a backslash of the data is two, and an odd one belongs to an escape such as \t.
_IN_JSON = re.compile(rf"<((?:\\\\)*)(?={_WORDS})")


def escape_text(text: str) -> str:
    """`<think>` becomes `<\\think>`, `<\\think>` becomes `<\\\\think>`, and so on."""
    return _IN_TEXT.sub(r"<\\\1", text) if "<" in text else text


def escape_json(text: str) -> str:
    """For JSON text as it stands: the strings in it are escaped as `escape_text` would, nothing else changes."""
    return _IN_JSON.sub(r"<\\\\\1", text) if "<" in text else text
