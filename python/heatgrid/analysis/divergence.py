"""Shares of hits per cell, their entropy, and divergences between two grids of shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shares = NDArray[np.float64]


def shares(counts: NDArray[Any]) -> Shares:
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
        A count is negative, as in a difference of maps, or there are no hits.
    """
    check_counts(counts)
    values = counts.astype(np.float64)
    total = values.sum()
    if total == 0:
        raise ValueError("a map without hits has no shares")
    divided: Shares = values / total
    return divided


def check_counts(counts: NDArray[Any]) -> None:
    """Raise ValueError if a count is negative, as in a difference of maps."""
    if counts.min(initial=0) < 0:
        raise ValueError("counts must not be negative: a difference of maps has no shares")


def total_variation(p: Shares, q: Shares) -> float:
    """Return the share of hits that would have to move to make one distribution the other.

    Parameters
    ----------
    p, q
        Shares of one shape, each summing to 1.

    Returns
    -------
    float
        ``sum(|p - q|) / 2``, from 0 (equal) to 1 (no cell in common).

    References
    ----------
    D. A. Levin, Y. Peres, E. L. Wilmer, "Markov Chains and Mixing Times", proposition 4.2.
    """
    return float(np.abs(p - q).sum() / 2)


def jensen_shannon(p: Shares, q: Shares) -> float:
    """Return the Jensen-Shannon divergence in bits (base 2).

    Parameters
    ----------
    p, q
        Shares of one shape, each summing to 1.

    Returns
    -------
    float
        ``H((p + q) / 2) - (H(p) + H(q)) / 2`` with ``H(p) = -sum(p * log2(p))``, from 0 (equal) to 1 (no
        cell in common). Its square root is a metric.

    References
    ----------
    J. Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37 (1991), 145-151.
    """
    middle = (p + q) / 2
    divergence = 0.0
    for own in (p, q):
        hit = own > 0
        divergence += float((own[hit] * np.log2(own[hit] / middle[hit])).sum()) / 2
    return min(max(divergence, 0.0), 1.0)  # rounding errors may exceed the limits slightly


def entropy(p: Shares) -> float:
    """Return the Shannon entropy in bits, ``-sum(p * log2(p))``, where ``0 * log2(0)`` is 0."""
    hit = p[p > 0]
    return float(-(hit * np.log2(hit)).sum()) + 0.0  # no -0.0 for a single cell
