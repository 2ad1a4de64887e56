"""Anchors: the point that stands for an annotation, and its place on a floor plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.annotations import Annotations, Geometry, select_geometry
from heatgrid.core.arguments import as_doubles
from heatgrid.core.counts import raise_first
from heatgrid.core.extents import bounds_of_mask
from heatgrid.core.kernel import Outcome
from heatgrid.core.letterbox import run_lengths
from heatgrid.core.ragged import Kind, Points, gather
from heatgrid.core.spec import CountSpec
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.ragged import Masks, Polygons, Shapes
    from heatgrid.core.region import Region

    Places = NDArray[np.float64]
    Integers = NDArray[np.int64]

Anchor = Literal["center", "bottom_center", "top_left", "top_right", "bottom_left", "bottom_right"]

BEYOND_HORIZON = "beyond the horizon of the floor plan"

ANCHORS: tuple[Anchor, ...] = get_args(Anchor)

_SHARES: dict[Anchor, tuple[float, float]] = {  # of the box's width and height
    "center": (0.5, 0.5),
    "bottom_center": (0.5, 1.0),
    "top_left": (0.0, 0.0),
    "top_right": (1.0, 0.0),
    "bottom_left": (0.0, 1.0),
    "bottom_right": (1.0, 1.0),
}


def anchors_of_boxes(boxes: NDArray[np.float64], anchor: Anchor) -> Places:
    """Return the anchor point of each box, (N, 4) x1 y1 x2 y2, as (N, 2)."""
    x, y = _SHARES[anchor]
    x1, y1, x2, y2 = boxes.T
    places = np.empty((len(boxes), 2))
    places[:, 0] = x1 * (1.0 - x) + x2 * x
    places[:, 1] = y1 * (1.0 - y) + y2 * y
    return places


def anchors_of_annotations(
    batch: Annotations, anchor: Anchor | None, geometry: Geometry
) -> tuple[Places, NDArray[np.uint8]]:
    """Return the anchor of each annotation, (N, 2), in the batch's coordinates, and outcome codes, (N,).

    None is the representative point: the middle of a box, the mean of the vertices of outer rings, of the
    vertices of lines, of the visible points, or of the centers of a mask's pixels. Otherwise it is a point of
    the annotation's box, or of the box around its geometry. ``geometry`` selects the geometry, as in a count.
    Annotations without usable geometry, and those that their file excludes, have NaN and the reason as
    outcome; the others are pending.
    """
    outcome = kernel.pending(len(batch))
    places, boxes = np.full((len(batch), 2), np.nan), np.full((len(batch), 4), np.nan)
    plain = replace(batch, normalized=True)  # no image size is needed
    shapes, _ = select_geometry(plain, geometry, CountSpec(grid=(1, 1)), outcome)
    usable = outcome == int(Outcome.PENDING)
    for kind, column in ((Kind.POLYGON, "polygons"), (Kind.LINE, "lines"), (Kind.POINT, "points")):
        own = usable & (shapes.kinds == kind)
        if own.any():
            boxes[own] = getattr(shapes, column).bounds()[own]
            places[own] = _means(shapes, kind)[own]
    own = usable & (shapes.kinds == Kind.MASK)
    if own.any() and shapes.masks is not None:
        _place_masks(batch, shapes.masks, np.flatnonzero(own), boxes, places)
    own = usable & (shapes.kinds == Kind.BOX)
    if own.any() and shapes.boxes is not None:
        boxes[own] = shapes.boxes[own]
        places[own] = anchors_of_boxes(boxes[own], "center")
    if anchor is None:
        return places, outcome
    if batch.boxes is not None:
        has_box = usable & np.isfinite(batch.boxes).all(axis=1)
        boxes[has_box] = batch.boxes[has_box]
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    return anchors_of_boxes(np.concatenate([low, high], axis=1), anchor), outcome


def _means(shapes: Shapes, kind: Kind) -> Places:
    """Return the mean vertex of each annotation's outer rings, lines or visible points, (N, 2)."""
    if kind == Kind.POLYGON and shapes.polygons is not None:
        coords, owner = _outer_vertices(shapes.polygons)
    elif kind == Kind.LINE and shapes.lines is not None:
        coords = shapes.lines.coords
        owner = _owners(shapes.lines.paths[shapes.lines.annotations])
    elif shapes.points is not None:
        seen = shapes.points.visible
        coords, owner = shapes.points.coords[seen], _owners(shapes.points.offsets)[seen]
    number = np.bincount(owner, minlength=len(shapes))
    sums = [np.bincount(owner, weights=side, minlength=len(shapes)) for side in coords.T]  # adds in order
    with np.errstate(invalid="ignore"):
        return np.stack([total / number for total in sums], axis=1)


