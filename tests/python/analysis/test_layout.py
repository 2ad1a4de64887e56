"""Layout: every measure on grids small enough for values by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
from heatgrid.analysis import Layout

EVEN = np.full((4, 4), 3)


def layout(*rows: list[int]) -> Layout:
    return Layout.of(np.array(rows))


def test_even_spread_has_no_bias_and_maximum_entropy() -> None:
    found = Layout.of(EVEN)
    assert (found.cells, found.covered, found.empty_share) == (16, 16, 0.0)
    assert (found.x, found.y) == (0.5, 0.5)
    assert found.center_bias == pytest.approx(0, abs=1e-15)
    assert found.border_proximity == pytest.approx(0, abs=1e-15)
    assert (found.entropy, found.evenness) == (4.0, 1.0)


def test_empty_share() -> None:
    assert layout([1, 0], [2, 9]).empty_share == 0.25


def test_centre_of_mass() -> None:
    # Columns at 1/4 and 3/4, rows likewise: (3 * 1/4 + 1 * 3/4) / 4 = 3/8.
    found = layout([3, 1], [0, 0])
    assert (found.x, found.y) == (0.375, 0.25)


def test_hits_in_the_middle_have_centre_bias_1() -> None:
    assert layout([0, 0, 0], [0, 7, 0], [0, 0, 0]).center_bias == 1.0


def test_centre_bias_by_hand() -> None:
    # Distances from the middle of a 1 x 3 grid: 1/3, 0, 1/3, mean 2/9. Hits 1, 2, 1: mean 1/6.
    assert layout([1, 2, 1]).center_bias == pytest.approx(1 - (1 / 6) / (2 / 9))
    # All at the ends: mean 1/3, half as far again as an even spread's.
    assert layout([5, 0, 5]).center_bias == pytest.approx(-0.5)


def test_border_proximity_by_hand() -> None:
    # Of 4 x 4 cells the 12 outer ones are 1/8 from an edge, the 4 inner ones 3/8: mean 3/16.
    corner, inside = np.zeros((4, 4)), np.zeros((4, 4))
    corner[0, 0] = inside[1, 2] = 10
    assert Layout.of(corner).border_proximity == pytest.approx(1 - (1 / 8) / (3 / 16))
    assert Layout.of(inside).border_proximity == pytest.approx(1 - (3 / 8) / (3 / 16))


def test_entropy_by_hand() -> None:
    # Shares 1/2, 1/4, 1/8, 1/8: 1/2 + 2/4 + 3/8 + 3/8 bits of at most 2.
    found = layout([4, 2], [1, 1])
    assert (found.entropy, found.evenness) == (1.75, 0.875)
    assert layout([0, 5], [0, 0]).entropy == 0.0


def test_map_without_hits() -> None:
    found = layout([0, 0, 0])
    assert (found.cells, found.covered, found.empty_share) == (3, 0, 1.0)
    assert set(list(found.to_dict().values())[3:]) == {None}
    assert "none" in str(found)


def test_single_cell() -> None:
    found = layout([4])
    assert (found.entropy, found.evenness, found.center_bias, found.border_proximity) == (0, 1, 0, 0)


def test_difference_of_maps_has_no_layout() -> None:
    heat = hg.Heatmap(2).add_points([[0.1, 0.1]])
    with pytest.raises(ValueError, match="counts must not be negative: a difference of maps has no shares"):
        (hg.Heatmap(2) - heat).layout()


def test_layout_of_a_map_uses_all_classes() -> None:
    heat = hg.Heatmap(2, ("a", "b")).add_points([[0.1, 0.1], [0.9, 0.1]], labels=["a", "b"])
    assert heat.layout() == layout([1, 1], [0, 0])
    assert heat["b"].layout() == layout([0, 1], [0, 0])


@given(st.lists(st.integers(0, 9), min_size=12, max_size=12).filter(any))
def test_laws(values: list[int]) -> None:
    counts = np.array(values).reshape(3, 4)
    found, twice, mirrored = Layout.of(counts), Layout.of(2 * counts), Layout.of(counts[::-1, ::-1])
    numbers: list[Any] = list(found.to_dict().values())
    assert list(twice.to_dict().values())[3:] == pytest.approx(numbers[3:])
    assert found.x is not None
    assert mirrored.x == pytest.approx(1 - found.x)
    for name in ("center_bias", "border_proximity", "entropy"):
        assert getattr(mirrored, name) == pytest.approx(getattr(found, name), abs=1e-12)
    assert found.evenness is not None
    assert found.entropy is not None
    assert 0 <= found.evenness <= 1 + 1e-12
    assert found.entropy <= math.log2(found.covered) + 1e-12
