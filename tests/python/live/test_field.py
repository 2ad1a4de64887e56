"""Heat grid: decay by one factor, against decay cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from heatgrid.live.field import Field


def disc(x: float, y: float, radius: float) -> np.ndarray:
    return np.array([[x, y, radius]])


def test_decay_equals_decay_of_every_cell() -> None:
    random = np.random.default_rng(5)
    field, plain = Field(1, size=(17, 12)), np.zeros((12, 17))
    for _ in range(400):
        share = random.choice([1.0, 0.99, 0.5, 0.9])
        x, y, radius = random.uniform(0, 15, 3) * (1, 0.7, 0.3)
        fresh = Field(1, size=(17, 12))
        fresh.stamp("discs", disc(x, y, radius), 1.0)
        plain = plain * share + fresh.heat
        field.decay(share)
        field.stamp("discs", disc(x, y, radius), 1.0)
        np.testing.assert_allclose(field.heat, plain, rtol=1e-12)
        assert field.top == pytest.approx(plain.max(), rel=1e-12)
        assert field.bottom == pytest.approx(plain.min(), rel=1e-12)


def test_factor_does_not_underflow() -> None:
    field = Field(1, size=(3, 3))
    for _ in range(100_000):
        field.decay(0.9)
        field.stamp("discs", disc(1.5, 1.5, 0.5), 1.0)
    assert field.factor > 0
    assert field.heat[1, 1] == pytest.approx(10.0, rel=1e-12)
    assert field.top == pytest.approx(10.0, rel=1e-12)


def test_faded_heat_becomes_zero() -> None:
    field = Field(1, size=(3, 3))
    field.stamp("discs", disc(0.5, 0.5, 0.5), 1.0)
    for _ in range(5000):
        field.decay(0.9)
    assert field.heat.max() < 1e-200
    field.decay(0.0)
    assert not field.heat.any()
    field.stamp("discs", disc(0.5, 0.5, 0.5), 1.0)
    assert field.heat.sum() == 1.0


def test_bottom_is_the_minimum() -> None:
    field = Field(1, size=(2, 2))
    for x, y, times in ((0.5, 0.5, 3), (1.5, 0.5, 2), (0.5, 1.5, 5)):
        for _ in range(times):
            field.stamp("discs", disc(x, y, 0.1), 1.0)
        assert field.bottom == 0.0
    field.stamp("discs", disc(1.5, 1.5, 0.1), 4.0)
    assert field.bottom == 2.0
    field.stamp("discs", disc(1.5, 0.5, 0.1), 9.0)
    assert field.bottom == 3.0


def test_resampling_keeps_values_and_maximum() -> None:
    field = Field(1, size=(2, 2))
    field.stamp("discs", disc(0.5, 0.5, 0.1), 4.0)
    field.fit((4, 4))
    assert field.heat[0].tolist() == [4.0, 3.0, 1.0, 0.0]
    assert field.heat[:, 0].tolist() == [4.0, 3.0, 1.0, 0.0]
    assert field.top == 4.0
    field.fit((1, 1))
    assert field.heat.shape == (1, 1)
