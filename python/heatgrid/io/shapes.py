"""Shapes of single annotations: columns, and masks as run-length codes."""

from __future__ import annotations

import math
from array import array
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from heatgrid.core.ragged import Kind, Lines, Masks, Points, Polygons, concatenate, offsets_of
from heatgrid.io.bitmaps import NO_SIZE, PixelBudget, decode_base64
from heatgrid.io.parse import Box, MisfitError, Point, mapping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.io.options import Size

    Numbers = array[float] | NDArray[np.float64]
    Runs = NDArray[np.int64]

_BOX, _POLYGON, _LINE = int(Kind.BOX), int(Kind.POLYGON), int(Kind.LINE)
_POINT, _MASK = int(Kind.POINT), int(Kind.MASK)
_NO_BOX = (float("nan"),) * 4
_NO_RUNS = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class RunLengths:
    """Mask of a whole image: height and width in pixels, and a code, characters or run lengths."""

    height: int
    width: int
    code: bytes | NDArray[np.int64]


@dataclass(slots=True, kw_only=True)  # not frozen: one is made per annotation, in a third of the time
class Shape:
    """Geometry of one annotation, of one kind or several.

    A box is x1 y1 x2 y2; a polygon has parts, each an outer ring and its holes; lines are paths of vertices;
    ``visible`` tells which keypoints are marked, and is empty if all are.
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
        kinds = 0 if self.box is None else _BOX
        if self.polygon or self.lines or self.points or self.mask is not None:
            kinds |= _POLYGON * bool(self.polygon) | _LINE * bool(self.lines)
            kinds |= _POINT * bool(self.points) | _MASK * (self.mask is not None)
        return kinds

    @property
    def vertices(self) -> int:
        """Number of vertices and points."""
        if not self.polygon and not self.lines:
            return len(self.points)
        rings = sum(len(ring) for part in self.polygon for ring in part)
        return rings + sum(map(len, self.lines)) + len(self.points)


class GeometryColumns(TypedDict, total=False):
    """Geometry of N annotations, as arguments of `Annotations`."""

    boxes: NDArray[np.float64] | None
    polygons: Polygons | None
    masks: Masks | None
    points: Points | None
    lines: Lines | None


class ShapeColumns:
    """Collects shapes, one per annotation, as columns."""

    def __init__(self) -> None:
        self._kinds = array("B")
        self._boxes = array("d")
        self._ring_coords, self._line_coords, self._point_coords = array("d"), array("d"), array("d")
        self._rings: list[int] = []  # vertices of each ring
        self._parts: list[int] = []  # rings of each part
        self._polygons: list[int] = []  # annotation of each part
        self._paths: list[int] = []  # vertices of each path
        self._lines: list[int] = []  # annotation of each path
        self._points: list[int] = []  # annotation of each point
        self._visible: list[bool] = []
        self._masks: dict[int, RunLengths] = {}  # by annotation
        self._mask_blocks: list[tuple[int, Masks]] = []  # of several annotations, and the first of them

    def add(self, shape: Shape) -> None:
        """Add the next annotation's shape."""
        own, kinds = len(self._kinds), shape.kinds
        self._kinds.append(kinds)
        self._boxes.extend(shape.box or _NO_BOX)
        if kinds == _BOX:
            return
        for part in shape.polygon:
            self._polygons.append(own)
            self._parts.append(len(part))
            for ring in part:
                self._rings.append(len(ring))
                self._ring_coords.fromlist([*chain.from_iterable(ring)])
        for path in shape.lines:
            self._lines.append(own)
            self._paths.append(len(path))
            self._line_coords.extend(chain.from_iterable(path))
        if shape.points:
            self._points += [own] * len(shape.points)
            self._point_coords.extend(chain.from_iterable(shape.points))
            self._visible.extend(shape.visible or [True] * len(shape.points))
        if shape.mask is not None:
            self._masks[own] = shape.mask

    def add_masks(self, masks: Masks, boxes: NDArray[np.float64]) -> None:
        """Add the next annotations' shapes, a mask and a box (x1 y1 x2 y2) each."""
        self._mask_blocks.append((len(self._kinds), masks))
        self._kinds.extend([_MASK | _BOX] * len(masks))
        self._boxes.frombytes(np.ascontiguousarray(boxes, dtype=np.float64).tobytes())

    def add_boxes(self, boxes: Sequence[Box]) -> None:
        """Add the boxes of the next annotations."""
        self._kinds.extend([_BOX] * len(boxes))
        self._boxes.extend(chain.from_iterable(boxes))

    def add_boxes_and_rings(self, boxes: Numbers, vertices: Sequence[int], coords: Numbers) -> None:
        """Add the shapes of the next annotations, as in `BoxesAndRings`."""
        self._boxes.frombytes(boxes.tobytes())
        self._polygons += [i for i, count in enumerate(vertices, len(self._kinds)) if count]
        self._kinds.extend([_POLYGON if count else _BOX for count in vertices])
        rings = list(filter(None, vertices))
        self._parts += [1] * len(rings)
        self._rings += rings
        self._ring_coords.frombytes(coords.tobytes())

    def kinds(self) -> NDArray[np.uint8]:
        """Return the `Kind` bits of each annotation."""
        return np.array(self._kinds, dtype=np.uint8)

    def columns(self, *, column_major: bool) -> GeometryColumns:
        """Return the columns, None for geometry that no annotation has; masks follow columns or rows."""
        columns = GeometryColumns()
        if (self.kinds() & int(Kind.BOX)).any():
            columns["boxes"] = _pairs(self._boxes).reshape(-1, 4)
        if self._rings:
            rings, parts = offsets_of(self._rings), offsets_of(self._parts)
            columns["polygons"] = Polygons(
                _pairs(self._ring_coords), rings, parts, self._offsets(self._polygons)
            )
        if self._paths:
            paths = offsets_of(self._paths)
            columns["lines"] = Lines(_pairs(self._line_coords), paths, self._offsets(self._lines))
        if self._visible:
            visible = np.array(self._visible, dtype=bool)
            columns["points"] = Points(_pairs(self._point_coords), self._offsets(self._points), visible)
        if self._masks or self._mask_blocks:
            columns["masks"] = self._mask_column(column_major=column_major)
        return columns

    def _mask_column(self, *, column_major: bool) -> Masks:
        blocks: list[Masks] = []
        at = 0
        for first, block in [*self._mask_blocks, (len(self._kinds), None)]:
            if first > at:
                own = [self._masks.get(i) for i in range(at, first)]
                blocks.append(masks_of(own, column_major=column_major))
            if block is not None:
                blocks.append(block)
                at = first + len(block)
        joined: Masks = concatenate(blocks, [*map(len, blocks)])
        return joined

    def _offsets(self, owners: list[int]) -> NDArray[np.int64]:
        """Return the offsets of each annotation's parts, from the annotation of each part."""
        return offsets_of(np.bincount(owners, minlength=len(self._kinds)))


