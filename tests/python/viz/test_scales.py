"""Scales by hand, and the laws that all of them keep."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatgrid.viz import Scale

KINDS = ("linear", "log", "sqrt", "rank", "percentile", "gamma")
COUNTS = [0, 0, 0, 1, 1, 3, 8, 99]


@pytest.mark.parametrize(
    ("kind", "value", "share"),
    [
        ("linear", 33, 1 / 3),
        ("log", 9, 0.5),
        ("sqrt", 11, 1 / 3),
        ("gamma", 11, 1 / 3),
        ("rank", 1, 2 / 5),
        ("rank", 3, 3 / 5),
        ("rank", 2, 1 / 2),
    ],
)
def test_shares_by_hand(kind: Any, value: float, share: float) -> None:
    scale = Scale.of(COUNTS, kind)
    assert (scale.vmin, scale.vmax) == (0, 99)
    assert scale.normalize([value, 0, 99]) == pytest.approx([share, 0, 1])
    assert scale.invert(share) == pytest.approx(value)


def test_percentiles_clip() -> None:
    scale = Scale.of(np.arange(101), "percentile", percentiles=(10, 90))
    assert (scale.vmin, scale.vmax) == (10, 90)
    assert scale.normalize([0, 10, 50, 90, 100]).tolist() == [0, 0, 0.5, 1, 1]


def test_equal_percentiles_use_the_whole_range() -> None:
    scale = Scale.of([0] * 999 + [7], "percentile")
    assert (scale.vmin, scale.vmax) == (0, 7)


@given(st.sampled_from(KINDS), st.lists(st.integers(-1000, 1000), min_size=1, max_size=30))
def test_scales_rise_from_0_to_1(kind: Any, values: list[int]) -> None:
    scale = Scale.of(values, kind)
    shares = scale.normalize(sorted(values))
    assert (np.diff(shares) >= 0).all()
    assert shares.min() >= 0
    assert shares.max() <= 1


@given(st.sampled_from(KINDS), st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_inversion_is_exact(kind: Any, values: list[int]) -> None:
    scale = Scale.of(values, kind)
    inside = np.clip(values, scale.vmin, scale.vmax)
    if scale.vmin < scale.vmax:
        assert scale.invert(scale.normalize(inside)) == pytest.approx(inside, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_values_beyond_the_ends_are_clipped(kind: Any) -> None:
    scale = Scale.of(COUNTS, kind, vmin=1, vmax=8)
    assert scale.normalize([-5, 0, 1, 8, 9, 10**12]).tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("values", "share"), [([5, 5, 5], 1.0), ([0, 0], 0.0), ([-2, -2], 0.0)])
def test_constant_maps(kind: Any, values: list[int], share: float) -> None:
    if kind == "percentile" or kind != "rank" or share == 1.0:
        assert Scale.of(values, kind).normalize(values).tolist() == [share] * len(values)


def test_zero_is_on_the_scale() -> None:
    assert Scale.of([3, 9]).vmin == 0
    ends = Scale.of([-4, -3])
    assert (ends.vmin, ends.vmax) == (-4, 0)
    assert Scale.of([3, 9], vmin=20).vmax == 20
    assert Scale.of([3, 9], vmax=-1).vmin == -1


@pytest.mark.parametrize("kind", KINDS)
def test_nan_is_kept_and_ignored(kind: Any) -> None:
    scale = Scale.of([math.nan, 0, 2, 4], kind)
    assert np.isnan(scale.normalize([math.nan, 4])).tolist() == [True, False]
    assert np.isnan(Scale.of([math.nan], kind).normalize([math.nan])).all()


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1, math.inf], {}, "infinite"),
        ([1], {"kind": "cubic"}, "scale must be one of"),
        ([1], {"vmin": 2, "vmax": 1}, "vmin"),
        ([1], {"vmax": math.nan}, "vmax"),
        ([1], {"gamma": 0}, "gamma"),
        ([-1.7e308, 1.7e308], {}, "too far apart"),
    ],
)
def test_wrong_values_are_named(values: list[float], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Scale.of(values, **options)


def test_infinite_values_are_refused_by_normalize() -> None:
    with pytest.raises(ValueError, match="infinite"):
        Scale.of([1]).normalize([math.inf])


def test_text_is_refused() -> None:
    with pytest.raises(TypeError, match="real numbers"):
        Scale.of(np.array(["1"]))
