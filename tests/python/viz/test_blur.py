"""Smoothing: values by hand, laws, and a comparison with scipy if installed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from heatgrid.viz import gaussian


def test_single_cell_spreads_as_a_gaussian() -> None:
    near = math.exp(-0.5)
    total = 1 + 2 * near
    smooth = gaussian([[0, 0, 1, 0, 0]], 1, truncate=1)
    assert smooth[0] == pytest.approx([0, near / total, 1 / total, near / total, 0])


def test_edges_are_mirrored_with_the_edge_cell_repeated() -> None:
    near = math.exp(-0.5)
    total = 1 + 2 * near
    smooth = gaussian([[1, 0, 0]], 1, truncate=1)
    assert smooth[0] == pytest.approx([(1 + near) / total, near / total, 0])


@pytest.mark.parametrize("sigma", [0.3, 1, 3.7, 40])
@pytest.mark.parametrize("shape", [(1, 1), (2, 7), (30, 20)])
def test_sum_is_kept_for_every_radius(shape: tuple[int, int], sigma: float) -> None:
    values = np.random.default_rng(1).poisson(3, shape)
    assert gaussian(values, sigma).sum() == pytest.approx(values.sum(), rel=1e-12)


def test_missing_cells_stay_missing_and_are_ignored() -> None:
    values = np.full((9, 9), 4.0)
    values[3, 4] = np.nan
    smooth = gaussian(values, 1.5)
    assert np.isnan(smooth[3, 4])
    assert np.delete(smooth.ravel(), 3 * 9 + 4) == pytest.approx(4.0)


def test_sigma_zero_returns_a_copy() -> None:
    values = np.eye(3)
    smooth = gaussian(values, 0)
    assert (smooth == values).all()
    assert smooth is not values


def test_sigma_per_axis() -> None:
    dot = np.zeros((9, 9))
    dot[4, 4] = 1
    assert (gaussian(dot, (0, 2)).any(axis=1) == (np.arange(9) == 4)).all()
    assert gaussian(dot, (2, 0)) == pytest.approx(gaussian(dot, (0, 2)).T)
    assert gaussian(dot, (1, 2)) == pytest.approx(gaussian(gaussian(dot, (1, 0)), (0, 2)))


@pytest.mark.parametrize("sigma", [-1, math.nan, math.inf])
def test_wrong_sigma_is_refused(sigma: float) -> None:
    with pytest.raises(ValueError, match="sigma"):
        gaussian(np.eye(3), sigma)


@pytest.mark.peers
@pytest.mark.parametrize("sigma", [0.4, 1, 2.5, 4, 4.2, 11.5, 60])
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 4), (100, 70)])
def test_equals_scipy(shape: tuple[int, int], sigma: float) -> None:
    ndimage = pytest.importorskip("scipy.ndimage", reason="scipy is not installed")
    values = np.random.default_rng(2).poisson(5, shape).astype(np.float64)
    expected = ndimage.gaussian_filter(values, sigma, mode="reflect", truncate=4.0)
    np.testing.assert_allclose(gaussian(values, sigma), expected, rtol=1e-12, atol=1e-12)
