"""Extents of shapes: bounding boxes, and the points of size maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.kernel import Outcome
from heatgrid.core.letterbox import run_lengths
from heatgrid.core.ragged import Kind, Masks, Ragged, Shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.arguments import Doubles


def size_points(shapes: Shapes, sizes: Doubles | None, outcome: NDArray[np.uint8]) -> Shapes:
    """Return one point per shape: its bounding box's width and height, in shares of the image's.

    The box is cut to the image first. ``sizes`` are those of the images, (2,) or (N, 2), None for normalized
    coordinates; a mask fills its image. Pending shapes without extent receive their outcome.
    """
    if shapes.xy is not None or shapes.discs is not None:
        raise ValueError("of='size' needs shapes with a width and a height, got points")
    masks = Masks.of_bitmaps(shapes.bitmaps) if shapes.bitmaps is not None else shapes.masks
    limits = np.ones((len(outcome), 2))
    if sizes is not None:
        limits[:] = np.where(np.isfinite(sizes) & (sizes > 0), sizes, np.nan)
    pending = outcome == int(Outcome.PENDING)
    boxes = np.full((len(outcome), 4), np.nan)
    for kind, name in ((Kind.POLYGON, "polygons"), (Kind.LINE, "lines"), (Kind.POINT, "points")):
        column: Ragged | None = getattr(shapes, name)
        if column is not None:
            own = pending if shapes.kinds is None else pending & (shapes.kinds == kind)
            boxes[own] = column.bounds()[own]
    if shapes.boxes is not None:
        own = pending if shapes.kinds is None else pending & (shapes.kinds == Kind.BOX)
        boxes[own] = shapes.boxes[own]
    if masks is not None:
        own = pending if shapes.kinds is None else pending & (shapes.kinds == Kind.MASK)
        valid = kernel.valid_masks(masks)
        outcome[own & ~valid] = Outcome.BROKEN_MASK.value
        limits[own] = masks.sizes[own, ::-1]
        for i in np.flatnonzero(own & valid).tolist():
            boxes[i] = _bounds_of_mask(masks, i)
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    finite = np.isfinite(boxes).all(axis=1)
    extent = np.clip(high, 0, limits) - np.clip(low, 0, limits)
    flat = finite & (outcome == int(Outcome.PENDING)) & (extent <= 0).any(axis=1)
    outcome[flat] = np.where((high > low).all(axis=1)[flat], Outcome.OUTSIDE.value, Outcome.EMPTY.value)
    extent[~finite] = np.nan
    return Shapes(xy=np.ascontiguousarray(extent / limits))


def _bounds_of_mask(masks: Masks, i: int) -> tuple[float, float, float, float]:
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
