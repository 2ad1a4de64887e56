"""Extents of shapes: bounding boxes, and the points of size maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.annotations import select_geometry
from heatgrid.core.kernel import Outcome
from heatgrid.core.letterbox import run_lengths
from heatgrid.core.ragged import Kind, Masks, Ragged, Shapes, finite_rows
from heatgrid.core.spec import CountSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations, Geometry
    from heatgrid.core.arguments import Doubles

_SIZES = CountSpec(grid=(1, 1), of="size")


def size_points(shapes: Shapes, sizes: Doubles | None, outcome: NDArray[np.uint8]) -> Shapes:
    """Return one point per shape, the width and height of `measured_boxes` in shares of the image's."""
    if shapes.xy is not None or shapes.discs is not None:
        raise ValueError("of='size' needs shapes with a width and a height, got points")
    return Shapes(xy=np.ascontiguousarray(measured_boxes(shapes, sizes, outcome)[2:4].T))


def measured_boxes(shapes: Shapes, sizes: Doubles | None, outcome: NDArray[np.uint8]) -> Doubles:
    """Return the box of each pending shape, or the one around it, cut to the image, (6, N); NaN for none.

    The rows are left, top, width and height, divided by those of the image, and width and height in the units
    of the coordinates, for a mask in its pixels. ``sizes`` are those of the images, (2,) or (N, 2), None for
    normalized coordinates; a mask fills its image. Pending shapes without extent receive their outcome.
    """
    masks = Masks.of_bitmaps(shapes.bitmaps) if shapes.bitmaps is not None else shapes.masks
    limits: list[Any] = [1.0, 1.0]
    if sizes is not None and len(sizes) and sizes.min() > 0 and sizes.max() < np.inf:  # the common case
        limits = [*sizes.T]
    elif sizes is not None:
        limits = [np.where(np.isfinite(side) & (side > 0), side, np.nan) for side in sizes.T]
    pending = outcome == int(Outcome.PENDING)
    boxes = _bounds(shapes, pending)
    if masks is not None:
        own = pending if shapes.kinds is None else pending & (shapes.kinds == Kind.MASK)
        valid = kernel.valid_masks(masks)
        outcome[own & ~valid] = Outcome.BROKEN_MASK.value
        limits = [np.where(own, masks.sizes[:, 1 - axis], limits[axis]) for axis in (0, 1)]
        for i in np.flatnonzero(own & valid).tolist():
            boxes[i] = bounds_of_mask(masks, i)
    rows = np.empty((6, len(outcome)))
    for axis, limit in enumerate(limits):
        low, share, extent = rows[axis::2]
        begin, end = boxes[:, axis], boxes[:, axis + 2]
        np.clip(np.minimum(begin, end, out=low), 0.0, limit, out=low)
        np.clip(np.maximum(begin, end, out=extent), 0.0, limit, out=extent)
        extent -= low
        with np.errstate(invalid="ignore"):  # a mask of no pixels
            np.divide(extent, limit, out=share)
            low /= limit
    finite = finite_rows(boxes)
    if not finite.all():
        rows[:, ~finite] = np.nan
    flat = np.flatnonzero((np.minimum(rows[4], rows[5]) <= 0) & pending)
    is_outside = (boxes[flat, :2] != boxes[flat, 2:]).all(axis=1)
    outcome[flat] = np.where(is_outside, Outcome.OUTSIDE.value, Outcome.EMPTY.value)
    return rows


def _bounds(shapes: Shapes, pending: NDArray[np.bool_]) -> Doubles:
    """Return the boxes of pending shapes, and those around vertices, (N, 4), NaN for all others."""
    own = pending if shapes.kinds is None else pending & (shapes.kinds == Kind.BOX)
    if shapes.boxes is not None and own.all():
        return shapes.boxes
    boxes = np.full((len(pending), 4), np.nan)
    if shapes.boxes is not None:
        boxes[own] = shapes.boxes[own]
    for kind, name in ((Kind.POLYGON, "polygons"), (Kind.LINE, "lines"), (Kind.POINT, "points")):
        column: Ragged | None = getattr(shapes, name)
        if column is not None:
            own = pending if shapes.kinds is None else pending & (shapes.kinds == kind)
            boxes[own] = column.bounds()[own] if own.any() else np.nan
    return boxes


