"""Boxes: clamped to the unit square, closed on both sides."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TypeAlias

from reference.grid import Cell, Shape, Size, cells, center, clamp, normalize, span
from reference.hits import Hits, Status, full_hits, hit_at, no_hits

Box: TypeAlias = tuple[float, float, float, float]  # x1, y1, x2, y2


def box_hits(
    box: Box,
    shape: Shape,
    *,
    size: Size | None = None,
    rule: str = "center",
    large_box_ratio: float | None = None,
) -> Hits:
    """Return the hits of a box with two opposite corners."""
    x1, y1, x2, y2 = box
    corners = normalize([(x1, y1), (x2, y2)], size)
    if corners is None:
        return no_hits(Status.INVALID)
    (x1, y1), (x2, y2) = corners
    a1, a2 = clamp(min(x1, x2)), clamp(max(x1, x2))
    b1, b2 = clamp(min(y1, y2)), clamp(max(y1, y2))
    if a2 <= a1 or b2 <= b1:
        return no_hits(Status.OUTSIDE if x1 != x2 and y1 != y2 else Status.EMPTY)
    if rule == "point" or (large_box_ratio is not None and area_ratio(box, size) > large_box_ratio):
        return hit_at(middle(x1, y1, x2, y2), shape)
    return clamped_hits((a1, b1, a2, b2), shape, rule)


def clamped_hits(box: Box, shape: Shape, rule: str) -> Hits:
    """Return the hits of a box with positive extent inside the unit square."""
    a1, b1, a2, b2 = box
    rows, columns = shape
    if rule == "touch":
        # A box thinner than the last place of a coordinate can lie between two cells: it touches none.
        touched = list(cells(span(b1, b2, rows), span(a1, a2, columns)))
        return full_hits(touched) if touched else no_hits(Status.EMPTY)
    if rule == "area":
        return Hits(Status.COUNTED, covered(box, shape))
    hit = list(cells(centers_within(b1, b2, rows), centers_within(a1, a2, columns)))
    return full_hits(hit) if hit else hit_at(middle(*box), shape, Status.FALLBACK)


def middle(x1: float, y1: float, x2: float, y2: float) -> tuple[float, float]:
    """Return the representative point of a box."""
    return (x1 + x2) * 0.5, (y1 + y2) * 0.5


def centers_within(low: float, high: float, n: int) -> list[int]:
    """Return the rows or columns whose center lies in the closed interval."""
    return [i for i in range(n) if low <= center(i, n) <= high]


def area_ratio(box: Box, size: Size | None) -> float:
    """Return the ratio of the area of a box, before clamping, to that of its image."""
    x1, y1, x2, y2 = box
    width, height = size or (1.0, 1.0)
    area, image = abs(x2 - x1) * abs(y2 - y1), width * height
    if image == 0:  # the product underflows
        return math.inf if area > 0 else math.nan
    return area / image


def covered(box: Box, shape: Shape) -> dict[Cell, Fraction]:
    """Return the exact fraction of each cell that a clamped box covers."""
    a1, b1, a2, b2 = box
    rows, columns = shape
    across, down = overlaps(a1, a2, columns), overlaps(b1, b2, rows)
    return {(r, c): tall * wide for r, tall in down.items() for c, wide in across.items()}


def overlaps(low: float, high: float, n: int) -> dict[int, Fraction]:
    """Return the length that the scaled interval covers of each of n unit intervals, if it is positive."""
    start, stop = Fraction(low) * n, Fraction(high) * n
    lengths = {i: min(stop, Fraction(i + 1)) - max(start, Fraction(i)) for i in range(n)}
    return {i: length for i, length in lengths.items() if length > 0}
