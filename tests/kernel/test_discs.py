"""Discs, compared with the reference and with pictures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bulk
import heatgrid as hg
from heatgrid.errors import HeatgridWarning
from pictures import draw, rows_of
from reference import disc_cells

GRID = (9, 14)


def expected(discs: list[tuple[float, float, float]]) -> list[list[int]]:
    counts = [[0] * GRID[1] for _ in range(GRID[0])]
    for x, y, radius in discs:
        for row, column in disc_cells((x, y), radius, GRID):
            counts[row][column] += 1
    return counts


@pytest.mark.parametrize(
    ("disc", "picture"),
    [
        ((1.5, 1.5, 1.0), ".1. / 111 / .1."),
        ((1.5, 1.5, 0.0), "... / .1. / ..."),
        ((1.0, 1.0, 0.7), "... / ... / ..."),
        ((1.0, 1.0, 0.7072), "11. / 11. / ..."),
        ((-0.5, 1.5, 1.0), "... / 1.. / ..."),
        ((1.5, 9.0, 100.0), "111 / 111 / 111"),
    ],
)
def test_pictures(disc: tuple[float, float, float], picture: str) -> None:
    assert draw(hg.count_discs([disc], 3)) == rows_of("\n".join(picture.split(" / ")))


def test_bulk() -> None:
    random = bulk.seeded("discs")
    size = (0.0, 0.5, 1.0, 2.5, 3.0, 7.5, 40.0)
    discs = [
        (random.randrange(-6, 40) / 2, random.randrange(-6, 30) / 2, random.choice(size))
        if random.random() < 0.5
        else (random.gauss(7, 6), random.gauss(4, 5), random.expovariate(0.3))
        for _ in range(1500)
    ]
    for threads in (1, 2):
        assert hg.count_discs(discs, GRID, threads=threads).tolist() == expected(discs)


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),
            st.floats(-5, 20),
            st.floats(0, allow_nan=False, allow_infinity=False),
        ),
        max_size=5,
    )
)
def test_discs_of_every_size(discs: list[tuple[float, float, float]]) -> None:
    assert hg.count_discs(np.array(discs).reshape(-1, 3), GRID).tolist() == expected(discs)


def test_invalid_discs_are_skipped_with_a_warning() -> None:
    discs = [(1.0, np.nan, 1.0), (1.0, 1.0, -1.0), (np.inf, 1.0, 1.0), (1.5, 1.5, 0.1)]
    with pytest.warns(HeatgridWarning, match="3 discs skipped"):
        assert hg.count_discs(discs, 3).sum() == 1


def test_discs_of_an_image_are_united() -> None:
    discs = [(1.5, 1.5, 1.0), (2.5, 1.5, 1.0), (1.5, 1.5, 1.0)]
    counts = hg.count_discs(discs, 4, images=[0, 0, 1], count="images")
    assert counts.tolist() == [[0, 2, 1, 0], [2, 2, 2, 1], [0, 2, 1, 0], [0, 0, 0, 0]]
