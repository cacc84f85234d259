"""The base's tokenizer, as every server that loads the base has it."""

from __future__ import annotations

from pathlib import Path

from tokenizers import AddedToken, Tokenizer

from serac_sft.failures import TrainingFailure

# Ends of a turn and of a call: one token each, or a server does not stop and does not read where the model does. Qwen3 has one for each
# tag of thoughts and results, too, Qwen2.5 has none: their texts are the same, and so are the borders of what is learned.
FRAME_TOKENS = ["<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>"]
TAGS = ["<think>", "</think>", "<tool_response>", "</tool_response>"]


def load_tokenizer(base: Path) -> Tokenizer:
    """The fast tokenizer that transformers makes of the base. TrainingFailure("tokenizer_unfit")."""
    from transformers import AutoTokenizer

    try:
        loaded = AutoTokenizer.from_pretrained(base, local_files_only=True, trust_remote_code=False)
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise _unfit(f"The tokenizer of {base} cannot be loaded: {reason}") from error
    if not getattr(loaded, "is_fast", False):
        raise _unfit(f"The tokenizer of {base} has no tokenizer.json.")
    tokenizer: Tokenizer = loaded.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    _check_frame_tokens(tokenizer, base)
    return tokenizer


def _check_frame_tokens(tokenizer: Tokenizer, base: Path) -> None:
    added = {token.content: token for token in tokenizer.get_added_tokens_decoder().values()}
    split = [text for text in FRAME_TOKENS if len(encode(tokenizer, text)) != 1]
    if split:
        raise _unfit(f"The tokenizer of {base} has no token of its own for {', '.join(split)}.")
    # Stripping or word borders would make the tokens of a text depend on what stands beside the frame.
    odd = [text for text in FRAME_TOKENS if text not in added]
    odd += [text for text in [*FRAME_TOKENS, *TAGS] if text in added and _strips(added[text])]
    if odd:
        raise _unfit(f"The tokenizer of {base} does not keep {', '.join(odd)} apart from the text beside it.")


def _strips(token: AddedToken) -> bool:
    return token.lstrip or token.rstrip or token.single_word


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    # The plain `encode` also says where in the text each token is, which takes as long again.
    return tokenizer.encode_batch_fast([text], add_special_tokens=False)[0].ids


def normalized(tokenizer: Tokenizer, text: str) -> str:
    """The text as far as the tokenizer tells texts apart: most write a letter and its accent as one character."""
    return text if tokenizer.normalizer is None or text.isascii() else tokenizer.normalizer.normalize_str(text)


def _unfit(message: str) -> TrainingFailure:
    return TrainingFailure("tokenizer_unfit", message, "train.base: a model with the tokenizer of Qwen3 or Qwen2.5.")
