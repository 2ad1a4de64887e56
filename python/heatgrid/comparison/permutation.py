"""Whether two sets of images differ beyond chance: a permutation test over images."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.comparison.blocks import to_one_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.comparison.blocks import ImageBlocks

LEVEL = 0.05
"""Chance beyond which a difference is called one."""

_AT_A_TIME = 64
_HAIR = 1e-12  # equal divisions of the images may differ by rounding


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """How often chance alone makes as great a difference.

    Images, not annotations, are what was sampled: the annotations of one image go together. So the images of
    both data sets are divided anew, at random and into sets of the same sizes, many times over; were there
    no difference, the data sets' own division would be one like any other.

    Attributes
    ----------
    p_value
        ``(1 + number of divisions with at least the own statistic) / (1 + permutations)``.
    statistic
        The total variation of the own division, on a grid of ``shape``.
    expected
        Its mean over the random divisions: what chance alone makes.
    limit
        Its 95th percentile over the random divisions.
    cell_limit
        The 95th percentile of the greatest absolute difference of shares in any cell: a cell whose
        difference exceeds it differs beyond chance, all cells being looked at (Nichols and Holmes).
    permutations
        The number of random divisions.
    seed
        Equal seeds give equal results.
    images
        The images of both data sets.
    block
        How many consecutive images were kept together, so that memory is bounded; 1 for small data sets.
    shape
        Rows and columns of the grid tested on: the maps' own, unless it is larger than some 10,000 cells.

    References
    ----------
    B. Phipson, G. K. Smyth, "Permutation p-values should never be zero", Statistical Applications in
    Genetics and Molecular Biology 9 (2010).
    T. E. Nichols, A. P. Holmes, "Nonparametric permutation tests for functional neuroimaging", Human Brain
    Mapping 15 (2002), 1-25.
    """

    p_value: float
    statistic: float
    expected: float
    limit: float
    cell_limit: float
    permutations: int
    seed: int
    images: tuple[int, int]
    block: int
    shape: tuple[int, int]

    @property
    def significant(self) -> bool:
        """Whether ``p_value`` is at most 0.05."""
        return self.p_value <= LEVEL

    def to_dict(self) -> dict[str, Any]:
        """Return the test as plain numbers and lists."""
        return asdict(self) | {"images": list(self.images), "shape": list(self.shape)}


def permutation_test(a: ImageBlocks, b: ImageBlocks, permutations: int, seed: int) -> PermutationTest:
    """Test two data sets, which both have hits; see `PermutationTest`."""
    to_one_size(a, b)
    counts = np.concatenate([a.counts, b.counts])
    total = counts.sum(axis=0)
    own = np.zeros((1, len(counts)))
    own[0, : len(a.counts)] = 1
    statistic = float(_differences(own, counts, total)[0][0])
    drawn, greatest = np.empty(permutations), np.empty(permutations)
    random = np.random.default_rng(seed)
    for first in range(0, permutations, _AT_A_TIME):
        chosen = np.zeros((min(_AT_A_TIME, permutations - first), len(counts)))
        for row in chosen:
            row[random.permutation(len(counts))[: len(a.counts)]] = 1
        there = slice(first, first + len(chosen))
        drawn[there], greatest[there] = _differences(chosen, counts, total)
    reached = int((drawn >= statistic - _HAIR).sum())
    return PermutationTest(
        p_value=(1 + reached) / (1 + permutations),
        statistic=statistic,
        expected=float(drawn.mean()),
        limit=float(np.quantile(drawn, 1 - LEVEL)),
        cell_limit=float(np.quantile(greatest, 1 - LEVEL)),
        permutations=permutations,
        seed=seed,
        images=(a.images, b.images),
        block=a.size,
        shape=a.shape,
    )


def _differences(
    chosen: NDArray[np.float64], counts: NDArray[np.float64], total: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return total variation and greatest difference of a cell, for each division of the blocks.

    Sums of whole numbers below 2**53 are exact in whatever order, so that results do not depend on the
    machine. Where one side has no hits, the difference is the greatest there is.
    """
    mine = chosen @ counts
    other = total - mine
    sums = mine.sum(axis=1), other.sum(axis=1)
    without = (sums[0] == 0) | (sums[1] == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.abs(mine / sums[0][:, np.newaxis] - other / sums[1][:, np.newaxis])
    difference[without] = 0
    variation, greatest = difference.sum(axis=1) / 2, difference.max(axis=1)
    variation[without] = greatest[without] = 1.0
    return variation, greatest
