"""Counts as shares of their sum: what makes maps of different data sets comparable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def shares(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return each cell's share of all hits.

    Parameters
    ----------
    counts
        (rows, columns) counts, none negative.

    Returns
    -------
    ndarray
        (rows, columns) float64 that sum to 1.

    Raises
    ------
    ValueError
        A count is negative, as in a difference of maps, or there are no hits at all.
    """
    check_counts(counts)
    values = counts.astype(np.float64)
    total = values.sum()
    if total == 0:
        raise ValueError("a map without hits has no shares")
    divided: NDArray[np.float64] = values / total
    return divided


def check_counts(counts: NDArray[Any]) -> None:
    """Raise ValueError where counts are negative, as they can be in a difference of maps."""
    if counts.min(initial=0) < 0:
        raise ValueError("counts must not be negative: a difference of maps has no shares")


def centers(cells: int) -> NDArray[np.float64]:
    """Return the places of an axis's cell centres in [0, 1]."""
    places: NDArray[np.float64] = (np.arange(cells) + 0.5) / cells
    return places