def bounds_of_mask(masks: Masks, i: int) -> tuple[float, float, float, float]:
    """Return the box around the set pixels of a valid mask; without any, a box of no extent."""
    height, width = masks.sizes[i].tolist()
    length = height if masks.column_major else width
    ends = np.cumsum(run_lengths(masks.counts(i)))
    begins, ends = ends[:-1:2], ends[1::2]
    begins, ends = begins[ends > begins], ends[ends > begins]
    if not len(ends):
        return 0.0, 0.0, 0.0, 0.0
    first, last = int(begins[0]) // length, int(ends[-1] - 1) // length + 1
    low, high = int((begins % length).min()), int(((ends - 1) % length).max()) + 1
    if (begins // length != (ends - 1) // length).any():  # a run goes on in the next line
        low, high = 0, length
    return (first, low, last, high) if masks.column_major else (low, first, high, last)


def measure_batch(batch: Annotations, outcome: NDArray[np.uint8], geometry: Geometry) -> Doubles:
    """Return the rows of `measured_boxes` of a batch, (6, N), the last two in pixels, NaN if unknown."""
    pending = np.where(outcome <= Outcome.COUNTED_AS_POINT.value, Outcome.PENDING.value, outcome)
    shapes, _ = select_geometry(batch, geometry, _SIZES, pending)
    lengths = None if batch.sizes is None else np.stack([side.take(batch.image) for side in batch.sizes.T])
    rows = measured_boxes(shapes, None if batch.normalized or lengths is None else lengths.T, pending)
    if batch.normalized:
        rows[4:] *= np.where(shapes.kinds == Kind.MASK, 1.0, np.nan if lengths is None else lengths)
    return rows


def box_areas(batch: Annotations) -> Doubles:
    """Return the areas of boxes, or bounding boxes, cut to the image, (N,) square pixels; NaN if unknown."""
    outcome = kernel.pending(len(batch))
    sides = measure_batch(batch, outcome, "box")[4:]
    if batch.masks is not None:
        without = np.flatnonzero(np.isnan(sides[0]) & ((batch.kinds & (Kind.BOX | Kind.POLYGON)) == 0))
        sides[:, without] = measure_batch(batch.select(without), outcome[without], "mask")[4:]
    areas: Doubles = sides[0] * sides[1]
    return areas


def bounding_boxes(batch: Annotations) -> tuple[Doubles, NDArray[np.uint8]]:
    """Return boxes, or bounding boxes, (N, 4) x1 y1 x2 y2 in the batch's units, and `Outcome` codes.

    Boxes are not cut to the image; they are NaN for annotations whose outcome is not pending.
    """
    outcome = kernel.pending(len(batch))
    shapes, _ = select_geometry(batch, "box", _SIZES, outcome)
    boxes = np.full((len(batch), 4), np.nan)
    own = np.flatnonzero(shapes.kinds == int(Kind.BOX))
    if shapes.boxes is not None:
        found = shapes.boxes[own]
        boxes[own, :2] = np.minimum(found[:, :2], found[:, 2:])
        boxes[own, 2:] = np.maximum(found[:, :2], found[:, 2:])
    if batch.masks is not None:
        index = np.flatnonzero((shapes.kinds == 0) & (batch.masks.sizes > 0).all(axis=1))
        masks = batch.masks.take(index)
        for i in np.flatnonzero(kernel.valid_masks(masks)).tolist():
            scale = np.tile(masks.sizes[i, ::-1], 2) if batch.normalized else 1
            boxes[index[i]] = np.array(bounds_of_mask(masks, i)) / scale
            outcome[index[i]] = Outcome.PENDING.value
    boxes[outcome != Outcome.PENDING.value] = np.nan
    return boxes, outcome
