"""Pixels of maps: blur, cells in color, cells over a background, and resampling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np

from heatgrid.core.arguments import as_array
from heatgrid.core.spec import check_choice
from heatgrid.viz import colormaps
from heatgrid.viz.options import Interpolation, Zero
from heatgrid.viz.scales import Scale, as_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.viz.options import Blur, CellOptions, Colormap, Pixels
    from heatgrid.viz.scales import Floats, ScaleName


DIRECT = 16
"""Maximum radius of a convolution by shifted arrays; larger ones are one matrix product per axis."""

FADED = 0.25
"""Share of their own color in cells within chance; the rest is that of zero."""


def smooth(values: ArrayLike, blur: Blur | None) -> Floats:
    """Return a grid as float64, blurred by a Gaussian or a function if ``blur`` is not None."""
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


def gaussian(values: ArrayLike, sigma: float | tuple[float, float], *, truncate: float = 4.0) -> Floats:
    """Smooth a grid with a Gaussian; beyond the edges the grid continues as its mirror image.

    ``sigma`` is the standard deviation in cells, or one for the rows and one for the columns; 0 keeps the
    values. The Gaussian is cut off at ``int(truncate * sigma + 0.5)`` cells. NaN means "no data": it stays
    NaN, and its neighbors ignore it. Mirroring repeats the edge cell, ``d c b a | a b c d | d c b a``, as
    often as the radius requires, so that without NaN the sum of all cells is kept, up to rounding.
    """
    grid = np.array(as_array(values, "values"), dtype=np.float64)
    if grid.ndim != 2:
        raise ValueError(f"values must have two dimensions, got shape {grid.shape}")
    both = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    for name, number in (("sigma", both[0]), ("sigma", both[1]), ("truncate", truncate)):
        if not (math.isfinite(number) and number >= 0):
            raise ValueError(f"{name} must be finite and not negative, got {number!r}")
    weights = [_weights(width, int(truncate * width + 0.5)) for width in both]
    if grid.size == 0 or max(axis.size for axis in weights) == 1:
        return grid
    missing = np.isnan(grid)
    if not missing.any():
        return _both_axes(grid, weights)
    grid[missing] = 0.0
    known = _both_axes((~missing).astype(np.float64), weights)
    blurred = _both_axes(grid, weights)
    return np.divide(blurred, known, out=np.full_like(blurred, np.nan), where=~missing)


def _weights(sigma: float, radius: int) -> Floats:
    if radius == 0:
        return np.ones(1)
    distances = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 / (sigma * sigma) * distances**2)
    normalized: Floats = weights / weights.sum()
    return normalized


def _both_axes(grid: Floats, weights: list[Floats]) -> Floats:
    return _along_rows(_along_rows(grid.T, weights[0]).T, weights[1])


def _along_rows(grid: Floats, weights: Floats) -> Floats:
    columns = grid.shape[1]
    radius = weights.size // 2
    if radius > DIRECT:
        product: Floats = grid @ _mirrored_matrix(columns, weights)
        return product
    padded = np.ascontiguousarray(grid[:, _mirror(np.arange(-radius, columns + radius), columns)])
    blurred: Floats = padded[:, radius : radius + columns] * weights[radius]
    for k in range(radius):
        blurred += weights[k] * (padded[:, k : k + columns] + padded[:, 2 * radius - k :][:, :columns])
    return blurred


def _mirror(positions: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Fold positions beyond the edges back onto 0 … size - 1."""
    folded = positions % (2 * size)
    return np.minimum(folded, 2 * size - 1 - folded)


def _mirrored_matrix(size: int, weights: Floats) -> Floats:
    """Return the (size, size) matrix M for which ``row @ M`` is the smoothed row."""
    radius = weights.size // 2
    matrix = np.zeros((size, size))
    targets = np.arange(size)
    for offset, weight in zip(range(-radius, radius + 1), weights, strict=True):
        # Targets are distinct, so each matrix entry appears once per addition.
        matrix[_mirror(targets + offset, size), targets] += weight
    return matrix


