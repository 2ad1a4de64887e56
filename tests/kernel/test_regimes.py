"""Random shapes of every regime in blocks of every length, compared with the reference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison import check
from effort import examples
from strategies import REGIMES, box_regimes, grids, line_regimes, many, points_of, polygon_regimes

SOME = (1, 1)
slow_to_draw = settings(max_examples=examples(40), deadline=None, suppress_health_check=list(HealthCheck))
ratios = st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0])


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("outside", ["drop", "clamp"])
@slow_to_draw
@given(data=st.data(), grid=grids())
def test_points(regime: str, outside: str, data: Any, grid: tuple[int, int]) -> None:
    points = data.draw(many(points_of(REGIMES[regime], grid)))
    check("points", points, grid, outside=outside)


@pytest.mark.parametrize("regime", box_regimes(SOME))
@slow_to_draw
@given(data=st.data(), grid=grids(), ratio=ratios)
def test_boxes(regime: str, data: Any, grid: tuple[int, int], ratio: float | None) -> None:
    boxes = data.draw(many(box_regimes(grid)[regime]))
    check("boxes", boxes, grid, large_box_ratio=ratio)


@pytest.mark.parametrize("regime", polygon_regimes(SOME))
@slow_to_draw
@given(data=st.data(), grid=grids())
def test_polygons(regime: str, data: Any, grid: tuple[int, int]) -> None:
    polygons = data.draw(many(polygon_regimes(grid)[regime], most=17))
    check("polygons", polygons, grid)


@pytest.mark.parametrize("regime", line_regimes(SOME))
@pytest.mark.parametrize("rule", ["touch", "point"])
@slow_to_draw
@given(data=st.data(), grid=grids())
def test_lines(rule: str, regime: str, data: Any, grid: tuple[int, int]) -> None:
    check("lines", data.draw(many(line_regimes(grid)[regime], most=9)), grid, rule=rule)
