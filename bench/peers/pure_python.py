"""Plain Python implementation of the definitions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.workloads import Boxes, Polygons

Grid: TypeAlias = list[list[int]]
Ring: TypeAlias = list[list[float]]


def boxes(workload: Boxes, side: int) -> Callable[[], Grid]:
    """Prepare counting boxes, rule ``center``, on `side` x `side` cells."""
    corners = workload.xyxy.tolist()

    def count() -> Grid:
        grid = [[0] * side for _ in range(side)]
        for corner in corners:
            add_box(grid, side, *corner)
        return grid

    return count


def polygons(workload: Polygons, side: int) -> Callable[[], Grid]:
    """Prepare counting polygons, rule ``center``, on `side` x `side` cells."""
    rings = [ring.tolist() for ring in workload.rings()]

    def count() -> Grid:
        grid = [[0] * side for _ in range(side)]
        for ring in rings:
            add_polygon(grid, side, ring)
        return grid

    return count


def add_box(grid: Grid, side: int, *xyxy: float) -> None:
    """Add 1 to the cells whose center lies inside the closed box, else to the cell of its middle."""
    x1, y1, x2, y2 = xyxy
    (a1, a2), (b1, b2) = clamped((x1, x2)), clamped((y1, y2))
    if a2 <= a1 or b2 <= b1:
        return
    columns = [c for c in range(side) if a1 <= (c + 0.5) / side <= a2]
    rows = [r for r in range(side) if b1 <= (r + 0.5) / side <= b2]
    if not columns or not rows:
        add_point(grid, side, (a1 + a2) * 0.5, (b1 + b2) * 0.5)
    for r in rows:
        for c in columns:
            grid[r][c] += 1


def add_point(grid: Grid, side: int, x: float, y: float) -> None:
    """Add 1 to the cell of a representative point."""
    if x >= 0 and y >= 0:
        grid[min(side - 1, int(y * side))][min(side - 1, int(x * side))] += 1


def clamped(values: Sequence[float]) -> tuple[float, float]:
    """Return the least and the greatest coordinate, clamped to the image."""
    low, high = min(values), max(values)
    return max(0.0, min(1.0, low)), max(0.0, min(1.0, high))


def candidates(values: list[float], side: int) -> range:
    """Return the columns or rows of a bounding box; none if it has no extent in the image."""
    low, high = clamped(values)
    if high <= low:
        return range(0)
    return range(max(0, math.floor(low * side)), min(side, math.ceil(high * side)))


def add_polygon(grid: Grid, side: int, ring: Ring) -> None:
    """Add 1 to the cells whose center lies inside one ring, else to the cell of its mean vertex."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    columns, rows = candidates(xs, side), candidates(ys, side)
    if not columns or not rows:
        return
    nothing = True
    for r in rows:
        for c in columns:
            if is_inside(ring, (c + 0.5) / side, (r + 0.5) / side):
                grid[r][c] += 1
                nothing = False
    if nothing:
        add_point(grid, side, sum(xs) / len(xs), sum(ys) / len(ys))


def is_inside(ring: Ring, x: float, y: float) -> bool:
    """Return whether an odd number of edges lies to the right of a cell center."""
    inside = False
    xj, yj = ring[-1]
    for xi, yi in ring:
        if (yi > y) != (yj > y):
            d = yj - yi
            if abs(d) < 1e-12:
                d = 1e-12
            if x < (xj - xi) * (y - yi) / d + xi:
                inside = not inside
        xj, yj = xi, yi
    return inside
