"""Pixels at another size: cells enlarged, or areas averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Interpolation = Literal["nearest", "bilinear"]


def enlarge(cells: Pixels, size: tuple[int, int], interpolation: Interpolation = "nearest") -> Pixels:
    """Stretch an image of cells.

    Parameters
    ----------
    cells
        (rows, columns, 4) uint8 RGBA.
    size
        Height and width of the result, in pixels.
    interpolation
        ``"nearest"``: a pixel has the colour of the cell that its centre lies in. ``"bilinear"``: between
        the centres of cells colours are mixed, each by its opacity.

    Returns
    -------
    ndarray
        (height, width, 4) uint8 RGBA.

    Raises
    ------
    ValueError
        An argument has another shape, or there is no such interpolation.
    """
    if cells.ndim != 3 or cells.shape[2] != 4 or 0 in cells.shape or cells.dtype != np.uint8:
        raise ValueError(f"cells must be uint8 of shape (rows, columns, 4), got {cells.dtype} {cells.shape}")
    if min(size) < 1:
        raise ValueError(f"size must be at least 1 by 1, got {size!r}")
    height, width = size
    if interpolation == "nearest":
        return cells[_nearest(height, cells.shape[0])][:, _nearest(width, cells.shape[1])]
    if interpolation != "bilinear":
        raise ValueError(f'interpolation must be "nearest" or "bilinear", got {interpolation!r}')
    weighted = _weighted(cells)
    for axis, length in enumerate(size):
        low, high, share = _between(length, cells.shape[axis])
        share = share.reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        weighted = weighted.take(low, axis) * (1 - share) + weighted.take(high, axis) * share
    return _unweighted(weighted)


def area_mean(pixels: Pixels, factors: tuple[int, int]) -> Pixels:
    """Average blocks of pixels, each by its opacity; the last blocks may be smaller.

    Parameters
    ----------
    pixels
        (height, width, 4) uint8 RGBA.
    factors
        Rows and columns of a block.

    Returns
    -------
    ndarray
        (ceil(height / rows), ceil(width / columns), 4) uint8 RGBA.
    """
    weighted: NDArray[np.floating[Any]] = _weighted(pixels)
    for axis, factor in enumerate(factors):
        length = pixels.shape[axis]
        starts = np.arange(0, length, factor)
        lengths = np.diff(np.append(starts, length)).astype(np.float32)
        sums = np.add.reduceat(weighted, starts, axis)
        weighted = sums / lengths.reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    return _unweighted(weighted)


def fitted(image: Pixels, size: tuple[int, int]) -> Pixels:
    """Bring a photograph to another size, smoothly.

    Parameters
    ----------
    image
        (height, width) grey, or (height, width, 3 or 4) RGB or RGBA, uint8.
    size
        Height and width of the result, in pixels.

    Returns
    -------
    ndarray
        As ``image``, but for the size.
    """
    from PIL import Image

    return np.asarray(Image.fromarray(image).resize(size[::-1], Image.Resampling.LANCZOS))


def _nearest(length: int, cells: int) -> NDArray[np.int64]:
    # In integers: the centre of pixel i is at (2 i + 1) / (2 length) of the way.
    return (2 * np.arange(length) + 1) * cells // (2 * length)


def _between(length: int, cells: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """Return for each pixel the cells before and after it, and how near it is to the second."""
    places = np.clip((np.arange(length) + 0.5) * cells / length - 0.5, 0, cells - 1)
    low = places.astype(np.intp)
    return low, np.minimum(low + 1, cells - 1), (places - low).astype(np.float32)


def _weighted(pixels: Pixels) -> NDArray[np.float32]:
    """Multiply colours by their opacity, so that what is transparent lends no colour."""
    weighted = pixels.astype(np.float32)
    weighted[..., :3] *= weighted[..., 3:] / 255
    return weighted


def _unweighted(weighted: NDArray[np.floating[Any]]) -> Pixels:
    alpha = weighted[..., 3:]
    weighted[..., :3] *= np.divide(255.0, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    pixels: Pixels = np.rint(np.clip(weighted, 0, 255)).astype(np.uint8)
    return pixels


def stretch(values: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.float64]:
    """Bring a grid of numbers to another shape, bilinearly between the centres of cells.

    Parameters
    ----------
    values
        (rows, columns).
    shape
        Rows and columns of the result.
    """
    for axis, length in enumerate(shape):
        low, high, share = _between(length, values.shape[axis])
        weight = share.astype(np.float64).reshape((-1, 1) if axis == 0 else (1, -1))
        values = values.take(low, axis) * (1 - weight) + values.take(high, axis) * weight
    return values
