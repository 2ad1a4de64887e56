"""Shares of hits per cell: entropy, divergences of two grids, and a permutation test."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def shares(counts: NDArray[Any]) -> Floats:
    """Return each cell's share of all hits; ValueError if a count is negative or there are no hits."""
    check_counts(counts)
    values = counts.astype(np.float64)
    total = values.sum()
    if total == 0:
        raise ValueError("a map without hits has no shares")
    divided: Floats = values / total
    return divided


def check_counts(counts: NDArray[Any]) -> None:
    """Raise ValueError if a count is negative, as in a difference of maps, or a cell has no data."""
    if counts.dtype.kind == "f" and np.isnan(counts).any():
        raise ValueError("counts must not be NaN: a map with cells without data has no shares")
    if counts.min(initial=0) < 0:
        raise ValueError("counts must not be negative: a difference of maps has no shares")


def total_variation(p: Floats, q: Floats) -> float:
    """Return the share of hits that would have to move to make one distribution the other.

    ``sum(|p - q|) / 2``, from 0 (equal) to 1 (no cell in common); D. A. Levin, Y. Peres, E. L. Wilmer,
    "Markov Chains and Mixing Times", proposition 4.2.
    """
    return float(np.abs(p - q).sum() / 2)


def jensen_shannon(p: Floats, q: Floats) -> float:
    """Return the Jensen-Shannon divergence in bits, from 0 (equal) to 1 (no cell in common).

    ``H((p + q) / 2) - (H(p) + H(q)) / 2`` with ``H(p) = -sum(p * log2(p))``. Its square root is a metric. J.
    Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37 (1991), 145-151.
    """
    middle = (p + q) / 2
    divergence = 0.0
    for own in (p, q):
        hit = own > 0
        divergence += float((own[hit] * np.log2(own[hit] / middle[hit])).sum()) / 2
    return min(max(divergence, 0.0), 1.0)  # rounding errors may exceed the limits slightly


def entropy(p: Floats) -> float:
    """Return the Shannon entropy in bits, ``-sum(p * log2(p))``, where ``0 * log2(0)`` is 0."""
    hit = p[p > 0]
    return float(-(hit * np.log2(hit)).sum()) + 0.0  # no -0.0 for a single cell


LEVEL = 0.05
"""Significance level."""

