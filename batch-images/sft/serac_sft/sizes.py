"""Bytes, for a person."""

from __future__ import annotations


def size_text(count: float) -> str:
    """`12.3 GB`, and what is small in MB, so that it is never 0.0."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
