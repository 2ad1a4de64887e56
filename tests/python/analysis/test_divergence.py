"""Total variation and Jensen-Shannon: values by hand, laws, and scipy as reference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatgrid.analysis import jensen_shannon, shares, total_variation

A = np.array([[0.5, 0.5], [0.0, 0.0]])
B = np.array([[0.0, 0.5], [0.25, 0.25]])


def test_total_variation_by_hand() -> None:
    assert total_variation(A, B) == 0.5


def test_jensen_shannon_by_hand() -> None:
    # The middle is 1/4, 1/2, 1/8, 1/8: 1.75 bits. A has 1 bit, B has 1.5: 1.75 - (1 + 1.5) / 2.
    assert jensen_shannon(A, B) == pytest.approx(0.5, abs=1e-15)
    # 3/4, 1/4 against 1/4, 3/4: 1 bit less that of 3/4, 1/4.
    p, q = np.array([0.75, 0.25]), np.array([0.25, 0.75])
    assert jensen_shannon(p, q) == pytest.approx(1 + 0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))


def test_equal_maps_give_0_and_disjoint_maps_1() -> None:
    apart = A[::-1]
    assert (total_variation(A, A), jensen_shannon(A, A)) == (0.0, 0.0)
    assert (total_variation(A, apart), jensen_shannon(A, apart)) == (1.0, 1.0)


def test_shares_sum_to_one() -> None:
    assert shares(np.array([[1, 3], [0, 4]])).tolist() == [[0.125, 0.375], [0, 0.5]]


@pytest.mark.parametrize(
    ("counts", "message"), [([[0, 0]], "without hits"), ([[1, -1]], "counts must not be negative")]
)
def test_counts_without_shares_raise(counts: list[list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shares(np.array(counts))


cells = st.lists(st.integers(0, 20), min_size=6, max_size=6).filter(any)


@given(cells, cells, cells)
def test_laws(a: list[int], b: list[int], c: list[int]) -> None:
    p, q, r = (shares(np.array(values)) for values in (a, b, c))
    for divergence in (total_variation, jensen_shannon):
        assert 0 <= divergence(p, q) <= 1 + 1e-12
        assert divergence(p, q) == pytest.approx(divergence(q, p))
    assert total_variation(p, r) <= total_variation(p, q) + total_variation(q, r) + 1e-12
    roots = [math.sqrt(jensen_shannon(*pair)) for pair in ((p, r), (p, q), (q, r))]
    assert roots[0] <= roots[1] + roots[2] + 1e-7
    assert jensen_shannon(p, q) <= total_variation(p, q) + 1e-12  # Lin's bound, in bits


@pytest.mark.peers
def test_scipy_gives_the_same_jensen_shannon() -> None:
    distance = pytest.importorskip("scipy.spatial.distance")
    p, q = (np.random.default_rng(3).random(50) for _ in range(2))
    q[:20] = 0
    p, q = p / p.sum(), q / q.sum()
    assert jensen_shannon(p, q) == pytest.approx(distance.jensenshannon(p, q, base=2) ** 2)
