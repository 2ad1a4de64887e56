"""Counts as text: a full stop for zero, a digit for what was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def draw(counts: Iterable[Iterable[int]]) -> list[str]:
    """Return one string a row; numbers above nine cannot be drawn."""
    return ["".join(".123456789"[int(value)] for value in row) for row in counts]


def rows_of(picture: str) -> list[str]:
    """Return the rows of a picture written as a block of text or on one line."""
    return picture.split()
