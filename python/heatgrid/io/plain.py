"""Checks of plain rectangles and polygons of JSON files, all at once."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_types(values: Iterable[object], *types: type) -> None:
    """Raise TypeError if a value is of another type."""
    if not set(map(type, values)) <= set(types):
        raise TypeError


def numbers_of(rings: Iterable[Any]) -> list[float]:
    """Return the coordinates of rings, lists of ``[x, y]``; raise an error for anything else."""
    pairs = list(chain.from_iterable(rings))
    flat = list(chain.from_iterable(pairs))
    check_types(flat, int, float)  # texts and objects consist of texts
    if not set(map(len, pairs)) <= {2}:
        raise ValueError
    return flat
