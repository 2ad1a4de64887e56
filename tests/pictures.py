"""Counts as text: a full stop for zero, a digit for other counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def draw(counts: Iterable[Iterable[int]]) -> list[str]:
    """Return one string per row; counts must be at most nine."""
    return ["".join(".123456789"[int(value)] for value in row) for row in counts]


def rows_of(picture: str) -> list[str]:
    """Return the rows of a picture, separated by spaces or line breaks."""
    return picture.split()
