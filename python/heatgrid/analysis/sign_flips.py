"""Sign-flip test of the difference between a share in one part of the data and elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

_FLIPS_PER_STEP = 64
_ROUNDING = 1e-9  # of statistics around 1, whose sums depend on the order of addition


def sign_flip_test(
    outcome: NDArray[np.bool_],
    parts: NDArray[np.bool_],
    image: Integers,
    permutations: int,
    seed: int,
) -> tuple[Doubles, Doubles]:
    """Return statistics and p values of a different share of true outcomes in each of several parts.

    The sampling unit is the image, since outcomes of one image are not independent. Each image contributes
    the covariance of the outcome and the part among its items, about the means of all items. If the share is
    the same inside and outside of a part, contributions of either sign are equally likely: random signs give
    the distribution of their sum.

    Parameters
    ----------
    outcome
        (N,) whether each item, such as an object, has the outcome, such as found.
    parts
        (N, R) whether each item belongs to each part.
    image
        (N,) number of the image of each item.
    permutations
        The number of random signs of all images.
    seed
        Equal seeds give equal results.

    Returns
    -------
    statistics
        (R,) sums of the contributions over the root of their sum of squares: positive if the share is larger
        inside of the part; 0 if it cannot differ.
    p_values
        (R,) ``(1 + number of flips whose largest absolute statistic of all parts reaches it) / (1 +
        permutations)``: corrected for the number of parts.

    References
    ----------
    J. Hemerik, J. J. Goeman, L. Finos, "Robust testing in generalized linear models by sign flipping score
    contributions", Journal of the Royal Statistical Society B 82 (2020), 841-864.
    P. H. Westfall, S. S. Young, "Resampling-based multiple testing", Wiley 1993: the largest statistic.
    """
    if not len(outcome):
        return np.zeros(parts.shape[1]), np.ones(parts.shape[1])
    number = np.unique(image, return_inverse=True)[1]
    residual = outcome - outcome.mean()
    own = np.bincount(number, weights=residual)
    scores = np.empty((len(own), parts.shape[1]))
    for r, part in enumerate(np.ascontiguousarray(parts.T)):
        inside = np.flatnonzero(part)
        sums = np.bincount(number[inside], weights=residual[inside], minlength=len(own))
        scores[:, r] = sums - len(inside) / len(part) * own
    scale = np.sqrt((scores**2).sum(axis=0))
    proper = scale > _ROUNDING
    scores = np.divide(scores, scale, out=np.zeros_like(scores), where=proper)
    statistics = scores.sum(axis=0)
    reached = np.zeros(len(statistics), dtype=np.int64)
    random = np.random.default_rng(seed)
    for begin in range(0, permutations, _FLIPS_PER_STEP):
        count = min(_FLIPS_PER_STEP, permutations - begin)
        signs = 2.0 * random.integers(0, 2, size=(count, len(scores)), dtype=np.int8) - 1
        largest = np.abs(signs @ scores).max(axis=1, initial=0.0)
        reached += (largest[:, np.newaxis] >= np.abs(statistics) - _ROUNDING).sum(axis=0)
    return statistics, np.where(proper, (1 + reached) / (1 + permutations), 1.0)