@dataclass(frozen=True, slots=True)
class Style:
    """Colors of the values of one or more maps; see `heatgrid.viz.options.CellOptions`."""

    colormap: Colormap
    scale: Scale
    zero: Zero = "color"
    is_blurred: bool = False
    minimum_opacity: float = 0.25
    nan: Sequence[int] | None = None
    chance: float | None = None

    @classmethod
    def of(
        cls,
        shown: Floats,
        *,
        colormap: Colormap = colormaps.DEFAULT,
        scale: ScaleName | Scale = "linear",
        vmin: float | None = None,
        vmax: float | None = None,
        zero: Zero = "color",
        blur: Blur | None = None,
        minimum_opacity: float = 0.25,
        nan: Sequence[int] | None = None,
        chance: float | None = None,
    ) -> Self:
        """Return the style that options describe, its scale fitted to values that are already blurred."""
        check_choice("zero", zero, get_args(Zero))
        check_share("minimum_opacity", minimum_opacity)
        if not isinstance(scale, Scale):
            scale = Scale.of(shown, scale, vmin=vmin, vmax=vmax)
        elif vmin is not None or vmax is not None:
            raise ValueError("vmin and vmax cannot be combined with a Scale, which has its own")
        return cls(colormap, scale, zero, blur is not None, minimum_opacity, nan, chance)

    def color(self, shown: Floats) -> Pixels:
        """Return (rows, columns, 4) uint8 RGBA."""
        shares = self.scale.normalize(shown)
        missing = np.isnan(shares)
        shares[missing] = 0.0
        cells = np.full((*shown.shape, 4), 255, dtype=np.uint8)
        cells[..., :3] = colormaps.get(self.colormap)[np.rint(shares * 255.0).astype(np.uint8)]
        if self.zero == "transparent":
            strength = self._distance_from_zero(shares)
            opacity = self.minimum_opacity + (1.0 - self.minimum_opacity) * strength
            # A blurred map has no exact zeros. Its lowest colors fade out, or the blur would end in an edge.
            opacity *= (
                np.minimum(1.0, strength * 16.0)
                if self.is_blurred
                else (shown != 0) & (shown >= self.scale.vmin)
            )
            cells[..., 3] = np.rint(opacity * 255.0)
        if self.chance is not None:
            faded = np.abs(shown) <= self.chance
            table = colormaps.get(self.colormap)
            neutral = table[round(float(self.scale.normalize(0.0)) * 255)]
            mixed = cells[faded, :3] * FADED + neutral * (1 - FADED)
            cells[faded, :3] = np.floor(mixed + 0.5)
        cells[missing] = _rgba(self.nan)
        return cells

    def _distance_from_zero(self, shares: Floats) -> Floats:
        """Return the distance of values from zero on their scale, in [0, 1]."""
        if not self.scale.vmin < 0 < self.scale.vmax:
            return shares
        middle = float(self.scale.normalize(0.0))
        distances: Floats = np.abs(shares - middle) / max(middle, 1.0 - middle)
        return distances


def colorize(values: ArrayLike, **options: Unpack[CellOptions]) -> Pixels:
    """Color a (rows, columns) grid, one uint8 RGBA pixel per cell: blur, scale, colormap, opacity."""
    shown = smooth(values, options.get("blur"))
    return Style.of(shown, **options).color(shown)


def center_on_zero(values: NDArray[np.number], options: dict[str, Any]) -> dict[str, Any]:
    """Return options that draw negative values around a neutral zero, unless the options say otherwise."""
    low, high = float(np.nanmin(values, initial=0)), float(np.nanmax(values, initial=0))
    if low >= 0:
        return options
    chosen = {name: value for name, value in options.items() if value is not None}
    has_ends = chosen.keys() & {"vmin", "vmax"} or chosen.get("scale", "linear") != "linear"
    reach = max(-low, high)
    ends = {} if has_ends else {"vmin": -reach, "vmax": reach}
    return options | {"colormap": "balance"} | chosen | ends


def overlay(
    background: Pixels, cells: Pixels, *, opacity: float = 0.7, interpolation: Interpolation = "nearest"
) -> Pixels:
    """Return (height, width, 4) uint8 RGBA: cells, as `colorize` returns them, stretched over an image.

    The image is (height, width) gray, or (height, width, 3 or 4) RGB or RGBA, uint8. ``opacity`` multiplies
    each cell's opacity.
    """
    check_share("opacity", opacity)
    check_background(background)
    below = np.full((*background.shape[:2], 4), 255, dtype=np.uint8)
    channels = 3 if background.ndim == 2 else background.shape[2]
    below[..., :channels] = background if background.ndim == 3 else background[..., np.newaxis]
    above = enlarge(cells, (below.shape[0], below.shape[1]), interpolation)
    # The Porter-Duff operator "over".
    over = above[..., 3:] * np.float32(opacity / 255.0)
    under = below[..., 3:] * np.float32(1.0 / 255.0) * (1.0 - over)
    total = over + under
    color = above[..., :3] * over + below[..., :3] * under
    blended = np.zeros_like(below)
    blended[..., :3] = np.rint(np.divide(color, total, out=np.zeros_like(color), where=total > 0))
    blended[..., 3:] = np.rint(total * 255.0)
    return blended


def over_white(pixels: Pixels) -> Pixels:
    """Return the RGB of RGBA pixels on white."""
    alpha = pixels[..., 3:] / np.float32(255.0)
    opaque: Pixels = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return opaque


