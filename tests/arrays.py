"""Conversion of the reference's lists to arrays for heatgrid."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reference import Line, Polygon

Offsets: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def columns(rows: Sequence[Sequence[float]], n: int) -> NDArray[np.float64]:
    """Return rows of n numbers as a float64 array, also without rows."""
    return np.array(rows, dtype=np.float64).reshape(-1, n)


def offsets(lengths: Iterable[int]) -> NDArray[np.int64]:
    """Return the begin of each group, and the end of the last."""
    return np.array([0, *accumulate(lengths)], dtype=np.int64)


def ragged(polygons: Sequence[Polygon]) -> tuple[NDArray[np.float64], Offsets]:
    """Return coordinates and the offsets of rings, parts and annotations."""
    parts = [part for polygon in polygons for part in polygon]
    rings = [ring for part in parts for ring in part]
    coords = columns([point for ring in rings for point in ring], 2)
    return coords, (offsets(map(len, rings)), offsets(map(len, parts)), offsets(map(len, polygons)))


def ragged_lines(
    lines: Sequence[Sequence[Line]],
) -> tuple[NDArray[np.float64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return coordinates and the offsets of paths and annotations."""
    paths = [path for line in lines for path in line]
    coords = columns([point for path in paths for point in path], 2)
    return coords, (offsets(map(len, paths)), offsets(map(len, lines)))


def nested(counts: Sequence[Any]) -> NDArray[Any]:
    """Return nested lists as an array."""
    return np.array(counts)