def kinds_of(has_box: NDArray[np.bool_], geometry: GeometryColumns) -> NDArray[np.uint8]:
    """Return the `Kind` bits of each annotation."""
    kinds = has_box.astype(np.uint8)  # the bit of a box is the lowest
    if (polygons := geometry.get("polygons")) is not None:
        kinds |= (np.diff(polygons.annotations) > 0) * np.uint8(_POLYGON)
    if (masks := geometry.get("masks")) is not None:
        kinds |= (masks.sizes[:, 0] > 0) * np.uint8(_MASK)
    if (points := geometry.get("points")) is not None:
        kinds |= (np.diff(points.offsets) > 0) * np.uint8(_POINT)
    if (lines := geometry.get("lines")) is not None:
        kinds |= (np.diff(lines.annotations) > 0) * np.uint8(_LINE)
    return kinds


def masks_of(codes: Sequence[RunLengths | None], *, column_major: bool = True) -> Masks:
    """Return masks, one per annotation or None, as columns."""
    none = RunLengths(0, 0, b"")
    masks = [code or none for code in codes]
    texts = [mask.code if isinstance(mask.code, bytes) else b"" for mask in masks]
    runs = [_NO_RUNS if isinstance(mask.code, bytes) else mask.code for mask in masks]
    return Masks(
        np.array([(mask.height, mask.width) for mask in masks], dtype=np.int64).reshape(-1, 2),
        np.frombuffer(b"".join(texts), dtype=np.uint8),
        offsets_of(map(len, texts)),
        np.concatenate([*runs, _NO_RUNS]),
        offsets_of(map(len, runs)),
        column_major,
    )


