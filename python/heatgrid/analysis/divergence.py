"""How far two distributions over the same cells are from each other, as one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shares = NDArray[np.float64]


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
    return min(max(divergence, 0.0), 1.0)  # rounding may pass the ends by a hair


def entropy(p: Shares) -> float:
    """Return the Shannon entropy in bits, ``-sum(p * log2(p))``, where ``0 * log2(0)`` is 0."""
    hit = p[p > 0]
    return float(-(hit * np.log2(hit)).sum()) + 0.0  # no -0.0 for a single cell
