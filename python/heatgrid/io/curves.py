"""Vertices of rotated boxes, ellipses and Bézier curves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from heatgrid.io.parse import Box, Point, Ring

TOLERANCE = 0.25
"""Largest distance in pixels of a flattened curve from the curve."""
_MOST_VERTICES = 1024


def rotated_box(box: Box, degrees: float, pivot: Point | None = None) -> Ring:
    """Return the corners of a box, rotated clockwise as seen about a point (by default, its center)."""
    x1, y1, x2, y2 = box
    center = ((x1 + x2) / 2, (y1 + y2) / 2)
    cos, sin = _direction(degrees)
    return [_turn(corner, pivot or center, cos, sin) for corner in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]


def ellipse(center: Point, radii: Point, degrees: float = 0.0) -> Ring:
    """Return an ellipse, rotated clockwise in image coordinates, as a polygon whose vertices lie on it."""
    rx, ry = abs(radii[0]), abs(radii[1])
    largest = max(rx, ry)
    count = 8
    if largest > TOLERANCE and math.isfinite(largest):
        # The chord of an arc of angle t deviates from it by r * (1 - cos(t / 2)) <= r * t * t / 8.
        count = max(count, math.ceil(min(math.pi * math.sqrt(largest / (2 * TOLERANCE)), _MOST_VERTICES)))
    cos, sin = _direction(degrees)
    angles = [2 * math.pi * i / count for i in range(count)]
    around = [(center[0] + rx * math.cos(a), center[1] + ry * math.sin(a)) for a in angles]
    return [_turn(vertex, center, cos, sin) for vertex in around]


def bezier(start: Point, first: Point, second: Point, end: Point) -> Ring:
    """Return the vertices of a cubic Bézier curve after its start, including its end.

    The error of n equal steps is at most |second differences| * 6 / (8 * n * n).
    """
    bend = max(
        math.hypot(a[0] - 2 * b[0] + c[0], a[1] - 2 * b[1] + c[1])
        for a, b, c in ((start, first, second), (first, second, end))
    )
    steps = 1
    if math.isfinite(bend):
        steps = max(1, math.ceil(min(math.sqrt(0.75 * bend / TOLERANCE), _MOST_VERTICES)))
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
