"""Shapes of single annotations, their columns, and curves as polygons."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import Kind, Lines, Masks, Points, Polygons, offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Ring = list[Point]

_NO_BOX = (float("nan"),) * 4
_NO_RUNS = np.zeros(0, dtype=np.int64)

TOLERANCE = 0.25
"""Largest distance in pixels of a flattened curve from the curve."""
_MOST_VERTICES = 1024


@dataclass(frozen=True, slots=True)
class RunLengths:
    """Mask of a whole image: height and width in pixels, and a code, characters or run lengths."""

    height: int
    width: int
    code: bytes | NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Geometry of one annotation, of one kind or several.

    Attributes
    ----------
    box
        x1 y1 x2 y2.
    polygon
        Parts, each an outer ring and its holes, each of (x, y) vertices.
    lines
        Paths of (x, y) vertices.
    points, visible
        Keypoints, and whether each was marked; ``visible`` is empty if all were.
    mask
        Run-length code of a mask.
    """

    box: Box | None = None
    polygon: Sequence[Sequence[Sequence[Point]]] = ()
    lines: Sequence[Sequence[Point]] = ()
    points: Sequence[Point] = ()
    visible: Sequence[bool] = ()
    mask: RunLengths | None = None

    @property
    def kinds(self) -> int:
        """`Kind` bits of the geometry."""
        return (
            (int(Kind.BOX) if self.box is not None else 0)
            | (int(Kind.POLYGON) if self.polygon else 0)
            | (int(Kind.LINE) if self.lines else 0)
            | (int(Kind.POINT) if self.points else 0)
            | (int(Kind.MASK) if self.mask is not None else 0)
        )

    @property
    def vertices(self) -> int:
        """Number of vertices and points."""
        rings = sum(len(ring) for part in self.polygon for ring in part)
        return rings + sum(map(len, self.lines)) + len(self.points)


class ShapeColumns:
    """Collects shapes, one per annotation, as columns."""

    def __init__(self) -> None:
        self._kinds = array("B")
        self._boxes = array("d")
        self._ring_coords, self._line_coords, self._point_coords = array("d"), array("d"), array("d")
        self._rings: list[int] = []  # vertices of each ring
        self._parts: list[int] = []  # rings of each part
        self._polygons: list[int] = []  # parts of each annotation
        self._paths: list[int] = []  # vertices of each path
        self._lines: list[int] = []  # paths of each annotation
        self._points: list[int] = []  # points of each annotation
        self._visible: list[bool] = []
        self._masks: list[RunLengths | None] = []

    def add(self, shape: Shape) -> None:
        """Add the next annotation's shape."""
        self._kinds.append(shape.kinds)
        self._boxes.extend(shape.box or _NO_BOX)
        self._polygons.append(len(shape.polygon))
        for part in shape.polygon:
            self._parts.append(len(part))
            for ring in part:
                self._rings.append(len(ring))
                self._ring_coords.extend(chain.from_iterable(ring))
        self._lines.append(len(shape.lines))
        for path in shape.lines:
            self._paths.append(len(path))
            self._line_coords.extend(chain.from_iterable(path))
        self._points.append(len(shape.points))
        self._point_coords.extend(chain.from_iterable(shape.points))
        self._visible.extend(shape.visible or [True] * len(shape.points))
        self._masks.append(shape.mask)

    def kinds(self) -> NDArray[np.uint8]:
        """Return the `Kind` bits of each annotation."""
        return np.array(self._kinds, dtype=np.uint8)

    def boxes(self) -> NDArray[np.float64] | None:
        """Return the boxes, NaN for annotations without one; None if there are none."""
        boxes = _pairs(self._boxes).reshape(-1, 4)
        return boxes if (self.kinds() & int(Kind.BOX)).any() else None

    def polygons(self) -> Polygons | None:
        """Return the polygons, or None if there are none."""
        if not self._rings:
            return None
        rings, parts = offsets_of(self._rings), offsets_of(self._parts)
        return Polygons(_pairs(self._ring_coords), rings, parts, offsets_of(self._polygons))

    def lines(self) -> Lines | None:
        """Return the lines, or None if there are none."""
        if not self._paths:
            return None
        return Lines(_pairs(self._line_coords), offsets_of(self._paths), offsets_of(self._lines))

    def points(self) -> Points | None:
        """Return the keypoints, or None if there are none."""
        if not self._visible:
            return None
        visible = np.array(self._visible, dtype=bool)
        return Points(_pairs(self._point_coords), offsets_of(self._points), visible)

    def masks(self, *, column_major: bool) -> Masks | None:
        """Return the masks, or None if there are none."""
        masks = self._masks
        if not any(masks):
            return None
        codes = [mask.code if mask is not None and isinstance(mask.code, bytes) else b"" for mask in masks]
        runs = [
            mask.code if mask is not None and not isinstance(mask.code, bytes) else _NO_RUNS for mask in masks
        ]
        return Masks(
            np.array([(mask.height, mask.width) if mask else (0, 0) for mask in masks], dtype=np.int64),
            np.frombuffer(b"".join(codes), dtype=np.uint8),
            offsets_of(map(len, codes)),
            np.concatenate(runs),
            offsets_of(map(len, runs)),
            column_major,
        )


def _pairs(values: array[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64).reshape(-1, 2)


def rotated_box(box: Box, degrees: float, pivot: Point | None = None) -> Ring:
    """Return the corners of a box, rotated clockwise as seen about a point (by default, its centre)."""
    x1, y1, x2, y2 = box
    centre = ((x1 + x2) / 2, (y1 + y2) / 2)
    cos, sin = _direction(degrees)
    return [_turn(corner, pivot or centre, cos, sin) for corner in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]


def ellipse(centre: Point, radii: Point, degrees: float = 0.0) -> Ring:
    """Return an ellipse, rotated clockwise in image coordinates, as a polygon whose vertices lie on it."""
    rx, ry = abs(radii[0]), abs(radii[1])
    largest = max(rx, ry)
    count = 8
    if largest > TOLERANCE and math.isfinite(largest):
        # The chord of an arc of angle t deviates from it by r * (1 - cos(t / 2)) <= r * t * t / 8.
        count = max(count, math.ceil(min(math.pi * math.sqrt(largest / (2 * TOLERANCE)), _MOST_VERTICES)))
    cos, sin = _direction(degrees)
    angles = [2 * math.pi * i / count for i in range(count)]
    around = [(centre[0] + rx * math.cos(a), centre[1] + ry * math.sin(a)) for a in angles]
    return [_turn(vertex, centre, cos, sin) for vertex in around]


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
