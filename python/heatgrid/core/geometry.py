"""Selection of the geometry that is counted of each annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.ragged import Shapes, finite_rows
from heatgrid.core.spec import check_choice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.spec import CountSpec

Geometry = Literal["auto", "box", "polygon", "mask", "point", "line"]

NOTES = {
    1: "box used, no usable polygon",
    2: "box used, no usable mask",
    4: "bounding box of the polygon used, no usable box",
    8: "ring of fewer than three vertices ignored",
}
"""Texts of the kernel's notes, by bit."""


def check_geometry(geometry: str, spec: CountSpec) -> None:
    """Raise ValueError for an unknown geometry, or one that the rule cannot count."""
    check_choice("geometry", geometry, get_args(Geometry))
    if geometry in {"point", "line"} and spec.has_area:
        raise ValueError(
            f"geometry={geometry!r} cannot be combined with rule='area': {geometry}s have no area"
        )


def select_geometry(
    batch: Annotations, geometry: Geometry, spec: CountSpec, outcome: NDArray[np.uint8]
) -> tuple[Shapes, NDArray[np.uint8]]:
    """Select the geometry to count of every pending annotation: the shapes, and bits of `NOTES` for each.

    ``"auto"`` is the polygon if usable, else the mask, the box, the lines, the points; ``"box"`` the box, or
    the bounding box of a usable polygon. Pending annotations without usable geometry receive the reason as
    outcome.

    A box is usable if it is finite; a polygon if at least one ring has three distinct vertices and every ring
    of three or more vertices is finite; lines likewise, with two vertices; points if one is visible and all
    visible ones are finite; a mask if its run lengths sum to its size. All but masks need the image size if
    coordinates are pixels. Annotations that their file marks as outside the image are outside.
    """
    check_geometry(geometry, spec)
    boxes = batch.boxes
    if geometry == "box" and batch.polygons is not None:
        boxes = np.full((len(batch), 4), np.nan) if boxes is None else boxes.copy()
    columns: dict[str, Any] = {"masks": batch.masks, "points": batch.points, "lines": batch.lines}
    present = Shapes(kinds=batch.kinds, boxes=batch.boxes, polygons=batch.polygons, **columns)
    kinds, notes = kernel.select_geometry(
        present,
        geometry,
        outcome,
        flags=batch.flags,
        sized=_sized(batch, needed=not batch.normalized or spec.fit == "letterbox"),
        with_area=spec.has_area,
        boxes=boxes if geometry == "box" else None,
    )
    return Shapes(kinds=kinds, boxes=boxes, polygons=batch.polygons, **columns), notes


def _sized(batch: Annotations, *, needed: bool) -> NDArray[np.bool_] | None:
    """Return which annotations have an image size; None if none is needed, or all have one."""
    if not needed:
        return None
    if batch.sizes is None:
        return np.zeros(len(batch), dtype=bool)
    known = finite_rows(batch.sizes) & (batch.sizes > 0).all(axis=1)
    return None if known.all() else known[batch.image]