def _owners(offsets: Integers) -> Integers:
    """Return the number of the range that each element of consecutive ranges is in."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _outer_vertices(polygons: Polygons) -> tuple[Places, Integers]:
    """Return the vertices of outer rings and their annotations, without rings of fewer than 3 vertices."""
    rings = np.flatnonzero(np.diff(polygons.rings) >= 3)
    part_of_ring = _owners(polygons.parts)[rings]
    parts, first = np.unique(part_of_ring, return_index=True)
    positions, offsets = gather(polygons.rings, rings[first])
    owner = _owners(polygons.annotations)[parts]
    return polygons.coords[positions], np.repeat(owner, np.diff(offsets))


def _place_masks(
    batch: Annotations, masks: Masks, index: Integers, boxes: NDArray[np.float64], places: Places
) -> None:
    """Write the boxes and the mean pixels of masks, in the batch's coordinates."""
    for i in index[kernel.valid_masks(masks.take(index))].tolist():
        height, width = masks.sizes[i].tolist()
        size = np.array([width, height], dtype=np.float64)
        scale = 1.0 / size
        if not batch.normalized:
            own = None if batch.sizes is None else batch.sizes[batch.image[i]]
            scale = np.ones(2) if own is None or np.isnan(own).any() else own / size
        boxes[i] = np.array(bounds_of_mask(masks, i), dtype=np.float64) * np.tile(scale, 2)
        places[i] = _mean_pixel(masks, i) * scale


