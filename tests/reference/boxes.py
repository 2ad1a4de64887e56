"""Boxes: clamped to the unit square, closed on both sides."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TypeAlias

from reference.grid import Cell, Shape, Size, cells, centre, cut, normalise, span
from reference.hits import Hits, Status, nothing, representative, whole

Box: TypeAlias = tuple[float, float, float, float]  # x1, y1, x2, y2


def box_hits(
    box: Box,
    shape: Shape,
    *,
    size: Size | None = None,
    rule: str = "center",
    large_box_ratio: float | None = None,
) -> Hits:
    """Return the hits of a box given by two opposite corners."""
    x1, y1, x2, y2 = box
    corners = normalise([(x1, y1), (x2, y2)], size)
    if corners is None:
        return nothing(Status.INVALID)
    (x1, y1), (x2, y2) = corners
    a1, a2 = cut(min(x1, x2)), cut(max(x1, x2))
    b1, b2 = cut(min(y1, y2)), cut(max(y1, y2))
    if a2 <= a1 or b2 <= b1:
        return nothing(Status.OUTSIDE if x1 != x2 and y1 != y2 else Status.EMPTY)
    if rule == "point" or (large_box_ratio is not None and area_ratio(box, size) > large_box_ratio):
        return representative(middle(x1, y1, x2, y2), shape)
    return clamped_hits((a1, b1, a2, b2), shape, rule)


def clamped_hits(box: Box, shape: Shape, rule: str) -> Hits:
    """Return the hits of a box with positive extent inside the unit square."""
    a1, b1, a2, b2 = box
    rows, columns = shape
    if rule == "touch":
        # Thinner than a coordinate's last place, a box can fall between two cells: it has no extent in cells.
        touched = list(cells(span(b1, b2, rows), span(a1, a2, columns)))
        return whole(touched) if touched else nothing(Status.EMPTY)
    if rule == "area":
        return Hits(Status.COUNTED, covered(box, shape))
    held = list(cells(centres_within(b1, b2, rows), centres_within(a1, a2, columns)))
    return whole(held) if held else representative(middle(*box), shape, Status.FALLBACK)


def middle(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float]:
    """Return the representative point of a box."""
    return (x1 + x2) * 0.5, (y1 + y2) * 0.5


def centres_within(low: float, high: float, n: int) -> list[int]:
    """Return the rows or columns whose centre lies in the closed interval."""
    return [i for i in range(n) if low <= centre(i, n) <= high]


def area_ratio(box: Box, size: Size | None) -> float:
    """Return the unclamped area of a box over that of its image, in the units given."""
    x1, y1, x2, y2 = box
    width, height = size or (1.0, 1.0)
    area, image = abs(x2 - x1) * abs(y2 - y1), width * height
    if image == 0:  # a product too small for a double
        return math.inf if area > 0 else math.nan
    return area / image


def covered(box: Box, shape: Shape) -> dict[Cell, Fraction]:
    """Return the exact fraction of each cell that a clamped box covers."""
    a1, b1, a2, b2 = box
    rows, columns = shape
    across, down = overlaps(a1, a2, columns), overlaps(b1, b2, rows)
    return {(r, c): tall * wide for r, tall in down.items() for c, wide in across.items()}


def overlaps(low: float, high: float, n: int) -> dict[int, Fraction]:
    """Return how much of each of n unit intervals the scaled interval covers, where it does."""
    start, stop = Fraction(low) * n, Fraction(high) * n
    lengths = {i: min(stop, Fraction(i + 1)) - max(start, Fraction(i)) for i in range(n)}
    return {i: length for i, length in lengths.items() if length > 0}
