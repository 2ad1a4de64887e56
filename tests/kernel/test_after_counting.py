"""Statistics and contrast computed from counts, compared with the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bulk
import reference
from effort import examples
from heatgrid.analysis import polygon_contrast
from heatgrid.core import stats

grids_of_counts = st.integers(1, 9).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 50), min_size=columns, max_size=columns), min_size=1, max_size=9
    )
)


@settings(max_examples=examples(200), deadline=None)
@given(grids_of_counts, st.floats(0, 1))
def test_percentiles(grid: list[list[int]], p: float) -> None:
    values = [value for row in grid for value in row]
    assert stats.percentile(grid, p) == reference.percentile(values, p)


@pytest.mark.parametrize("size", [1, 2, 3, 8, 10, 25])
@pytest.mark.parametrize("polygons", [0, 1, 7, 400])
def test_polygon_contrast(size: int, polygons: int) -> None:
    random = bulk.seeded(f"contrast {size}")
    grid: Any = [[random.choice((0, 0, random.randint(0, 90))) for _ in range(size)] for _ in range(size)]
    expected = reference.polygon_contrast(grid, size, polygons)
    assert np.array_equal(polygon_contrast(grid, polygons), expected)
