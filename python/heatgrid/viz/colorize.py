"""Cells in colour, and colour over a background: blur, scale, colormap, opacity, in this order always."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from heatgrid.viz import colormaps
from heatgrid.viz.blur import gaussian
from heatgrid.viz.resample import enlarge
from heatgrid.viz.scales import Scale, as_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.viz.colormaps import Colormap
    from heatgrid.viz.resample import Interpolation
    from heatgrid.viz.scales import Kind

    Blur = float | Callable[[NDArray[np.float64]], ArrayLike]

Zero = Literal["color", "transparent"]


def colorize(
    values: ArrayLike,
    *,
    colormap: Colormap = "roboflow",
    scale: Kind | Scale = "linear",
    vmin: float | None = None,
    vmax: float | None = None,
    zero: Zero = "color",
    blur: Blur | None = None,
    minimum_opacity: float = 0.25,
    nan: Sequence[int] | None = None,
) -> NDArray[np.uint8]:
    """Colour a grid, a pixel a cell.

    Parameters
    ----------
    values
        (rows, columns) real numbers. NaN is "no data".
    colormap
        As `heatgrid.viz.colormaps.get` takes it.
    scale
        A kind of scale, made from the values as `Scale.of` does, or a scale made before, for many maps.
    vmin, vmax
        The values of the lowest and the highest colour; not beside a scale made before.
    zero
        ``"transparent"``: zeros, and what lies below the scale, are not drawn, and opacity grows with the
        distance from zero. ``"color"``: all cells are opaque.
    blur
        Standard deviation of a Gaussian in cells, or a function of the values; for display only.
    minimum_opacity
        The least opacity of a cell that is not zero, in [0, 1], where zeros are transparent.
    nan
        RGB or RGBA of cells without data, 0 … 255; transparent by default.

    Returns
    -------
    ndarray
        (rows, columns, 4) uint8 RGBA.

    Raises
    ------
    ValueError
        The grid is not two-dimensional or holds an infinite value, or an option has a wrong value.
    TypeError
        The values are not real numbers.
    """
    if zero not in ("color", "transparent"):
        raise ValueError(f'zero must be "color" or "transparent", got {zero!r}')
    if not 0.0 <= minimum_opacity <= 1.0:
        raise ValueError(f"minimum_opacity must be in [0, 1], got {minimum_opacity!r}")
    shown = smooth(values, blur)
    made = as_scale(shown, scale, vmin, vmax)
    shares = made.normalize(shown)
    missing = np.isnan(shares)
    shares[missing] = 0.0
    colors = colormaps.get(colormap)
    cells = np.full((*shown.shape, 4), 255, dtype=np.uint8)
    cells[..., :3] = colors[np.rint(shares * 255.0).astype(np.uint8)]
    if zero == "transparent":
        strength = _distance_from_zero(shares, made)
        opacity = minimum_opacity + (1.0 - minimum_opacity) * strength
        # A blurred map has no clear zeros: its lowest colours fade out, or the blur would end in a rim.
        opacity *= (
            np.minimum(1.0, strength * 16.0) if blur is not None else (shown != 0) & (shown >= made.vmin)
        )
        cells[..., 3] = np.rint(opacity * 255.0)
    cells[missing] = _rgba(nan)
    return cells


def _distance_from_zero(shares: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Return how far values are from zero on their scale, in [0, 1]; of signed ones to either side."""
    if not scale.vmin < 0 < scale.vmax:
        return shares
    middle = float(scale.normalize(0.0))
    distances: NDArray[np.float64] = np.abs(shares - middle) / max(middle, 1.0 - middle)
    return distances


