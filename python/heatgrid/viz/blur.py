"""Gaussian smoothing for display; statistics and clicks use the raw counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from heatgrid.viz.scales import as_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from heatgrid.viz.options import Blur

    Floats: TypeAlias = NDArray[np.float64]

DIRECT = 16
"""Maximum radius of a convolution by shifted arrays; larger ones are one matrix product per axis."""


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

    Parameters
    ----------
    values
        (rows, columns) real numbers. NaN means "no data": it stays NaN, and its neighbors ignore it.
    sigma
        Standard deviation in cells, or one for the rows and one for the columns; 0 keeps the values.
    truncate
        The Gaussian is cut off at ``int(truncate * sigma + 0.5)`` cells.

    Returns
    -------
    ndarray
        (rows, columns) float64. Without NaN the sum of all cells is kept, up to rounding.

    Raises
    ------
    ValueError
        The grid is not two-dimensional, or ``sigma`` or ``truncate`` is negative or not finite.

    Notes
    -----
    Mirroring repeats the edge cell, ``d c b a | a b c d | d c b a``, as often as the radius requires.
    """
    grid = np.array(values, dtype=np.float64)
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
