"""The frames of a rendered text. Data in it is escaped, so `<|im_start|>` and `<|im_end|>` stand nowhere but in frames."""

from __future__ import annotations

import re
from dataclasses import dataclass

from serac_sft.failures import TrainingFailure
from serac_sft.rows import Row

FRAME = re.compile(r"<\|im_start\|>(system|user|assistant)\n(.*?)<\|im_end\|>\n", re.DOTALL)


@dataclass(frozen=True)
class Frame:
    """`head + body + tail` is the frame's text; the body, `…<|im_end|>`, is what an assistant's turn teaches when `train`."""

    role: str
    train: bool
    head: str
    body: str
    tail: str

    @property
    def text(self) -> str:
        return self.head + self.body + self.tail


def frames_of(row: Row, text: str) -> list[Frame]:
    """TrainingFailure("parity_broken") unless the frames are the text, one of an assistant for each of its messages."""
    replies = [message["train"] for message in row.messages if message["role"] == "assistant"]
    frames: list[Frame] = []
    at = reply = 0
    for match in FRAME.finditer(text):
        if match.start() != at:
            break
        at = match.end()
        role = match[1]
        train = False
        if role == "assistant":
            if reply == len(replies):
                break
            train = replies[reply]
            reply += 1
        frames.append(Frame(role, train, f"<|im_start|>{role}\n", f"{match[2]}<|im_end|>", "\n"))
    if at != len(text) or reply != len(replies):
        raise TrainingFailure("parity_broken", f"{row.where}: its text is not made of one frame for each message.")
    return frames
