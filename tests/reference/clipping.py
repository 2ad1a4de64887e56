"""Exact areas of a union of even-odd parts in each cell, in rational numbers.

All edges, and the lines between the columns of the grid, are walls. The lines between rows, the vertices and
the crossings of walls divide the plane into horizontal slabs. No two walls cross inside a slab, so each slab
is a row of trapezoids; the area of a trapezoid is its width at half height times its height.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reference.grid import Cell, Point, Shape


class Wall(NamedTuple):
    """A segment that is not horizontal, in grid units, upper end first; it bounds a part or a column."""

    x1: Fraction
    y1: Fraction
    x2: Fraction
    y2: Fraction
    part: int | None

    def x_at(self, y: Fraction) -> Fraction:
        return self.x1 + (self.x2 - self.x1) * (y - self.y1) / (self.y2 - self.y1)


def covered(parts: Sequence[Sequence[Sequence[Point]]], shape: Shape) -> dict[Cell, Fraction]:
    """Return the exact fraction of each cell that the union of the parts covers, if it is positive."""
    rows, columns = shape
    walls = [*edge_walls(parts, shape), *column_walls(shape)]
    levels = {Fraction(r) for r in range(rows + 1)} | {y for wall in walls for y in (wall.y1, wall.y2)}
    levels |= {y for a, b in combinations(walls, 2) for y in crossing_level(a, b)}
    areas: dict[Cell, Fraction] = {}
    for top, bottom in pairwise(sorted(y for y in levels if 0 <= y <= rows)):
        half = (top + bottom) / 2
        for column, width in covered_widths(walls, half, columns):
            cell = int(half), column
            areas[cell] = areas.get(cell, Fraction(0)) + width * (bottom - top)
    return areas


def edge_walls(parts: Sequence[Sequence[Sequence[Point]]], shape: Shape) -> Iterator[Wall]:
    """Iterate over the edges of all parts in grid units, without horizontal edges."""
    for number, part in enumerate(parts):
        for ring in part:
            scaled = [scale(point, shape) for point in ring]
            for (x1, y1), (x2, y2) in pairwise([*scaled, scaled[0]]):
                if y1 < y2:
                    yield Wall(x1, y1, x2, y2, number)
                elif y2 < y1:
                    yield Wall(x2, y2, x1, y1, number)


def scale(point: Point, shape: Shape) -> tuple[Fraction, Fraction]:
    """Return a point in exact grid units."""
    rows, columns = shape
    return Fraction(point[0]) * columns, Fraction(point[1]) * rows


def column_walls(shape: Shape) -> Iterable[Wall]:
    """Return the lines between and around the columns."""
    rows, columns = shape
    return [Wall(Fraction(c), Fraction(0), Fraction(c), Fraction(rows), None) for c in range(columns + 1)]


def crossing_level(a: Wall, b: Wall) -> list[Fraction]:
    """Return the y coordinate at which two walls cross, if they cross at one point."""
    top, bottom = max(a.y1, b.y1), min(a.y2, b.y2)
    if top >= bottom or max(a.x1, a.x2) <= min(b.x1, b.x2) or max(b.x1, b.x2) <= min(a.x1, a.x2):
        return []
    before, after = a.x_at(top) - b.x_at(top), a.x_at(bottom) - b.x_at(bottom)
    if (
        before * after >= 0
    ):  # no change of sides: they are apart, or they meet at an end, which is a slab boundary
        return []
    return [top + (bottom - top) * before / (before - after)]


def covered_widths(walls: Iterable[Wall], y: Fraction, columns: int) -> Iterator[tuple[int, Fraction]]:
    """Iterate over the covered intervals at height y: column and width."""
    hit = sorted((wall.x_at(y), wall.part is not None, wall) for wall in walls if wall.y1 < y < wall.y2)
    odd: set[int] = set()  # the parts that contain the interval before this wall
    column, start = -1, Fraction(0)
    for x, _, wall in hit:
        if odd and 0 <= column < columns and x > start:
            yield column, x - start
        start = x
        if wall.part is None:
            column += 1
        else:
            odd ^= {wall.part}
