"""Discs and overlays of live maps."""

from __future__ import annotations

from fractions import Fraction

from reference.grid import Cell, Point, Shape, cells


def disc_cells(middle: Point, radius: float, shape: Shape) -> list[Cell]:
    """Return the cells whose center lies in the closed disc; cell (0, 0) has its center at (0.5, 0.5)."""
    cx, cy = middle
    rows, columns = shape
    return [
        (r, c)
        for r, c in cells(range(rows), range(columns))
        if (c + 0.5 - cx) * (c + 0.5 - cx) + (r + 0.5 - cy) * (r + 0.5 - cy) <= radius * radius
    ]


def level(value: float, scale: float, offset: float) -> int:
    """Return the level of a value: 0 if it is not positive, else 1 to 256."""
    return 0 if value <= 0 else int(min(max(value * scale + offset, 1.0), 256.0))


def blend(below: int, color: int, opacity: int) -> int:
    """Blend a color over a byte; the opacity is in 256ths, the result is rounded half to even."""
    return round(Fraction(below * (256 - opacity) + color * opacity, 256))