_DIVISIONS_PER_STEP = 64
_CLASSES_PER_STEP = 100
_ROUNDING = 1e-12  # equal divisions of the images may differ by this much


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """Probability of a difference this large by chance alone.

    The sampling unit is the image, since annotations of one image are not independent. The images of both
    data sets are divided at random into two sets of the same sizes, many times. Without a true difference,
    the actual division is like any other. A paired test uses the images that both data sets have: the two
    sides of each image are exchanged with probability 1/2, many times.

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
        The number of images of each data set that are tested.
    block
        The number of consecutive images that stay together, to bound memory; 1 for small data sets.
    shape
        Rows and columns of the tested grid: those of the maps, or fewer for more than 10,000 cells.
    paired
        Whether the images of both data sets are the same, and tested in pairs.
    unpaired_images
        The number of images of each data set that a paired test leaves out: the other has none of this name.

    References
    ----------
    B. Phipson, G. K. Smyth, "Permutation p-values should never be zero", Statistical Applications in
    Genetics and Molecular Biology 9 (2010).
    T. E. Nichols, A. P. Holmes, "Nonparametric permutation tests for functional neuroimaging", Human Brain
    Mapping 15 (2002), 1-25.

    Examples
    --------
    >>> import heatgrid as hg
    >>> test = hg.compare("train.json", "valid.json", 10, permutations=99).test
    >>> test.permutations, 0 < test.p_value <= 1
    (99, True)
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
    paired: bool = False
    unpaired_images: tuple[int, int] = (0, 0)

    @property
    def significant(self) -> bool:
        """True if ``p_value`` is at most 0.05."""
        return self.p_value <= LEVEL

    def to_dict(self) -> dict[str, Any]:
        """Return the test as plain numbers and lists."""
        pairs = {name: list(getattr(self, name)) for name in ("images", "shape", "unpaired_images")}
        return asdict(self) | pairs


def permutation_test(
    a: Floats,
    b: Floats,
    permutations: int,
    seed: int,
    *,
    shape: tuple[int, int] | None = None,
    images: tuple[int, int] | None = None,
    block: int = 1,
    paired: bool = False,
    unpaired_images: tuple[int, int] = (0, 0),
) -> PermutationTest:
    """Test the difference of two data sets that both have hits; equal seeds give equal results.

    ``a`` and ``b`` are (blocks, cells) counts, one row per image or block of ``block`` consecutive images;
    if they are ``paired``, equal rows are of the same images. ``images`` are the numbers of images of both,
    by default the numbers of rows; ``shape`` is that of the grid, by default one row.
    """
    counts = np.concatenate([a, b])
    total = counts.sum(axis=0)
    actual = np.zeros((1, len(counts)))
    actual[0, : len(a)] = 1
    statistic = float(_differences(actual, counts, total)[0][0])
    variations, greatest = np.empty(permutations), np.empty(permutations)
    for step, chosen in _divisions(len(a), len(b), permutations, seed, paired=paired):
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
        paired=paired,
        unpaired_images=unpaired_images,
    )


def p_values(a: Floats, b: Floats, permutations: int, seed: int, *, paired: bool = False) -> list[float]:
    """Return the p value of each class, as `permutation_test` defines it, without further correction.

    ``a`` and ``b`` are (blocks, classes, cells) counts. All classes share the random divisions.
    """
    counts = np.concatenate([a, b])
    actual = np.zeros((1, len(counts)))
    actual[0, : len(a)] = 1
    total = counts.sum(axis=0)
    statistics = _differences(actual, counts, total)[0][0]
    reached = np.zeros(len(statistics), dtype=np.int64)
    parts = [slice(begin, begin + _CLASSES_PER_STEP) for begin in range(0, len(total), _CLASSES_PER_STEP)]
    for _, chosen in _divisions(len(a), len(b), permutations, seed, paired=paired):
        for part in parts:
            variations, _ = _differences(chosen, counts[:, part], total[part])
            reached[part] += (variations >= statistics[part] - _ROUNDING).sum(axis=0)
    return [(1 + n) / (1 + permutations) for n in reached.tolist()]


def _divisions(
    first: int, second: int, permutations: int, seed: int, *, paired: bool
) -> Iterator[tuple[slice, Floats]]:
    """Yield random choices of ``first`` of all blocks, (divisions, blocks) of 0 and 1, in steps.

    Of ``paired`` blocks, one of each pair is chosen.
    """
    random = np.random.default_rng(seed)
    for begin in range(0, permutations, _DIVISIONS_PER_STEP):
        count = min(_DIVISIONS_PER_STEP, permutations - begin)
        if paired:
            own = random.integers(0, 2, (count, first)).astype(np.float64)
            chosen = np.concatenate([own, 1 - own], axis=1)
        else:
            chosen = np.zeros((count, first + second))
            for row in chosen:
                row[random.permutation(first + second)[:first]] = 1
        yield slice(begin, begin + count), chosen


def _differences(chosen: Floats, counts: Floats, total: Floats) -> tuple[Floats, Floats]:
    """Return the total variation and the largest difference of a cell for each division of the blocks.

    ``counts`` are (blocks, cells), or (blocks, classes, cells) for results of each class.
    """
    # Sums of integers below 2**53 are exact in any order, so results do not depend on the machine.
    first = (chosen @ counts.reshape(len(counts), -1)).reshape(len(chosen), *total.shape)
    second = total - first
    sums = first.sum(axis=-1), second.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.abs(first / sums[0][..., np.newaxis] - second / sums[1][..., np.newaxis])
    one_sided = (sums[0] == 0) | (sums[1] == 0)
    difference[one_sided] = 0
    variation, greatest = difference.sum(axis=-1) / 2, difference.max(axis=-1)
    variation[one_sided] = greatest[one_sided] = 1.0  # the largest possible difference
    return variation, greatest
