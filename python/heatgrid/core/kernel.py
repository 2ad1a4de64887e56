"""Python interface of the compiled kernel; the only module that imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid import _core
from heatgrid.core.arguments import worker_count
from heatgrid.core.spec import MAX_CELLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.arguments import Doubles, Integers
    from heatgrid.core.ragged import Masks, Shapes
    from heatgrid.core.spec import CountSpec

    Outcomes = NDArray[np.uint8]

assert _core.max_cells_per_axis == MAX_CELLS  # noqa: S101  # the same limit in both languages

Outcome = _core.Outcome
"""Fate of an annotation. Every annotation ends in exactly one."""

_RULES = dict(_core.Rule.__members__)


def count(
    shapes: Shapes,
    grids: NDArray[Any],
    spec: CountSpec,
    outcome: Outcomes,
    *,
    sizes: Doubles | None = None,
    labels: Integers | None = None,
    images: Integers | None = None,
    weights: Doubles | None = None,
    threads: int | None = None,
    clamp: bool = False,
) -> None:
    """Add shapes to class grids, in place.

    Parameters
    ----------
    shapes
        N shapes.
    grids
        (classes, rows, columns), C-contiguous, of the dtype of ``spec``.
    spec
        Grid, rule and mode. ``fit`` is applied by the caller (`heatgrid.core.letterbox`).
    outcome
        (N,) uint8: counts the shapes whose entry is ``Outcome.PENDING``, and replaces it by their outcome.
    sizes
        Width and height in pixels, one pair or (N, 2); None for normalized coordinates.
    labels, images
        (N,) int64: the class grid and the image of each shape.
    weights
        (N,) float64, finite.
    threads
        Number of threads; None: chosen by the amount of work.
    clamp
        Whether single points outside the image move to the nearest cell.
    """
    noun = shapes.noun
    _core.count(
        columns(shapes),
        grids,
        _RULES[spec.rule],
        sizes=sizes,
        labels=labels,
        images=images,
        weights=weights,
        outcome=outcome,
        threads=worker_count(threads, len(outcome), noun),
        large_box_ratio=np.inf if spec.large_box_ratio is None else spec.large_box_ratio,
        clamp=clamp,
    )


def select_geometry(
    shapes: Shapes,
    geometry: str,
    outcome: Outcomes,
    *,
    flags: NDArray[np.uint8] | None,
    sized: NDArray[np.bool_] | None,
    with_area: bool,
    boxes: Doubles | None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Select the geometry to count of each pending annotation.

    Parameters
    ----------
    shapes
        Shapes of N annotations, ``kinds`` being the bits of all geometry that an annotation has.
    geometry
        One of `heatgrid.core.geometry.Geometry`.
    outcome
        (N,) uint8: receives the reason for each pending annotation that has no usable geometry.
    flags, sized
        (N,): `Flag` bits; whether the image size is known, None if it is not needed.
    with_area
        Whether only shapes with an area can be counted.
    boxes
        (N, 4), for ``geometry="box"``: receives the bounding boxes of polygons without a usable box.

    Returns
    -------
    kinds
        (N,) uint8, the selected kind, or 0.
    notes
        (N,) uint8, bits of `heatgrid.core.geometry.NOTES`.
    """
    kinds = np.zeros(len(outcome), dtype=np.uint8)
    notes = np.zeros(len(outcome), dtype=np.uint8)
    choice = _core.Geometry.__members__["auto_" if geometry == "auto" else geometry]
    _core.select_geometry(columns(shapes), flags, sized, choice, with_area, outcome, kinds, notes, boxes)
    return kinds, notes


def valid_masks(masks: Masks) -> NDArray[np.bool_]:
    """Return which masks have a size and run lengths that sum to exactly that."""
    return _core.judge_masks(mask_columns(masks))


def columns(shapes: Shapes) -> _core.Shapes:
    """Return shapes as the kernel takes them."""
    polygons, lines, points = shapes.polygons, shapes.lines, shapes.points
    point_columns = None
    if shapes.xy is not None:
        point_columns = _core.PointColumns(shapes.xy, None, None)
    elif points is not None:
        point_columns = _core.PointColumns(points.coords, points.offsets, points.visible.view(np.uint8))
    return _core.Shapes(
        shapes.kinds,
        shapes.boxes,
        None
        if polygons is None
        else _core.PolygonColumns(polygons.coords, polygons.rings, polygons.parts, polygons.annotations),
        None if shapes.masks is None else mask_columns(shapes.masks),
        point_columns,
        None if lines is None else _core.LineColumns(lines.coords, lines.paths, lines.annotations),
        shapes.discs,
        shapes.bitmaps,
    )


def mask_columns(masks: Masks) -> _core.MaskColumns:
    """Return run-length codes as the kernel takes them."""
    return _core.MaskColumns(
        np.ascontiguousarray(masks.sizes),
        masks.codes,
        masks.code_offsets,
        masks.runs,
        masks.run_offsets,
        masks.column_major,
    )
