"""Polygons: the union of their parts, each an outer ring and its holes with the even-odd rule."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from reference.clipping import covered
from reference.grid import Cell, Point, Shape, Size, cells, center, clamp, normalize, span
from reference.hits import Hits, Status, full_hits, hit_at, no_hits

Ring: TypeAlias = Sequence[Point]
Part: TypeAlias = Sequence[Ring]  # the outer ring, then its holes
Polygon: TypeAlias = Sequence[Part]

SMALLEST_RISE = 1e-12


class Bounds(NamedTuple):
    """The bounding box of a part, clamped to the unit square; whether it has extent before that."""

    x1: float
    y1: float
    x2: float
    y2: float
    has_extent: bool

    @property
    def is_visible(self) -> bool:
        return self.x2 > self.x1 and self.y2 > self.y1


def polygon_hits(polygon: Polygon, shape: Shape, *, size: Size | None = None, rule: str = "center") -> Hits:
    """Return the hits of a polygon annotation."""
    parts = usable_parts(polygon, size)
    if parts is None:
        return no_hits(Status.INVALID)
    bounds = [bounds_of(part) for part in parts]
    visible = [(part, box) for part, box in zip(parts, bounds, strict=True) if box.is_visible]
    if not visible:
        return no_hits(Status.OUTSIDE if any(box.has_extent for box in bounds) else Status.EMPTY)
    if rule == "point":
        return hit_at(mean_vertex(parts), shape)
    if rule == "area":
        return Hits(Status.COUNTED, covered([part for part, _ in visible], shape))
    if rule == "touch":
        touched = [cell for part, box in visible for cell in touched_cells(part, box, shape)]
        return full_hits(touched) if touched else no_hits(Status.EMPTY)
    hit = {cell for part, box in visible for cell in cells_with_center(part, box, shape)}
    return full_hits(hit) if hit else hit_at(mean_vertex(parts), shape, Status.FALLBACK)


def usable_parts(polygon: Polygon, size: Size | None) -> list[list[list[Point]]] | None:
    """Drop rings of less than three vertices and empty parts, normalize the rest; None if it is invalid."""
    if normalize([], size) is None:
        return None
    parts = []
    for part in polygon:
        rings = [normalize(ring, size) for ring in part if len(ring) >= 3]
        if any(ring is None for ring in rings):
            return None
        if rings:
            parts.append([ring for ring in rings if ring is not None])
    return parts


def bounds_of(part: Part) -> Bounds:
    """Return the bounds of a part, holes included."""
    xs = [x for ring in part for x, _ in ring]
    ys = [y for ring in part for _, y in ring]
    has_extent = max(xs) > min(xs) and max(ys) > min(ys)
    return Bounds(clamp(min(xs)), clamp(min(ys)), clamp(max(xs)), clamp(max(ys)), has_extent)


def candidates(bounds: Bounds, shape: Shape) -> Iterable[Cell]:
    """Return the cells that a part may hit with ``center`` and ``touch``."""
    rows, columns = shape
    return cells(span(bounds.y1, bounds.y2, rows), span(bounds.x1, bounds.x2, columns))


def cells_with_center(part: Part, bounds: Bounds, shape: Shape) -> list[Cell]:
    """Return the candidates whose center lies inside the part."""
    rows, columns = shape
    return [
        (r, c) for r, c in candidates(bounds, shape) if is_inside(center(c, columns), center(r, rows), part)
    ]


def touched_cells(part: Part, bounds: Bounds, shape: Shape) -> list[Cell]:
    """Return the candidates that the part covers a positive area of."""
    shares = covered([part], shape)
    return [cell for cell in candidates(bounds, shape) if shares.get(cell, 0) > 0]


def is_inside(x: float, y: float, part: Part) -> bool:
    """Return whether an odd number of edges of the part lies to the right of the point."""
    return sum(crosses(x, y, ring) for ring in part) % 2 == 1


def crosses(x: float, y: float, ring: Ring) -> int:
    """Count the edges of a ring to the right of a point."""
    count = 0
    xj, yj = ring[-1]
    for xi, yi in ring:
        if (yi > y) != (yj > y):
            d = yj - yi
            if abs(d) < SMALLEST_RISE:
                d = SMALLEST_RISE
            if x < (xj - xi) * (y - yi) / d + xi:
                count += 1
        xj, yj = xi, yi
    return count


def mean_vertex(parts: Sequence[Part]) -> Point:
    """Return the representative point: the mean of all vertices of the outer rings, summed in order."""
    x_sum = y_sum = 0.0
    n = 0
    for outer, *_ in parts:
        for x, y in outer:
            x_sum += x
            y_sum += y
        n += len(outer)
    return x_sum / n, y_sum / n


def oriented_box(center: Point, width: float, height: float, angle: float) -> Polygon:
    """Return a rectangle rotated by an angle in radians as a polygon."""
    x, y = center
    cosine, sine = math.cos(angle), math.sin(angle)
    half = [
        (-width / 2, -height / 2),
        (width / 2, -height / 2),
        (width / 2, height / 2),
        (-width / 2, height / 2),
    ]
    return [[[(x + u * cosine - v * sine, y + u * sine + v * cosine) for u, v in half]]]