def _mean_pixel(masks: Masks, i: int) -> NDArray[np.float64]:
    """Return the mean of the centers of a mask's set pixels, x and y; NaN without any."""
    length = int(masks.sizes[i][0 if masks.column_major else 1])
    ends = np.cumsum(run_lengths(masks.counts(i)))
    begins, ends = ends[:-1:2][: len(ends) // 2], ends[1::2]
    number = int((ends - begins).sum())
    if not number:
        return np.full(2, np.nan)

    def lines_before(n: Integers) -> Integers:
        """Return the sum of k // length over k below n."""
        whole, rest = np.divmod(n, length)
        return np.asarray(length * (whole * (whole - 1) // 2) + whole * rest)

    major = int((lines_before(ends) - lines_before(begins)).sum())
    total = int(((ends - begins) * (begins + ends - 1) // 2).sum())
    center = np.array([major / number + 0.5, (total - length * major) / number + 0.5])
    return center if masks.column_major else center[::-1]


def drop(batch: Annotations, outcome: NDArray[np.uint8], on_error: str) -> Annotations:
    """Return the pending annotations of a batch; the others are recorded in its report.

    With ``on_error="raise"``, the first that cannot be counted raises FormatError.
    """
    pending = outcome == int(Outcome.PENDING)
    if pending.all():
        return batch
    if on_error == "raise":
        raise_first(batch, outcome)
    report, others = batch.report.copy(), batch.select(~pending)
    report.record(outcome[~pending], others.classes, others.label, where=others.where)
    return replace(batch.select(pending), report=report)


def in_regions(
    batch: Annotations, regions: Sequence[Region], places: Places
) -> tuple[list[NDArray[np.bool_]], NDArray[np.bool_]]:
    """Return which annotations are in each region, by their anchors, and of which that is not known.

    It is not known where a size is needed that the image does not have.
    """
    sizes = batch.sizes_of_annotations
    unknown = np.zeros(len(batch), dtype=bool)
    if any(region.normalized != batch.normalized for region in regions):
        known = (np.isfinite(sizes) & (sizes > 0)).all(axis=1)
        unknown[:] = np.isfinite(places).all(axis=1) & ~known
    sizes = np.where(sizes > 0, sizes, np.nan)
    return [region.contains(places, sizes, normalized=batch.normalized) for region in regions], unknown


class Homography:
    """Mapping from pixels of a frame to pixels of a floor plan of a width and height.

    ``matrix`` is (3, 3): (x, y, 1) of the frame is mapped to (u w, v w, w), where (u, v) is the place on the
    plan; any multiple of the matrix is the same mapping. The plan's middle is in front of the camera. Points
    whose w has the other sign lie beyond the horizon.
    """

    __slots__ = ("_matrix", "matrix", "size")

    def __init__(self, matrix: ArrayLike, size: tuple[float, float] | None) -> None:
        if size is None:
            raise ValueError("size must be the size of the floor plan with homography=, got None")
        array = as_doubles(matrix, "homography", 3).copy()
        if array.shape != (3, 3) or not np.isfinite(array).all():
            raise ValueError(f"homography must be a finite matrix of shape (3, 3), got shape {array.shape}")
        if np.linalg.matrix_rank(array) < 3:
            raise ValueError("homography must be invertible")
        depth = np.linalg.solve(array, [size[0] / 2, size[1] / 2, 1.0])[2]
        if depth == 0.0:
            raise ValueError("homography must not map the horizon to the middle of the plan")
        array.flags.writeable = False
        self.matrix, self._matrix, self.size = array, array * np.sign(depth), size

    def __repr__(self) -> str:
        return f"Homography({self.matrix.tolist()}, {self.size})"

    def map(self, places: Places) -> Places:
        """Return the places on the plan, (N, 2); NaN beyond the horizon."""
        mapped = places @ self._matrix[:, :2].T + self._matrix[:, 2]
        depth = np.where(mapped[:, 2] > 0.0, mapped[:, 2], np.nan)
        return np.asarray(mapped[:, :2] / depth[:, np.newaxis])


def at_anchors(
    batch: Annotations,
    anchor: Anchor | None,
    geometry: Geometry,
    plan: Homography | None,
    *,
    on_error: str = "skip",
) -> Annotations:
    """Return a batch in which each annotation is one point, its anchor; on the floor plan, if there is one.

    Annotations without usable geometry are recorded as `drop` says. Outside floor plans, the boxes stay.
    """
    places, outcome = anchors_of_annotations(batch, anchor, geometry)
    if plan is not None and batch.normalized:
        places = places * batch.sizes_of_annotations
        outcome[np.isnan(places).any(axis=1) & (outcome == int(Outcome.PENDING))] = Outcome.NO_SIZE.value
    batch, places = drop(batch, outcome, on_error), places[outcome == int(Outcome.PENDING)]
    columns: dict[str, Any] = {}
    if plan is not None:
        size = np.asarray(plan.size, dtype=np.float64)
        places = plan.map(places) / size
        visible = np.asarray(np.isfinite(places).all(axis=1))
        batch, places = _drop_invisible(batch, visible, on_error), places[visible]
        sizes = np.tile(size, (len(batch.image_names), 1))
        columns = {"sizes": sizes, "normalized": True, "boxes": None}
    points = Points(places, np.arange(len(batch) + 1), np.ones(len(batch), dtype=bool))
    kinds = np.full(len(batch), Kind.POINT, dtype=np.uint8)
    return replace(batch, kinds=kinds, points=points, polygons=None, masks=None, lines=None, **columns)


def _drop_invisible(batch: Annotations, visible: NDArray[np.bool_], on_error: str) -> Annotations:
    """Return the annotations in front of the horizon; the report gets the others, class by class."""
    if visible.all():
        return batch
    lost = np.flatnonzero(~visible)
    if on_error == "raise":
        raise FormatError(BEYOND_HORIZON, *batch.place(int(lost[0])))
    report = batch.report.copy()
    for label in np.unique(batch.label[lost]).tolist():
        own = lost[batch.label[lost] == label]
        report.skip(BEYOND_HORIZON, batch.where(int(own[0])), len(own), label=batch.classes[label])
    return replace(batch.select(visible), report=report)
