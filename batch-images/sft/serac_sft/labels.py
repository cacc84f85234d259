"""
From frames to ids and labels. Pieces are encoded by themselves, so that the labels are exact, and the whole at once, as a server does it;
both must give the same ids, or the row is left out: a token would reach over the border of what is learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from serac_sft.failures import TrainingFailure
from serac_sft.frames import Frame
from serac_sft.prepared import IGNORED
from serac_sft.tokenizer import encode, normalized

TOO_LONG = "too_long"
BOUNDARY = "boundary"
UNTRAINED = "untrained"


@dataclass(frozen=True)
class Sample:
    """Arrays of int32, of the same length. `trained` counts the labels that are learned."""

    ids: np.ndarray
    labels: np.ndarray
    trained: int
    cut: bool


@dataclass(frozen=True)
class Dropped:
    """`needed`: for a row that is too long, tokens up to the end of its first reply that is learned."""

    reason: str
    needed: int = 0


def label(where: str, frames: list[Frame], tokenizer: Tokenizer, context_tokens: int) -> Sample | Dropped:
    """Cut behind the last whole reply that fits, as core/dataset/select/measure.ts does. Gates raise "parity_broken"."""
    if not any(frame.train for frame in frames):
        return Dropped(UNTRAINED)
    pieces = _encode_pieces(frames, tokenizer)
    kept, needed = _kept_frames(frames, pieces, context_tokens)
    if kept == 0:
        return Dropped(TOO_LONG, needed)
    is_cut = kept < len(frames)
    frames, pieces = frames[:kept], pieces[:kept]
    whole = np.array(encode(tokenizer, "".join(frame.text for frame in frames)), dtype=np.int32)
    ids = np.concatenate([ids for frame_pieces in pieces for ids in frame_pieces])
    if not np.array_equal(ids, whole):
        return Dropped(BOUNDARY)
    _check_frames(where, ids, frames, tokenizer)
    labels = np.full_like(ids, IGNORED)
    at = 0
    for frame, frame_pieces in zip(frames, pieces, strict=True):
        if frame.train:
            head, body, _ = frame_pieces
            start, end = at + len(head), at + len(head) + len(body)
            labels[start:end] = ids[start:end]
            _check_span(where, labels[start:end], frame, tokenizer)
        at += sum(map(len, frame_pieces))
    return Sample(ids, labels, int(np.count_nonzero(labels != IGNORED)), is_cut)


def _encode_pieces(frames: list[Frame], tokenizer: Tokenizer) -> list[list[np.ndarray]]:
    """Head, body and tail of a frame that is learned; any other frame as one piece."""
    texts = [[frame.head, frame.body, frame.tail] if frame.train else [frame.text] for frame in frames]
    flat = [text for frame_texts in texts for text in frame_texts]
    encoded = iter(tokenizer.encode_batch_fast(flat, add_special_tokens=False))
    return [[np.array(next(encoded).ids, dtype=np.int32) for _ in frame_texts] for frame_texts in texts]


def _kept_frames(frames: list[Frame], pieces: list[list[np.ndarray]], context_tokens: int) -> tuple[int, int]:
    """How many frames are kept, and the tokens up to the end of the first reply that is learned."""
    kept = total = needed = 0
    for place, (frame, frame_pieces) in enumerate(zip(frames, pieces, strict=True)):
        total += sum(map(len, frame_pieces))
        if frame.train and needed == 0:
            needed = total
        is_whole = frame.role == "assistant" or place == len(frames) - 1
        if is_whole and needed > 0 and total <= context_tokens:
            kept = place + 1
    return kept, needed


def _check_frames(where: str, ids: np.ndarray, frames: list[Frame], tokenizer: Tokenizer) -> None:
    for text in ("<|im_start|>", "<|im_end|>"):
        found = int(np.count_nonzero(ids == tokenizer.token_to_id(text)))
        if found != len(frames):
            message = f"{where}: {len(frames)} frames are {found} times {text} as tokens."
            raise TrainingFailure("parity_broken", message, "The data holds a frame that was not escaped.")


def _check_span(where: str, trained: np.ndarray, frame: Frame, tokenizer: Tokenizer) -> None:
    """What is learned, read back, is the assistant's turn and its end."""
    decoded = tokenizer.decode(trained.tolist(), skip_special_tokens=False)
    expected = normalized(tokenizer, frame.body)
    if decoded != expected:
        at = next((at for at, (a, b) in enumerate(zip(decoded, expected, strict=False)) if a != b), len(expected))
        message = (
            f"{where}: the tokens of a reply read {decoded[at : at + 40]!r}, its text reads {expected[at : at + 40]!r}."
        )
        raise TrainingFailure("parity_broken", message, "The tokenizer of the base does not keep every character.")
