"""Contrast of polygon maps: parameters, range, rounding, errors, and a comparison with scipy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

import reference
from heatgrid.analysis import polygon_contrast

grids = hypothesis_numpy.arrays(
    np.int64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 30)
)


def peaks(rows: int, columns: int) -> Any:
    rng = np.random.default_rng(rows * columns)
    return rng.integers(0, 90, (rows, columns)) * (rng.random((rows, columns)) < 0.3)


@given(grids, st.integers(0, 5000))
def test_range(counts: Any, polygons: int) -> None:
    before = counts.copy()
    result = polygon_contrast(counts, polygons)
    top = max(1, round(0.2555 * polygons))
    assert result.dtype == np.int64
    assert result.shape == counts.shape
    assert result.min() >= 0
    assert result.max() == (top if counts.any() else 0)  # the maximum is stretched to the top
    assert np.array_equal(counts, before)


@given(grids, st.integers(1, 5), st.integers(0, 3))
def test_scaling_and_rotation_do_not_matter(counts: Any, factor: int, turns: int) -> None:
    result = polygon_contrast(counts, 400)
    scaled = polygon_contrast(counts * 2**factor, 400)
    assert np.array_equal(scaled, result)
    if counts.shape[0] == counts.shape[1]:
        turned = polygon_contrast(np.rot90(counts, turns), 400)
        assert (
            np.abs(turned - np.rot90(result, turns)).max() <= 1
        )  # another order of summation, then rounding


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"sigma": 0.05}, {"sigma_share": 0.05}),
        ({"truncate": 2.0}, {"cut_at": 2.0}),
        ({"power": 1.0}, {"power": 1.0}),
        ({"floor": 0.3}, {"floor": 0.3}),
        ({"gain": 1.5}, {"peak_share": 1.5}),
    ],
)
def test_parameters(ours: dict[str, float], theirs: dict[str, float]) -> None:
    counts = peaks(20, 20)
    changed = polygon_contrast(counts, 500, **ours)
    assert changed.tolist() == reference.polygon_contrast(counts.tolist(), 20, 500, **theirs)
    assert not np.array_equal(changed, polygon_contrast(counts, 500))


@pytest.mark.parametrize("polygons", [0, 1, 5, 6, 100])
def test_maximum_is_a_share_of_the_polygons(polygons: int) -> None:
    assert polygon_contrast(peaks(8, 8), polygons).max() == max(1, round(0.2555 * polygons))


@pytest.mark.parametrize(("polygons", "middle"), [(1, 0), (3, 2), (5, 2), (7, 4)])
def test_rounding_is_half_to_even(polygons: int, middle: int) -> None:
    result = polygon_contrast([[1, 2]], polygons, sigma=0.0, power=1.0, floor=0.0, gain=1.0)
    assert result.tolist() == [[middle, polygons]]


def test_constant_map_stays_constant() -> None:
    assert (polygon_contrast(np.full((7, 7), 3), 100) == 26).all()
    assert not polygon_contrast(np.zeros((7, 5)), 100).any()


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ([[1, -1]], "counts must not be negative"),
        ([[1.0, math.nan]], "counts must not be negative"),
        ([1, 2], r"counts must have shape \(rows, columns\), got \(2,\)"),
    ],
)
def test_invalid_counts_are_refused(counts: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        polygon_contrast(counts, 3)


@pytest.mark.peers
@pytest.mark.parametrize("shape", [(1, 1), (10, 10), (50, 50), (100, 100), (30, 12)])
def test_scipy_agrees(shape: tuple[int, int]) -> None:
    ndimage = pytest.importorskip("scipy.ndimage", reason="scipy is not installed")
    counts = peaks(*shape).astype(np.float64)
    blurred = ndimage.gaussian_filter(counts, 0.115 * shape[0], mode="reflect", truncate=4)
    shares = (blurred / (blurred.max() or 1)) ** 2.3
    top = max(1, round(0.2555 * 700))
    expected = np.clip(np.rint(np.clip((shares - 0.04) / 0.96, 0, 1) * top), 0, top)
    assert np.array_equal(polygon_contrast(counts, 700), expected)
