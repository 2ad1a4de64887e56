"""Grid: cells and their centers, the cell of a point, and the normalization of pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Point: TypeAlias = tuple[float, float]  # x, y
Size: TypeAlias = tuple[float, float]  # width, height, in pixels
Shape: TypeAlias = tuple[int, int]  # H rows, W columns
Cell: TypeAlias = tuple[int, int]  # row, column


def center(index: int, n: int) -> float:
    """Return the center of one of n rows or columns in the unit square."""
    return (index + 0.5) / n


def index_of(value: float, n: int) -> int:
    """Return ``min(n - 1, trunc(value * n))`` for a value that is not negative; it may be infinite."""
    scaled = value * n
    return n - 1 if scaled >= n else math.trunc(scaled)


def cell_of(point: Point, shape: Shape) -> Cell:
    """Return the cell of a point without negative coordinates."""
    x, y = point
    rows, columns = shape
    return index_of(y, rows), index_of(x, columns)


def clamp(value: float) -> float:
    """Return the value clamped to the unit interval."""
    return max(0.0, min(1.0, value))


def span(low: float, high: float, n: int) -> range:
    """Return the indices ``floor(low * n)`` to ``ceil(high * n) - 1``, clamped to the grid."""
    return range(max(0, math.floor(low * n)), min(n, math.ceil(high * n)))


def cells(rows: Iterable[int], columns: Iterable[int]) -> Iterator[Cell]:
    """Iterate over the cells in some rows and columns."""
    columns = list(columns)
    return ((r, c) for r in rows for c in columns)


def normalize(points: Iterable[Point], size: Size | None) -> list[Point] | None:
    """Divide pixels by the size of their image; return None if the size or a coordinate is invalid."""
    if size is None:
        unit = [(float(x), float(y)) for x, y in points]
    else:
        width, height = size
        if not all(math.isfinite(side) and side > 0 for side in size):
            return None
        unit = [(x / width, y / height) for x, y in points]
    return unit if all(math.isfinite(x) and math.isfinite(y) for x, y in unit) else None


def letterbox(point: Point, size: Size) -> Point:
    """Place a pixel in the unit square, which the longer side fills and in which the shorter is centered."""
    x, y = point
    width, height = size
    side = max(width, height)
    return (x + (side - width) * 0.5) / side, (y + (side - height) * 0.5) / side
