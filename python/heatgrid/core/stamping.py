"""Python interface of the kernel's live functions: stamps, overlays, pixel blending, sides of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid import _core
from heatgrid.core.kernel import mask_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Palette = tuple[NDArray[np.uint8], NDArray[np.uint16]]
    StampShape = Literal["boxes", "points", "discs", "masks"]

__all__ = ["Footprint", "blend_pixels", "orientations", "overlay", "stamp"]

Footprint = _core.Footprint
"""Bitmask of the cells that a track or a frame has already hit."""


def stamp(
    heat: NDArray[np.float64],
    shape: StampShape,
    shapes: Any,
    amounts: NDArray[np.float64],
    *,
    size: tuple[float, float] | None = None,
    footprints: list[_core.Footprint] | None = None,
    limits: NDArray[np.int64] | None = None,
) -> tuple[float, NDArray[np.uint8]]:
    """Add one frame's shapes to a live map, in place, in time proportional to the cells hit.

    Parameters
    ----------
    heat
        (rows, columns) float64, C-contiguous.
    shape, shapes
        ``"boxes"``, (N, 4) pixels; ``"points"``, (N, 2) pixels; ``"discs"``, (N, 3) x, y and radius in
        cells; ``"masks"``, the result of `heatgrid.core.shapes.as_masks`.
    amounts
        (N,) float64, the amount that each shape adds to a cell; finite, not negative.
    size
        Width and height of the frame in pixels; for boxes and points.
    footprints
        One per shape. A shape adds only to the cells that are not yet in its footprint.
    limits
        (N, 4) int64: first and one past the last column, then row, that each shape may hit.

    Returns
    -------
    top, outcomes
        The greatest value that was written to a cell, or 0; (N,) uint8, one `Outcome` per shape.
    """
    outcomes = np.empty(len(shapes), dtype=np.uint8)
    call = _core.StampCall(heat[np.newaxis], amounts, footprints, limits, outcomes)
    if shape == "masks":
        top = _core.stamp_bitmaps(shapes, call) if isinstance(shapes, list) else None
        return _core.stamp_masks(mask_columns(shapes), call) if top is None else top, outcomes
    if shape == "discs":
        return _core.stamp_discs(shapes, call), outcomes
    add = {"boxes": _core.stamp_boxes, "points": _core.stamp_points}[shape]
    return add(shapes, np.array(size, dtype=np.float64), call), outcomes


def overlay(
    heat: NDArray[np.float64],
    levels: tuple[float, float],
    palette: Palette,
    frame: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    """Blend a live map, stretched bilinearly, over a frame (height, width, 3) into ``out``.

    ``levels`` is scale and offset: a value v > 0 has the level ``trunc(v * scale + offset)``, clipped to
    1 … 256; other values have level 0. ``palette`` holds the levels' colors, (257, 3) in the frame's channel
    order, and opacities in 256ths, (257,). ``out`` is the frame itself or does not overlap it.
    """
    _core.overlay(heat, *levels, *palette, frame, out)


def blend_pixels(
    frame: NDArray[np.uint8], places: NDArray[np.int32], ink: NDArray[np.uint16], rest: NDArray[np.uint16]
) -> None:
    """Blend single pixels into a frame (height, width, 3), in place.

    ``places`` holds row and column per pixel, (N, 2); ``ink`` color times opacity in 256ths plus 128, (N, 3)
    in the frame's channel order; ``rest`` 256 minus the opacity in 256ths, (N,).
    """
    _core.lay(frame, places, ink, rest)


def orientations(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the side of the line from a to b on which each c lies, exactly; all (N, 2), finite.

    With y downwards and looking from a to b: 1 to the right, -1 to the left, 0 on the line.
    """
    return _core.orientations(a, b, c)