def _pairs(values: array[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64).reshape(-1, 2)


TOO_MANY_ROWS = "mask of more rows than limits.vertices"
NOT_FILLED = "run lengths do not add up to the mask's size"
NO_PLACE = "mask without its place in the image"
_LARGEST_SIDE = 1 << 31


def run_lengths(value: object) -> RunLengths:
    """Return a mask from COCO's object of ``size`` and ``counts``; raise MisfitError for any other value."""
    code = mapping(value, "mask is not an object of size and counts")
    size, counts = _read_size(code.get("size")), code.get("counts")
    if size is None:
        raise MisfitError("mask size is not two positive whole numbers")
    if isinstance(counts, str) and counts:
        return RunLengths(*size, counts.encode("utf-8", "replace"))
    if isinstance(counts, list) and counts and set(map(type, counts)) == {int}:
        with suppress(OverflowError):
            return RunLengths(*size, np.array(counts, dtype=np.int64))
    raise MisfitError("run-length code is neither text nor whole numbers")


def _read_size(value: object) -> tuple[int, int] | None:
    """Return a height and a width, or None."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    sides = [int(side) for side in value if isinstance(side, int | float) and 0 < side < _LARGEST_SIDE]
    return (sides[0], sides[1]) if sides == value else None


def place_bitmap(bitmap: NDArray[np.bool_], left: float, top: float, size: Size) -> RunLengths:
    """Return the mask of an image from a bitmap with its corner at (left, top)."""
    height, width = bitmap.shape
    edges = np.diff(bitmap.ravel().view(np.int8), prepend=0, append=0)
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return _place(begins, ends, (left, top, width, height), size, height)


def read_bitmap(
    text: object, left: float, top: float, size: Size, budget: PixelBudget, *, compressed: bool
) -> Shape:
    """Return a PNG file in base64 as a mask of an image and its box, with its corner at (left, top)."""
    bitmap = decode_base64(text, size, budget, compressed=compressed)
    height, width = bitmap.shape
    mask = place_bitmap(bitmap, left, top, size)
    return Shape(mask=mask, box=(left, top, left + width, top + height))


def place_runs(
    runs: Runs, region: tuple[float, float, float, float], size: Size, max_rows: int
) -> RunLengths:
    """Return the mask of an image from run lengths along the rows of a region, unset pixels first.

    The region is left, top, width and height in pixels.
    """
    width, height = _whole(region[2]), _whole(region[3])
    if not 0 < width < _LARGEST_SIDE or not 0 < height < _LARGEST_SIDE:
        raise MisfitError(NO_PLACE)
    # No run exceeds the area, so that the sum cannot overflow unnoticed.
    if len(runs) and (runs.min() < 0 or runs.max() > width * height):
        raise MisfitError(NOT_FILLED)
    if sum(runs.tolist()) != width * height:
        raise MisfitError(NOT_FILLED)
    edges = np.concatenate([np.cumsum(runs), [width * height] * (len(runs) % 2)]).astype(np.int64)
    return _place(edges[::2], edges[1::2], (region[0], region[1], width, height), size, max_rows)


def _whole(value: float) -> int:
    if not math.isfinite(value) or abs(value) >= _LARGEST_SIDE:
        raise MisfitError(NO_PLACE)
    return math.floor(value)


def _place(
    begins: Runs, ends: Runs, region: tuple[float, float, int, int], size: Size, max_rows: int
) -> RunLengths:
    """Move intervals of set pixels from the rows of a region to the rows of the image."""
    left, top, width, height = _whole(region[0]), _whole(region[1]), region[2], region[3]
    if not (0 < size[0] < _LARGEST_SIDE and 0 < size[1] < _LARGEST_SIDE):
        raise MisfitError(NO_SIZE)
    image_width, image_height = int(size[0]), int(size[1])
    first, last = max(0, -top) * width, max(0, min(height, image_height - top)) * width
    begins, ends = begins.clip(first, max(first, last)), ends.clip(first, max(first, last))
    begins, ends = begins[ends > begins], ends[ends > begins]
    rows = (ends - 1) // width - begins // width + 1
    if rows.sum() > len(rows) + max_rows:
        raise MisfitError(TOO_MANY_ROWS)
    # An interval of several rows becomes one interval per row.
    owner = np.repeat(np.arange(len(rows)), rows)
    row = begins[owner] // width + np.arange(len(owner)) - np.repeat(np.cumsum(rows) - rows, rows)
    x1 = (np.maximum(begins[owner], row * width) - row * width + left).clip(0, image_width)
    x2 = (np.minimum(ends[owner], (row + 1) * width) - row * width + left).clip(0, image_width)
    line = (row + top) * image_width
    return run_lengths_of((line + x1)[x2 > x1], (line + x2)[x2 > x1], image_width, image_height)


def run_lengths_of(begins: Runs, ends: Runs, width: int, height: int) -> RunLengths:
    """Return the code of increasing intervals of set pixels along an image's rows."""
    apart = begins[1:] != ends[:-1]
    begins = begins[np.concatenate([[True], apart])] if len(begins) else begins
    ends = ends[np.concatenate([apart, [True]])] if len(ends) else ends
    edges = np.stack([begins, ends], axis=1).ravel()
    runs = np.diff(edges, prepend=0, append=width * height)
    return RunLengths(height, width, runs if runs[-1] else runs[:-1])
