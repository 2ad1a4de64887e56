"""Lines: the cells that contain a point of a segment, or the cell of the mean vertex."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from reference.grid import Cell, Point, Shape, Size, normalize
from reference.hits import Hits, Status, full_hits, hit_at, no_hits

Line: TypeAlias = Sequence[Point]
GridPoint: TypeAlias = tuple[Fraction, Fraction]  # in grid units


def line_hits(lines: Sequence[Line], shape: Shape, *, size: Size | None = None, rule: str = "touch") -> Hits:
    """Return the hits of the polylines of one annotation; ``center`` means ``touch``."""
    units = [normalize(line, size) for line in lines]
    if normalize([], size) is None or any(unit is None for unit in units):
        return no_hits(Status.INVALID)
    segments = [
        segment for unit in units if unit for segment in pairwise(unit if len(unit) > 1 else unit * 2)
    ]
    if not segments:
        return no_hits(Status.EMPTY)
    if rule == "point":
        return mean_hit([point for unit in units if unit for point in unit], shape)
    hit = {cell for segment in segments for cell in segment_cells(*segment, shape)}
    return full_hits(hit) if hit else no_hits(Status.OUTSIDE)


def mean_hit(points: Sequence[Point], shape: Shape) -> Hits:
    """Return the hit of the mean of all vertices, unless their bounding box is outside the image."""
    mean = []
    for values in zip(*points, strict=True):
        if max(values) < 0 or min(values) > 1:
            return no_hits(Status.OUTSIDE)
        total = 0.0
        for value in values:
            total += value
        mean.append(total / len(values))
    return hit_at((mean[0], mean[1]), shape)


def segment_cells(start: Point, end: Point, shape: Shape) -> Iterator[Cell]:
    """Iterate over the cells of a segment, which change only where it crosses a line of the grid."""
    rows, columns = shape
    p, q = scale(start, shape), scale(end, shape)
    stops = {Fraction(0), Fraction(1)} | {
        t for axis, n in ((0, columns), (1, rows)) for t in crossings(p, q, axis, n)
    }
    ordered = sorted(stops)
    for t in [*ordered, *((a + b) / 2 for a, b in pairwise(ordered))]:
        x, y = p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])
        if 0 <= x <= columns and 0 <= y <= rows:
            yield min(rows - 1, math.floor(y)), min(columns - 1, math.floor(x))


def crossings(p: GridPoint, q: GridPoint, axis: int, n: int) -> list[Fraction]:
    """Return the positions, from 0 at p to 1 at q, where a segment crosses the grid lines of an axis."""
    run = q[axis] - p[axis]
    if run == 0:
        return []
    return [t for line in range(n + 1) if 0 < (t := (line - p[axis]) / run) < 1]


def scale(point: Point, shape: Shape) -> GridPoint:
    """Return a point in grid units, rounded as in ``cell_of``, so that ends lie in their cells."""
    rows, columns = shape
    x, y = point[0] * columns, point[1] * rows
    bound = sys.float_info.max  # a product beyond it is infinite
    return Fraction(max(-bound, min(bound, x))), Fraction(max(-bound, min(bound, y)))
