"""Shapes with bends or angles as polygons; curves are flattened to a quarter of a pixel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from heatgrid.io.shapes import Box, Point, Ring

TOLERANCE = 0.25
_MOST = 1024  # vertices of a curve, however large


def rotated_box(box: Box, degrees: float, pivot: Point | None = None) -> Ring:
    """Return the corners of a box turned about a point, clockwise as images are seen.

    Parameters
    ----------
    box
        Its corners before it is turned, x1 y1 x2 y2 in pixels.
    degrees
        The angle.
    pivot
        The point that stays where it is; the box's centre unless given.
    """
    x1, y1, x2, y2 = box
    centre = ((x1 + x2) / 2, (y1 + y2) / 2)
    cos, sin = _direction(degrees)
    return [_turn(corner, pivot or centre, cos, sin) for corner in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]


def ellipse(centre: Point, radii: Point, degrees: float = 0.0) -> Ring:
    """Return an ellipse as a polygon with its vertices on it.

    Parameters
    ----------
    centre
        In pixels.
    radii
        Half its width and half its height before it is turned; their signs do not matter.
    degrees
        How far it is turned, clockwise as images are seen.
    """
    rx, ry = abs(radii[0]), abs(radii[1])
    largest = max(rx, ry)
    count = 8
    if largest > TOLERANCE and math.isfinite(largest):
        # The chord of a circle's arc of angle t is off by r * (1 - cos(t / 2)), at most r * t * t / 8.
        count = max(count, math.ceil(min(math.pi * math.sqrt(largest / (2 * TOLERANCE)), _MOST)))
    cos, sin = _direction(degrees)
    angles = [2 * math.pi * i / count for i in range(count)]
    around = [(centre[0] + rx * math.cos(a), centre[1] + ry * math.sin(a)) for a in angles]
    return [_turn(vertex, centre, cos, sin) for vertex in around]


def bezier(start: Point, first: Point, second: Point, end: Point) -> Ring:
    """Return a cubic Bézier curve as the vertices that follow its start, the end among them.

    The curve of n equal steps is off by at most |second differences| * 6 / (8 * n * n).
    """
    bend = max(
        math.hypot(a[0] - 2 * b[0] + c[0], a[1] - 2 * b[1] + c[1])
        for a, b, c in ((start, first, second), (first, second, end))
    )
    steps = 1
    if math.isfinite(bend):
        steps = max(1, math.ceil(min(math.sqrt(0.75 * bend / TOLERANCE), _MOST)))
    curve = []
    for i in range(1, steps):
        t = i / steps
        s = 1 - t
        weights = (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
        x, y = (
            sum(w * p[axis] for w, p in zip(weights, (start, first, second, end), strict=True))
            for axis in (0, 1)
        )
        curve.append((x, y))
    return [*curve, end]


def _direction(degrees: float) -> Point:
    if not math.isfinite(degrees):
        return math.nan, math.nan
    angle = math.radians(math.fmod(degrees, 360.0))
    return math.cos(angle), math.sin(angle)


def _turn(vertex: Point, pivot: Point, cos: float, sin: float) -> Point:
    if (cos, sin) == (1.0, 0.0):
        return vertex
    dx, dy = vertex[0] - pivot[0], vertex[1] - pivot[1]
    return pivot[0] + dx * cos - dy * sin, pivot[1] + dx * sin + dy * cos
