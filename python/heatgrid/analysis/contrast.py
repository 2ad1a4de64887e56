"""Contrast of polygon maps: an optional step after counting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def polygon_contrast(
    counts: ArrayLike,
    polygons: int,
    *,
    sigma: float = 0.115,
    truncate: float = 4.0,
    power: float = 2.3,
    floor: float = 0.04,
    gain: float = 0.2555,
) -> NDArray[np.int64]:
    """Blur a polygon map, increase its contrast, and scale it to the number of polygons.

    Parameters
    ----------
    counts
        (rows, columns) counts.
    polygons
        Number of polygons that were counted.
    sigma
        Standard deviation of the Gaussian, as a share of the number of rows.
    truncate
        Radius of the Gaussian kernel in standard deviations.
    power
        Exponent of the blurred map, which is divided by its maximum first.
    floor
        Value that is mapped to 0 after that; the range from it to 1 is stretched to [0, 1].
    gain
        New maximum as a share of ``polygons``; the maximum is at least 1.

    Returns
    -------
    ndarray
        (rows, columns) int64 in ``[0, max(1, round(gain * polygons))]``, rounded half to even.

    Raises
    ------
    ValueError
        A count is negative, or the counts are not a grid.
    """
    from heatgrid.viz.pixels import gaussian

    values = np.asarray(counts, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"counts must have shape (rows, columns), got {values.shape}")
    if not (values >= 0).all():
        raise ValueError("counts must not be negative")
    if not values.any():
        return np.zeros(values.shape, dtype=np.int64)
    blurred: NDArray[np.float64] = gaussian(values, sigma * values.shape[0], truncate=truncate)
    shares = (blurred / blurred.max()) ** power
    stretched = np.clip((shares - floor) / (1.0 - floor), 0.0, 1.0)
    top = max(1, round(gain * polygons))
    scaled: NDArray[np.float64] = np.clip(np.rint(stretched * top), 0, top)
    return scaled.astype(np.int64)
