"""Co-occurrence: the cells that classes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis.divergence import check_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
