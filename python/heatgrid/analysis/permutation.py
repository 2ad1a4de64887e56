"""Permutation test of the difference between two sets of images."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

LEVEL = 0.05
"""Significance level."""

_DIVISIONS_PER_STEP = 64
_ROUNDING = 1e-12  # equal divisions of the images may differ by this much


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Frequency with which chance alone makes as large a difference.

    The sampling unit is the image, since annotations of one image are not independent. The images of both
    data sets are divided at random into two sets of the same sizes, many times. Without a true difference,
    the actual division is like any other.

    Attributes
    ----------
    p_value
        ``(1 + number of divisions with at least the actual statistic) / (1 + permutations)``.
    statistic
        The total variation of the actual division, on a grid of ``shape``.
    expected
        The mean total variation of the random divisions: the difference expected by chance.
    limit
        The 95th percentile of the random divisions.
    cell_limit
        The 95th percentile of the largest absolute difference of shares in any cell. A cell with a larger
        difference differs beyond chance, corrected for the number of cells (Nichols and Holmes).
    permutations
        The number of random divisions.
    seed
        Equal seeds give equal results.
    images
        The number of images of each data set.
    block
        The number of consecutive images that stay together, to bound memory; 1 for small data sets.
    shape
        Rows and columns of the tested grid: those of the maps, or fewer for more than 10,000 cells.

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


def permutation_test(
    a: Doubles,
    b: Doubles,
    permutations: int,
    seed: int,
    *,
    shape: tuple[int, int] | None = None,
    images: tuple[int, int] | None = None,
    block: int = 1,
) -> PermutationTest:
    """Test the difference of two data sets that both have hits.

    Parameters
    ----------
    a, b
        (blocks, cells) counts, one row per image or block of ``block`` consecutive images.
    permutations
        The number of random divisions.
    seed
        Equal seeds give equal results.
    shape
        Rows and columns of the grid; one row by default.
    images
        The number of images of each data set; the number of rows by default.
    block
        The number of images per row.

    Returns
    -------
    PermutationTest
        The p-value and the limits.
    """
    counts = np.concatenate([a, b])
    total = counts.sum(axis=0)
    actual = np.zeros((1, len(counts)))
    actual[0, : len(a)] = 1
    statistic = float(_differences(actual, counts, total)[0][0])
    variations, greatest = np.empty(permutations), np.empty(permutations)
    random = np.random.default_rng(seed)
    for first in range(0, permutations, _DIVISIONS_PER_STEP):
        chosen = np.zeros((min(_DIVISIONS_PER_STEP, permutations - first), len(counts)))
        for row in chosen:
            row[random.permutation(len(counts))[: len(a)]] = 1
        step = slice(first, first + len(chosen))
        variations[step], greatest[step] = _differences(chosen, counts, total)
    reached = int((variations >= statistic - _ROUNDING).sum())
    return PermutationTest(
        p_value=(1 + reached) / (1 + permutations),
        statistic=statistic,
        expected=float(variations.mean()),
        limit=float(np.quantile(variations, 1 - LEVEL)),
        cell_limit=float(np.quantile(greatest, 1 - LEVEL)),
        permutations=permutations,
        seed=seed,
        images=images or (len(a), len(b)),
        block=block,
        shape=shape or (1, counts.shape[1]),
    )


def _differences(chosen: Doubles, counts: Doubles, total: Doubles) -> tuple[Doubles, Doubles]:
    """Return the total variation and the largest difference of a cell for each division of the blocks."""
    # Sums of integers below 2**53 are exact in any order, so results do not depend on the machine.
    first = chosen @ counts
    second = total - first
    sums = first.sum(axis=1), second.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.abs(first / sums[0][:, np.newaxis] - second / sums[1][:, np.newaxis])
    one_sided = (sums[0] == 0) | (sums[1] == 0)
    difference[one_sided] = 0
    variation, greatest = difference.sum(axis=1) / 2, difference.max(axis=1)
    variation[one_sided] = greatest[one_sided] = 1.0  # the largest possible difference
    return variation, greatest