def enlarge(cells: Pixels, size: tuple[int, int], interpolation: Interpolation = "nearest") -> Pixels:
    """Resample (rows, columns, 4) uint8 RGBA cells, or RGB ones, to a height and width in pixels.

    Interpolation ``"nearest"``: a pixel has the color of the cell that contains its center. ``"bilinear"``:
    colors are interpolated between the centers of cells, weighted by opacity.
    """
    bands = (3, 4) if interpolation == "nearest" else (4,)
    if cells.ndim != 3 or cells.shape[2] not in bands or 0 in cells.shape or cells.dtype != np.uint8:
        raise ValueError(f"cells must be uint8 of shape (rows, columns, 4), got {cells.dtype} {cells.shape}")
    if min(size) < 1:
        raise ValueError(f"size must be at least 1 by 1, got {size!r}")
    check_choice("interpolation", interpolation, get_args(Interpolation))
    if interpolation == "nearest":
        # The center of pixel i is at (2 i + 1) / (2 length) of the axis.
        rows, columns = (
            (2 * np.arange(length) + 1) * count // (2 * length)
            for length, count in zip(size, cells.shape, strict=False)
        )
        nearest: Pixels = cells.take(columns, axis=1).take(rows, axis=0)  # whole rows are copied last
        return nearest
    return _unweighted(_bilinear(_weighted(cells), size))


def area_mean(pixels: Pixels, factors: tuple[int, int]) -> Pixels:
    """Average blocks of (rows, columns) RGBA pixels, weighted by opacity; the last blocks may be smaller."""
    weighted: NDArray[np.floating[Any]] = _weighted(pixels)
    for axis, factor in enumerate(factors):
        length = pixels.shape[axis]
        starts = np.arange(0, length, factor)
        lengths = np.diff(np.append(starts, length)).astype(np.float32)
        sums = np.add.reduceat(weighted, starts, axis)
        weighted = sums / lengths.reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    return _unweighted(weighted)


def resize_image(image: Pixels, size: tuple[int, int]) -> Pixels:
    """Resample a gray, RGB or RGBA photograph to a height and width with Lanczos' filter."""
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize(size[::-1], Image.Resampling.LANCZOS))


def resize_grid(values: Floats, shape: tuple[int, int]) -> Floats:
    """Resample a grid of numbers to other rows and columns, bilinearly between the centers of cells."""
    return _bilinear(np.asarray(values, dtype=np.float64), shape)


def check_background(background: NDArray[Any]) -> None:
    """Raise ValueError unless an array is an image."""
    good = background.ndim == 2 or (background.ndim == 3 and background.shape[2] in (3, 4))
    if background.dtype != np.uint8 or not good or 0 in background.shape:
        raise ValueError(
            "background must be uint8 of shape (height, width) or (height, width, 3 or 4), "
            f"or floats in [0, 1], got {background.dtype} {background.shape}"
        )


def check_share(name: str, value: float) -> None:
    """Raise ValueError for a number outside [0, 1]."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must be in [0, 1], got {value!r}")


def _bilinear(values: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """Interpolate the first two axes between the centers of cells, by weights of float32 precision."""
    for axis, length in enumerate(size):
        cells = values.shape[axis]
        places = np.clip((np.arange(length) + 0.5) * cells / length - 0.5, 0, cells - 1)
        low = places.astype(np.intp)
        high = np.minimum(low + 1, cells - 1)
        share = (places - low).astype(np.float32).astype(values.dtype)
        share = share.reshape([-1 if i == axis else 1 for i in range(values.ndim)])
        values = values.take(low, axis) * (1 - share) + values.take(high, axis) * share
    return values


def _weighted(pixels: Pixels) -> NDArray[np.float32]:
    """Return premultiplied colors, so that transparent pixels add no color."""
    weighted = pixels.astype(np.float32)
    weighted[..., :3] *= weighted[..., 3:] / 255
    return weighted


def _unweighted(weighted: NDArray[np.floating[Any]]) -> Pixels:
    alpha = weighted[..., 3:]
    weighted[..., :3] *= np.divide(255.0, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    pixels: Pixels = np.rint(np.clip(weighted, 0, 255)).astype(np.uint8)
    return pixels


def _rgba(color: Sequence[int] | None) -> tuple[int, ...]:
    if color is None:
        return (0, 0, 0, 0)
    rgba = tuple(color) if len(color) == 4 else (*color, 255)
    if len(rgba) != 4 or not all(0 <= channel <= 255 for channel in rgba):
        raise ValueError(f"nan must be RGB or RGBA in 0 … 255, got {color!r}")
    return rgba
