"""The kernel's third door, that of live maps: stamps, the overlay and what lies over it, and sides of lines.

`heatgrid.core.counting` is the first, `heatgrid.core.reading` the second; no other module imports the kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid import _core
from heatgrid.core.kernel import mask_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Footprint", "lay", "orientations", "overlay", "stamp"]

Footprint = _core.Footprint
"""The cells that a track, or a frame, has hit already, a bit a cell."""


def stamp(
    heat: NDArray[np.float64],
    kind: str,
    shapes: Any,
    amounts: NDArray[np.float64],
    *,
    size: tuple[float, float] | None = None,
    footprints: list[_core.Footprint] | None = None,
    limits: NDArray[np.int64] | None = None,
) -> tuple[float, NDArray[np.uint8]]:
    """Add one frame's shapes to a live map, in place; the work is proportional to the cells hit.

    Parameters
    ----------
    heat
        (rows, columns) float64, C-contiguous.
    kind
        ``"boxes"``, (N, 4) pixels; ``"points"``, (N, 2) pixels; ``"discs"``, (N, 3) x, y and radius in
        cells; ``"masks"``, what `heatgrid.core.masks.as_masks` returns.
    shapes
        What is added.
    amounts
        (N,) float64, what each adds to a cell that it hits; finite, not negative.
    size
        Width and height of the frame in pixels; for boxes and points.
    footprints
        One a shape: it adds to the cells that are new to its footprint only.
    limits
        (N, 4) int64: first and one past the last column, then row, that each shape may hit.

    Returns
    -------
    top
        The greatest value that was left in a cell; 0 where nothing was added.
    outcomes
        (N,) uint8, one `heatgrid.core.kernel.Outcome` each.
    """
    outcomes = np.empty(len(shapes), dtype=np.uint8)
    call = _core.StampCall(heat[np.newaxis], amounts, footprints, limits, outcomes)
    if kind == "masks":
        top = _core.stamp_bitmaps(shapes, call) if isinstance(shapes, list) else None
        return _core.stamp_masks(mask_columns(shapes), call) if top is None else top, outcomes
    if kind == "discs":
        return _core.stamp_discs(shapes, call), outcomes
    add = {"boxes": _core.stamp_boxes, "points": _core.stamp_points}[kind]
    return add(shapes, np.array(size, dtype=np.float64), call), outcomes


def overlay(
    heat: NDArray[np.float64],
    levels: tuple[float, float],
    palette: tuple[NDArray[np.uint8], NDArray[np.uint16]],
    frame: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    """Lay a live map over a frame.

    Parameters
    ----------
    heat
        (rows, columns) float64, of any size: stretched bilinearly where it is not the frame's.
    levels
        Scale and offset: a value v > 0 has the level ``trunc(v * scale + offset)``, cut to 1 … 256; others 0.
    palette
        (257, 3) uint8 colors of the levels, in the frame's order, and (257,) uint16 opacities in 256ths.
    frame
        (height, width, 3) uint8; rows may be apart.
    out
        What is written, the frame itself or an array like it that does not overlap it.
    """
    _core.overlay(heat, *levels, *palette, frame, out)


def lay(
    frame: NDArray[np.uint8], places: NDArray[np.int32], ink: NDArray[np.uint16], rest: NDArray[np.uint16]
) -> None:
    """Blend single pixels into a frame, in place.

    Parameters
    ----------
    frame
        (height, width, 3) uint8; rows may be apart.
    places
        (N, 2) int32: the pixels' rows and columns.
    ink
        (N, 3) uint16: a colour's byte times the opacity in 256ths, plus 128, in the frame's order.
    rest
        (N,) uint16: 256 minus the opacity in 256ths.
    """
    _core.lay(frame, places, ink, rest)


def orientations(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return on which side of the line from a to b each c lies, exactly; all (N, 2), finite.

    With y downwards and looking from a to b: 1 to the right, -1 to the left, 0 on the line.
    """
    return _core.orientations(a, b, c)
