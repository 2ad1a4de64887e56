"""Discs: the stamps of the live mode, in grid units."""

from __future__ import annotations

from reference.grid import Cell, Point, Shape, cells


def disc_cells(middle: Point, radius: float, shape: Shape) -> list[Cell]:
    """Return the cells whose centre lies in the closed disc; cell (0, 0) has its centre at (0.5, 0.5)."""
    cx, cy = middle
    rows, columns = shape
    return [
        (r, c)
        for r, c in cells(range(rows), range(columns))
        if (c + 0.5 - cx) * (c + 0.5 - cx) + (r + 0.5 - cy) * (r + 0.5 - cy) <= radius * radius
    ]