def smooth(values: ArrayLike, blur: Blur | None) -> NDArray[np.float64]:
    """Return a grid as float64, blurred when asked.

    Raises
    ------
    ValueError
        The grid, or what the function makes of it, has another shape, or holds an infinite value.
    TypeError
        The values are not real numbers, or ``blur`` is neither a number nor a function.
    """
    grid = as_numbers(values)
    if grid.ndim != 2:
        raise ValueError(f"values must have shape (rows, columns), got {grid.shape}")
    if blur is None:
        return grid
    if not callable(blur):
        if not isinstance(blur, int | float | np.number):
            raise TypeError(f"blur must be a number of cells or a function, got {type(blur).__name__}")
        return gaussian(grid, float(blur))
    blurred = as_numbers(blur(grid))
    if blurred.shape != grid.shape:
        raise ValueError(f"blur must keep the shape {grid.shape}, got {blurred.shape}")
    return blurred


def as_scale(
    shown: NDArray[np.float64], scale: Kind | Scale, vmin: float | None, vmax: float | None
) -> Scale:
    """Return the scale that is meant: the one given, or one made from the values.

    Raises
    ------
    ValueError
        There is no such kind, or ends are given beside a scale that has its own.
    """
    if not isinstance(scale, Scale):
        return Scale.of(shown, scale, vmin=vmin, vmax=vmax)
    if vmin is not None or vmax is not None:
        raise ValueError("vmin and vmax belong to the scale that is given")
    return scale


def overlay(
    background: NDArray[np.uint8],
    cells: NDArray[np.uint8],
    *,
    opacity: float = 0.7,
    interpolation: Interpolation = "nearest",
) -> NDArray[np.uint8]:
    """Lay coloured cells over an image, stretched to its size.

    Parameters
    ----------
    background
        (height, width) grey, or (height, width, 3 or 4) RGB or RGBA, uint8.
    cells
        (rows, columns, 4) uint8 RGBA, as `colorize` returns them.
    opacity
        In [0, 1], times the opacity of each cell.
    interpolation
        As in `heatgrid.viz.enlarge`.

    Returns
    -------
    ndarray
        (height, width, 4) uint8 RGBA, a new array.

    Raises
    ------
    ValueError
        An array has another shape or dtype, or ``opacity`` lies outside [0, 1].
    """
    if not 0.0 <= opacity <= 1.0:
        raise ValueError(f"opacity must be in [0, 1], got {opacity!r}")
    check_background(background)
    below = np.full((*background.shape[:2], 4), 255, dtype=np.uint8)
    channels = 3 if background.ndim == 2 else background.shape[2]
    below[..., :channels] = background if background.ndim == 3 else background[..., np.newaxis]
    above = enlarge(cells, (below.shape[0], below.shape[1]), interpolation)
    return _blend(below, above, opacity)


def check_background(background: NDArray[np.uint8]) -> None:
    """Raise ValueError where an array is no image."""
    good = background.ndim == 2 or (background.ndim == 3 and background.shape[2] in (3, 4))
    if background.dtype != np.uint8 or not good or 0 in background.shape:
        raise ValueError(
            "background must be uint8 of shape (height, width) or (height, width, 3 or 4), "
            f"got {background.dtype} {background.shape}"
        )


def _blend(below: NDArray[np.uint8], above: NDArray[np.uint8], opacity: float) -> NDArray[np.uint8]:
    """Lay one RGBA image over another (the Porter-Duff operator "over")."""
    over = above[..., 3:] * np.float32(opacity / 255.0)
    under = below[..., 3:] * np.float32(1.0 / 255.0) * (1.0 - over)
    total = over + under
    color = above[..., :3] * over + below[..., :3] * under
    blended = np.zeros_like(below)
    blended[..., :3] = np.rint(np.divide(color, total, out=np.zeros_like(color), where=total > 0))
    blended[..., 3:] = np.rint(total * 255.0)
    return blended


def _rgba(color: Sequence[int] | None) -> tuple[int, ...]:
    if color is None:
        return (0, 0, 0, 0)
    rgba = tuple(color) if len(color) == 4 else (*color, 255)
    if len(rgba) != 4 or not all(0 <= channel <= 255 for channel in rgba):
        raise ValueError(f"nan must be RGB or RGBA in 0 … 255, got {color!r}")
    return rgba
