"""Sign-flip test: by its definition, under no effect, and with an effect."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from heatgrid.analysis import sign_flip_test


def test_statistic_and_p_value_by_definition() -> None:
    outcome = [True, False, True, True, False, True, False, False, True]
    inside = [[1, 0], [1, 1], [0, 1], [0, 0], [1, 0], [0, 0], [1, 1], [1, 0], [0, 0]]
    image = [4, 4, 4, 7, 7, 0, 0, 2, 2]
    statistics, p_values = sign_flip_test(
        np.array(outcome), np.array(inside, dtype=bool), np.array(image), 9999, seed=1
    )
    share = sum(outcome) / 9
    sums = []
    for r in (0, 1):
        part = sum(row[r] for row in inside) / 9
        sums.append(
            [
                sum(
                    (outcome[i] - share) * (inside[i][r] - part) for i in range(9) if image[i] == one
                )
                for one in (0, 2, 4, 7)
            ]
        )  # fmt: skip
    scaled = [[value / sum(v * v for v in own) ** 0.5 for value in own] for own in sums]
    assert statistics == pytest.approx([sum(own) for own in scaled])
    # All 16 choices of signs are equally likely; the largest statistic of both parts counts.
    largest = [
        max(abs(sum(s * v for s, v in zip(signs, own, strict=True))) for own in scaled)
        for signs in product((-1, 1), repeat=4)
    ]
    exact = [sum(value >= abs(sum(own)) - 1e-12 for value in largest) / 16 for own in scaled]
    assert p_values == pytest.approx(exact, abs=0.02)


def test_equal_seeds_give_equal_results() -> None:
    random = np.random.default_rng(0)
    items = random.random(500) < 0.5, random.random((500, 3)) < 0.4, random.integers(0, 40, 500)
    first, second, other = (sign_flip_test(*items, 199, seed)[1] for seed in (1, 1, 2))
    assert first.tolist() == second.tolist()
    assert first.tolist() != other.tolist()


def test_parts_that_cannot_differ() -> None:
    every = np.ones((4, 1), dtype=bool)
    statistics, p_values = sign_flip_test(np.array([1, 0, 1, 0], dtype=bool), every, np.arange(4), 99, 0)
    assert (statistics.tolist(), p_values.tolist()) == ([0.0], [1.0])
    statistics, p_values = sign_flip_test(
        np.ones(4, dtype=bool), every & [[1], [0], [1], [0]] > 0, np.arange(4), 99, 0
    )
    assert p_values.tolist() == [1.0]
    assert sign_flip_test(np.zeros(0, dtype=bool), every[:0], np.arange(0), 99, 0)[1].tolist() == [1.0]


def p_value(seed: int, effect: float) -> float:
    """Return the p value of data whose images differ much, with less chance of the outcome in the part."""
    random = np.random.default_rng(seed)
    image = np.repeat(np.arange(80), random.poisson(4, 80))
    part = (
        0.5 * random.random(len(image)) + 0.5 * random.random(80)[image] < 0.33
    )  # images differ in place, too
    chance = random.beta(3, 2, 80)[image] - effect * part
    outcome = random.random(len(image)) < chance
    return float(sign_flip_test(outcome, part[:, np.newaxis], image, 99, seed)[1][0])


@pytest.mark.peers
def test_p_is_uniform_without_effect() -> None:
    stats = pytest.importorskip("scipy.stats")
    found = [p_value(seed, 0.0) for seed in range(1000)]
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert np.mean(np.array(found) <= 0.05) < 0.07


def test_effect_is_found() -> None:
    assert np.mean([p_value(seed, 0.25) <= 0.05 for seed in range(60)]) > 0.7
