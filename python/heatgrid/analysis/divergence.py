"""Shares of hits per cell: entropy, divergences of two grids, and co-occurrence of classes."""

from __future__ import annotations

from dataclasses import dataclass
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


_CHUNK = 1 << 14
"""Cells per step, so that memory does not grow with the grid."""


@dataclass(frozen=True, slots=True, eq=False)
class CoOccurrence:
    """Cells that K classes share.

    Attributes
    ----------
    classes
        (K,) names.
    cells
        (K, K) int64: the number of cells where both classes have hits. The diagonal has the cells of each
        class.
    jaccard
        (K, K) float64: cells with both over cells with either, ``n_ij / (n_i + n_j - n_ij)``, in [0, 1].
    overlap
        (K, K) float64: the common part of the two distributions, ``sum(min(p_i, p_j)) = 1 - sum(|p_i -
        p_j|) / 2``, in [0, 1], where p is a cell's share of the class's hits. Unlike ``jaccard`` it weighs
        cells by their hits.

    Notes
    -----
    The rows of classes without hits are 0. Cells add up all images: two classes that share cells need not
    appear in the same image.

    References
    ----------
    P. Jaccard, "The distribution of the flora in the alpine zone", New Phytologist 11 (1912), 37-50.
    T. W. Schoener, "The Anolis lizards of Bimini: resource partitioning in a complex fauna", Ecology 49
    (1968), 704-726: overlap.
    """

    classes: tuple[str, ...]
    cells: NDArray[np.int64]
    jaccard: NDArray[np.float64]
    overlap: NDArray[np.float64]

    @classmethod
    def of(cls, classes: tuple[str, ...], by_class: NDArray[Any]) -> CoOccurrence:
        """Return the co-occurrence of (K, rows, columns) counts.

        Raises
        ------
        ValueError
            A count is negative, as in a difference of maps.
        """
        check_counts(by_class)
        count = len(classes)
        flat = by_class.reshape(count, -1)
        totals = flat.sum(axis=1, dtype=np.float64)
        scale = np.divide(1.0, totals, out=np.zeros(count), where=totals > 0)[:, np.newaxis]
        both, overlap = np.zeros((count, count)), np.zeros((count, count))
        for first in range(0, flat.shape[1], _CHUNK):
            part = flat[:, first : first + _CHUNK]
            hit = (part > 0).astype(np.float64)
            both += hit @ hit.T  # exact: integers far below 2**53
            shares = part * scale
            for k in range(count):
                overlap[k] += np.minimum(shares[k], shares).sum(axis=1)
        own = np.diag(both)
        either = own[:, np.newaxis] + own - both
        jaccard = np.divide(both, either, out=np.zeros_like(both), where=either > 0)
        return cls(classes, both.astype(np.int64), jaccard, overlap)

    def pairs(self, n: int = 10) -> list[dict[str, Any]]:
        """Return the n pairs of classes with the most overlap, as dicts; ties keep the order of classes."""
        first, second = np.triu_indices(len(self.classes), 1)
        order = np.argsort(-self.overlap[first, second], kind="stable")[:n]
        return [
            {
                "classes": (self.classes[i], self.classes[j]),
                "cells": int(self.cells[i, j]),
                "jaccard": float(self.jaccard[i, j]),
                "overlap": float(self.overlap[i, j]),
            }
            for i, j in zip(first[order].tolist(), second[order].tolist(), strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the matrices as plain lists."""
        matrices = {name: getattr(self, name).tolist() for name in ("cells", "jaccard", "overlap")}
        return {"classes": list(self.classes), **matrices}
