"""Permutation test: exact values, seeds and calibration."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.analysis import p_values, permutation_test
from heatgrid.commands.demo import write_demo
from heatgrid.io.keywords import parse_options
from heatgrid.summary.comparison.blocks import ImageBlocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.float64]


@pytest.fixture(scope="module")
def image_counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Return the counts of 300 street scenes, one row per image."""
    path = tmp_path_factory.mktemp("scenes") / "annotations.json"
    write_demo(path, images=300, seed=3)
    blocks = ImageBlocks(*parse_options((6, 8)))
    for batch in hg.read(path):
        blocks.add(batch)
    return blocks.counts[:, 0]


def test_p_value_converges_to_that_of_all_divisions() -> None:
    counts = [[3, 1, 0], [2, 2, 1], [4, 0, 0], [0, 2, 3], [1, 1, 3], [0, 0, 2], [1, 0, 1]]
    total = np.sum(counts, axis=0)
    drawn = []
    for chosen in combinations(range(7), 3):
        mine = np.sum([counts[i] for i in chosen], axis=0)
        other = total - mine
        drawn.append(np.abs(mine / mine.sum() - other / other.sum()).sum() / 2)
    own = drawn[0]  # the first three
    exact = np.mean([value >= own - 1e-12 for value in drawn])
    found = permutation_test(np.array(counts[:3]), np.array(counts[3:]), 4000, seed=1)
    assert found.statistic == pytest.approx(own)
    assert found.p_value == pytest.approx(exact, abs=0.02)  # four standard errors
    assert found.expected == pytest.approx(np.mean(drawn), abs=0.01)


def test_p_value_is_above_zero_and_at_most_one() -> None:
    apart = permutation_test(np.array([[1, 0]] * 20), np.array([[0, 1]] * 20), 99, seed=0)
    assert apart.p_value == 0.01
    assert (apart.statistic, apart.significant) == (1.0, True)
    alike = permutation_test(np.array([[1, 1]] * 20), np.array([[1, 1]] * 20), 99, seed=0)
    assert (alike.p_value, alike.statistic, alike.significant) == (1.0, 0.0, False)


def test_division_with_all_hits_on_one_side_has_the_largest_statistic() -> None:
    found = permutation_test(np.array([[1, 2], [0, 0]]), np.array([[1, 0], [0, 0]]), 50, seed=0)
    assert 0 < found.p_value <= 1
    assert 0 <= found.expected <= 1


def test_equal_seeds_give_equal_results(image_counts: Counts) -> None:
    tests = [permutation_test(image_counts[:150], image_counts[150:], 99, seed) for seed in (5, 5, 6)]
    assert tests[0] == tests[1]
    assert tests[0] != tests[2]
    assert tests[0].statistic == tests[2].statistic
    assert tests[0].to_dict()["images"] == [150, 150]


def test_p_values_are_uniform_without_a_difference(image_counts: Counts) -> None:
    random = np.random.default_rng(1)
    values = []
    for i in range(100):
        order = random.permutation(len(image_counts))
        a, b = image_counts[order[:60]], image_counts[order[60:100]]
        values.append(permutation_test(a, b, 39, i).p_value)
    assert abs(np.mean(values) - 0.5) < 0.12  # four standard errors
    assert np.mean([value <= 0.1 for value in values]) < 0.22


def test_p_values_are_those_of_each_class_alone() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.poisson(1.0, (30, 3, 6)).astype(float), rng.poisson(1.0, (20, 3, 6)).astype(float)
    b[:, 1] = np.roll(b[:, 1], 1, axis=1) * np.arange(6)  # this class moves to the right
    expected = [permutation_test(a[:, k], b[:, k], 199, seed=4).p_value for k in range(3)]
    assert p_values(a, b, 199, seed=4) == expected
    assert expected[1] == 1 / 200
    assert min(expected[0], expected[2]) > 0.02


def test_paired_p_value_converges_to_that_of_all_exchanges() -> None:
    a = np.array([[3, 1, 0], [2, 2, 1], [4, 0, 0], [1, 0, 2], [2, 1, 0]])
    b = np.array([[1, 2, 1], [2, 2, 1], [1, 1, 1], [1, 0, 2], [0, 3, 0]])
    drawn = []
    for kept in product([True, False], repeat=5):
        first = sum(own if same else other for own, other, same in zip(a, b, kept, strict=True))
        second = (a + b).sum(axis=0) - first
        drawn.append(np.abs(first / first.sum() - second / second.sum()).sum() / 2)
    own = drawn[0]  # nothing is exchanged
    found = permutation_test(a, b, 4000, seed=1, paired=True)
    assert found.statistic == pytest.approx(own)
    assert found.p_value == pytest.approx(np.mean([value >= own - 1e-12 for value in drawn]), abs=0.02)
    assert found.expected == pytest.approx(np.mean(drawn), abs=0.01)


def detections(random: np.random.Generator, missed: float = 0.0) -> tuple[Counts, Counts]:
    """Return counts of two detectors in the same 40 images; the second misses more in the upper third."""
    a, b = np.zeros((2, 40, 6, 8))
    for i in range(40):
        x, y = np.clip(random.random((2, 1)) + random.normal(0, 0.25, (2, random.poisson(6))), 0, 0.999)
        row, column = (y * 6).astype(int), (x * 8).astype(int)
        for counts, found in ((a, 0.8), (b, np.where(row < 2, 0.8 * (1 - missed), 0.8))):
            is_found = random.random(len(row)) < found
            np.add.at(counts[i], (row[is_found], column[is_found]), 1)
    return a.reshape(40, -1), b.reshape(40, -1)


def test_paired_p_values_are_uniform_without_an_effect() -> None:
    """By the statistic of Kolmogorov and Smirnov; 1.63 / sqrt(n) is exceeded in 1 of 100 cases."""
    values = [
        permutation_test(*detections(np.random.default_rng(i)), 99, 1000 + i, paired=True).p_value
        for i in range(1000)
    ]
    ranks = np.arange(1, 1001) / 1000
    assert np.abs(np.sort(values) - ranks).max() < 1.63 / np.sqrt(1000) + 1 / 100  # of the p values' steps


def test_paired_test_finds_what_an_unpaired_one_cannot() -> None:
    found = {True: 0, False: 0}
    for i in range(20):
        a, b = detections(np.random.default_rng(i), missed=0.6)
        for paired in found:
            found[paired] += permutation_test(a, b, 99, 1000 + i, paired=paired).significant
    assert found[True] > 2 * found[False]


def test_paired_p_values_of_classes_are_those_of_each_alone() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.poisson(1.0, (2, 30, 3, 6)).astype(float)
    expected = [permutation_test(a[:, k], b[:, k], 199, 4, paired=True).p_value for k in range(3)]
    assert p_values(a, b, 199, seed=4, paired=True) == expected
