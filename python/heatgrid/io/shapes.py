"""One annotation's geometry, and the columns that those of many annotations make."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class RunLengths:
    """A mask of a whole image: its height and width in pixels, and its code, characters or run lengths."""

    height: int
    width: int
    code: bytes | NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """All geometry of one annotation, of any kinds side by side.

    Attributes
    ----------
    box
        x1 y1 x2 y2.
    polygon
        Parts, each an outer ring and its holes, each of (x, y) vertices.
    lines
        Paths of (x, y) vertices.
    points
        Keypoints.
    visible
        Of each point, whether it was marked at all; empty if all were.
    mask
        The run-length code of a mask.
    """

    box: Box | None = None
    polygon: Sequence[Sequence[Sequence[Point]]] = ()
    lines: Sequence[Sequence[Point]] = ()
    points: Sequence[Point] = ()
    visible: Sequence[bool] = ()
    mask: RunLengths | None = None

    @property
    def kinds(self) -> int:
        """`Kind` bits of what there is."""
        return (
            (int(Kind.BOX) if self.box is not None else 0)
            | (int(Kind.POLYGON) if self.polygon else 0)
            | (int(Kind.LINE) if self.lines else 0)
            | (int(Kind.POINT) if self.points else 0)
            | (int(Kind.MASK) if self.mask is not None else 0)
        )

    @property
    def vertices(self) -> int:
        """The number of vertices and points."""
        rings = sum(len(ring) for part in self.polygon for ring in part)
        return rings + sum(map(len, self.lines)) + len(self.points)


class ShapeColumns:
    """Gather shapes, one an annotation, and turn them into columns."""

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
        """Take the next annotation's shape."""
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
        """Return the boxes, NaN where there is none; None if there is none at all."""
        boxes = _pairs(self._boxes).reshape(-1, 4)
        return boxes if (self.kinds() & int(Kind.BOX)).any() else None

    def polygons(self) -> Polygons | None:
        """Return the polygons, or None if there is none."""
        if not self._rings:
            return None
        rings, parts = offsets_of(self._rings), offsets_of(self._parts)
        return Polygons(_pairs(self._ring_coords), rings, parts, offsets_of(self._polygons))

    def lines(self) -> Lines | None:
        """Return the lines, or None if there is none."""
        if not self._paths:
            return None
        return Lines(_pairs(self._line_coords), offsets_of(self._paths), offsets_of(self._lines))

    def points(self) -> Points | None:
        """Return the keypoints, or None if there is none."""
        if not self._visible:
            return None
        visible = np.array(self._visible, dtype=bool)
        return Points(_pairs(self._point_coords), offsets_of(self._points), visible)

    def masks(self, *, column_major: bool) -> Masks | None:
        """Return the run-length codes, or None if there is none."""
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
