"""Heat that fades by one factor is the heat that every cell would have faded to by itself."""

from __future__ import annotations

import numpy as np
import pytest

from heatgrid.live.field import Field


def disc(x: float, y: float, radius: float) -> np.ndarray:
    return np.array([[x, y, radius]])


def test_fading_is_what_a_pass_over_the_cells_would_do() -> None:
    random = np.random.default_rng(5)
    field, plain = Field((12, 17)), np.zeros((12, 17))
    for _ in range(400):
        share = random.choice([1.0, 0.99, 0.5, 0.9])
        x, y, radius = random.uniform(0, 15, 3) * (1, 0.7, 0.3)
        fresh = Field((12, 17))
        fresh.stamp("discs", disc(x, y, radius), 1.0)
        plain = plain * share + fresh.heat
        field.fade(share)
        field.stamp("discs", disc(x, y, radius), 1.0)
        np.testing.assert_allclose(field.heat, plain, rtol=1e-12)
        assert field.top == pytest.approx(plain.max(), rel=1e-12)
        assert field.bottom == pytest.approx(plain.min(), rel=1e-12)


def test_the_factor_never_vanishes() -> None:
    field = Field((3, 3))
    for _ in range(100_000):
        field.fade(0.9)
        field.stamp("discs", disc(1.5, 1.5, 0.5), 1.0)
    assert field.factor > 0
    assert field.heat[1, 1] == pytest.approx(10.0, rel=1e-12)
    assert field.top == pytest.approx(10.0, rel=1e-12)


def test_what_has_faded_is_zero_again() -> None:
    field = Field((3, 3))
    field.stamp("discs", disc(0.5, 0.5, 0.5), 1.0)
    for _ in range(5000):
        field.fade(0.9)
    assert field.heat.max() < 1e-200
    field.fade(0.0)
    assert not field.heat.any()
    field.stamp("discs", disc(0.5, 0.5, 0.5), 1.0)
    assert field.heat.sum() == 1.0


def test_the_least_heat_is_found_once_no_cell_is_known_to_be_empty() -> None:
    field = Field((2, 2))
    for x, y, times in ((0.5, 0.5, 3), (1.5, 0.5, 2), (0.5, 1.5, 5)):
        for _ in range(times):
            field.stamp("discs", disc(x, y, 0.1), 1.0)
        assert field.bottom == 0.0
    field.stamp("discs", disc(1.5, 1.5, 0.1), 4.0)
    assert field.bottom == 2.0
    field.stamp("discs", disc(1.5, 0.5, 0.1), 9.0)
    assert field.bottom == 3.0


def test_resampling_keeps_values_and_the_greatest() -> None:
    field = Field((2, 2))
    field.stamp("discs", disc(0.5, 0.5, 0.1), 4.0)
    field.resample((4, 4))
    assert field.heat[0].tolist() == [4.0, 3.0, 1.0, 0.0]
    assert field.heat[:, 0].tolist() == [4.0, 3.0, 1.0, 0.0]
    assert field.top == 4.0
    field.resample((1, 1))
    assert field.heat.shape == (1, 1)
