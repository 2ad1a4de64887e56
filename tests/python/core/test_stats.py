"""Statistics over all cells, compared with the definition, the standard library and values by hand."""

from __future__ import annotations

import json
import math
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.core.stats import Stats, percentile

counts = st.lists(st.integers(0, 2**53) | st.integers(0, 4), min_size=1, max_size=40)
sums = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40)
shares = st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 1 / 3])


def by_definition(values: list[Any], p: float) -> float:
    """Return a percentile by its definition."""
    v = sorted(values)
    i = (len(v) - 1) * p
    lo, hi = math.floor(i), math.ceil(i)
    return float(v[lo] * (1 - (i - lo)) + v[hi] * (i - lo)) if hi > lo else float(v[lo])


@given(counts | sums, shares)
def test_percentiles_follow_the_definition(values: list[float], p: float) -> None:
    assert percentile(values, p) == by_definition(values, p)
    assert percentile(np.array(values)[::-1], p) == by_definition(values, p)


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40))
def test_quartiles_equal_the_standard_library(values: list[int]) -> None:
    stats = Stats.of(values)
    expected = statistics.quantiles(values, n=4, method="inclusive")
    assert [stats.q1, stats.median, stats.q3] == pytest.approx(expected, rel=1e-12)
    assert stats.median == pytest.approx(statistics.median(values), rel=1e-12)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_statistics_of_any_counts(values: list[int]) -> None:
    stats = Stats.of(np.array(values, dtype=np.int64))
    assert (stats.min, stats.max) == (float(min(values)), float(max(values)))
    assert stats.total == sum(values)
    assert isinstance(stats.total, int)
    assert stats.mean == sum(values) / len(values)
    assert (stats.cells, stats.covered) == (len(values), sum(value != 0 for value in values))
    assert stats.quartiles == {
        name: by_definition([float(value) for value in values], p)
        for name, p in {"min": 0, "q1": 0.25, "median": 0.5, "q3": 0.75, "max": 1}.items()
    }
    assert stats.rounded == {name: round(value) for name, value in stats.quartiles.items()}


def test_integers_beyond_doubles_are_rounded_but_summed_exactly() -> None:
    stats = Stats.of([2**53 + 1, 2**53 + 1])
    assert stats.median == 2.0**53
    assert stats.total == 2 * (2**53 + 1)
    assert Stats.of(np.full(3, 2**64 - 1, dtype=np.uint64)).total == 3 * (2**64 - 1)


@pytest.mark.parametrize(
    ("values", "median", "rounded"),
    [
        ([0, 1], 0.5, 0),
        ([1, 2], 1.5, 2),
        ([2, 3], 2.5, 2),
        ([3, 4], 3.5, 4),
        ([-1, 0], -0.5, 0),
        ([5], 5.0, 5),
    ],
)
def test_halves_are_rounded_to_even(values: list[int], median: float, rounded: int) -> None:
    stats = Stats.of(values)
    assert (stats.median, stats.rounded["median"]) == (median, rounded)
    assert all(type(value) is int for value in stats.rounded.values())


def test_statistics_of_a_map_include_zeros_and_all_classes() -> None:
    heat = hg.Heatmap((2, 4), ["car", "dog"]).add_points([[0.1, 0.1]] * 3 + [[0.9, 0.9]], labels=[0, 0, 1, 1])
    assert heat.counts.tolist() == [[3, 0, 0, 0], [0, 0, 0, 1]]
    assert heat.stats() == Stats(
        min=0.0, q1=0.0, median=0.0, q3=0.25, max=3.0, mean=0.5, total=4, cells=8, covered=2
    )
    assert heat["car"].stats().total == 2


def test_dtype_and_layout_do_not_matter() -> None:
    values = np.arange(24).reshape(2, 3, 4)
    expected = Stats.of(values)
    for dtype in (np.int8, np.uint8, np.int16, np.int32, np.uint64, np.float32, np.float64):
        assert Stats.of(values.astype(dtype)) == expected
    assert Stats.of(np.asfortranarray(values)) == Stats.of(values[::-1, :, ::-1]) == expected
    assert Stats.of(values.tolist()) == expected
    assert Stats.of(values > 11).total == 12


def test_statistics_do_not_change_the_values() -> None:
    values = np.array([3, 1, 2])
    Stats.of(values)
    percentile(values, 0.5)
    assert values.tolist() == [3, 1, 2]


@pytest.mark.parametrize(
    ("values", "p", "error", "text"),
    [
        ([], 0.5, ValueError, "values must not be empty"),
        (np.zeros((0, 3)), 0.5, ValueError, "values must not be empty"),
        ([1, 2], 1.01, ValueError, r"p must be in \[0, 1\], got 1.01"),
        ([1, 2], -0.01, ValueError, r"p must be in \[0, 1\]"),
        ([1, 2], math.nan, ValueError, r"p must be in \[0, 1\], got nan"),
        ([1, math.nan], 0.5, ValueError, "values must be numbers, got NaN"),
        (["1", "2"], 0.5, TypeError, "values must be real numbers, got dtype <U1"),
        ([1j], 0.5, TypeError, "values must be real numbers, got dtype complex128"),
        ([None], 0.5, TypeError, "values must be real numbers, got dtype object"),
    ],
)
def test_wrong_arguments_raise(values: Any, p: float, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        percentile(values, p)


@pytest.mark.parametrize("values", [[], [math.nan, 1.0], ["a"]])
def test_statistics_require_numbers(values: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="values must"):
        Stats.of(values)


def test_infinite_values_are_accepted() -> None:
    assert percentile([0, math.inf], 1.0) == math.inf
    assert percentile([-math.inf, 0, 1], 0.5) == 0.0


def test_to_dict_holds_plain_numbers() -> None:
    stats = Stats.of([[1, 2], [3, 5]])
    plain = stats.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain == {
        "min": 1.0, "q1": 1.75, "median": 2.5, "q3": 3.5, "max": 5.0,
        "mean": 2.75, "total": 11, "cells": 4, "covered": 4,
        "rounded": {"min": 1, "q1": 2, "median": 2, "q3": 4, "max": 5},
    }  # fmt: skip
    with pytest.raises(AttributeError):
        stats.min = 2.0  # type: ignore[misc]


def test_the_table_of_computed_values_has_one_column() -> None:
    lines = str(Stats.of([0.0, 1 / 3, 0.5])).splitlines()
    assert [line.split() for line in lines] == [
        *(["min", "0"], ["q1", "0.166667"], ["median", "0.333333"], ["q3", "0.416667"], ["max", "0.5"])
    ]


def test_the_table_shows_the_numbers() -> None:
    lines = str(Stats.of([0, 3, 1_234_567, 98_765_432])).splitlines()
    assert [line.split() for line in lines] == [
        ["exact", "rounded"],
        ["min", "0", "0"],
        ["q1", "2.25", "2"],
        ["median", "617,285", "617,285"],
        ["q3", "25,617,283.25", "25,617,283"],
        ["max", "98,765,432", "98,765,432"],
    ]
    assert len({len(line) for line in lines}) == 1
