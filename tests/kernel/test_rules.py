"""Rules touch and point, compared with pictures and the reference."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bulk
import heatgrid as hg
from comparison import check, kernel_counts
from effort import examples
from pictures import draw, rows_of
from strategies import box_regimes, grids, many, polygon_regimes
from ties import MIDDLE, after, before, rectangle

if TYPE_CHECKING:
    from reference import Box, Shape

SOME = (1, 1)
slow_to_draw = settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))

TOUCHED = [
    ((0.25, 0.25, 0.5, 0.5), ".... .1.. .... ...."),
    ((0.5, 0.5, 0.25, 0.25), ".... .1.. .... ...."),
    ((before(0.25), 0.25, 0.5, 0.5), ".... 11.. .... ...."),
    ((0.25, 0.25, after(0.5), after(0.5)), ".... .11. .11. ...."),
    ((0.3, 0.3, 0.31, 0.31), ".... .1.. .... ...."),
    ((0.1, 0.7, 0.9, 0.71), ".... .... 1111 ...."),
    ((-5.0, 0.5, 7.0, 2.0), ".... .... 1111 1111"),
    ((0.0, 0.0, 5e-324, 5e-324), "1... .... .... ...."),
    ((before(1.0), before(1.0), 9.0, 9.0), ".... .... .... ...1"),
    ((0.5, 0.0, 0.5, 1.0), ".... .... .... ...."),
    ((1.0, 0.0, 2.0, 1.0), ".... .... .... ...."),
]

POINTED = [
    ("boxes", (0.0, 0.0, 1.0, 1.0), ".... .... ..1. ...."),
    ("boxes", (0.5, 0.1, 9.0, 0.2), "...1 .... .... ...."),
    ("boxes", (-2.0, 0.0, 1.0, 1.0), ".... .... .... ...."),
    ("boxes", (-1.0, 0.0, 1.0, 1.0), ".... .... 1... ...."),
    ("boxes", (1.0, 0.0, 9.0, 1.0), ".... .... .... ...."),
    ("polygons", [[[(0.5, 0.25), (0.75, 0.5), (0.5, 0.75), (0.25, 0.5)]]], ".... .... ..1. ...."),
    ("polygons", [[[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], MIDDLE]], ".... .1.. .... ...."),
    ("polygons", [[MIDDLE], [rectangle(1.0, 1.0, 2.0, 2.0)]], ".... .... .... ...1"),
    ("polygons", [[MIDDLE], [rectangle(-3.0, 0.0, -2.0, 1.0)]], ".... .... .... ...."),
    ("polygons", [[rectangle(1.0, 0.0, 2.0, 1.0)]], ".... .... .... ...."),
]


def is_named_by_no_cell(box: Box, grid: Shape) -> bool:
    """Return whether the products of two different edges with the number of cells are the same integer."""
    x1, y1, x2, y2 = box
    rows, columns = grid
    axes = ((x1, x2, columns), (y1, y2, rows))
    return any(u != v and u * n == v * n and (u * n).is_integer() for u, v, n in axes if math.isfinite(u + v))


@pytest.mark.parametrize(("box", "picture"), TOUCHED, ids=str)
def test_touch(box: Box, picture: str) -> None:
    assert draw(hg.count_boxes([box], 4, rule="touch")) == rows_of(picture)


@pytest.mark.parametrize(("kind", "shape", "picture"), POINTED, ids=str)
def test_point(kind: str, shape: Any, picture: str) -> None:
    assert draw(kernel_counts(kind, [shape], (4, 4), rule="point")) == rows_of(picture)


@pytest.mark.parametrize("rule", ["touch", "point"])
@pytest.mark.parametrize("regime", box_regimes(SOME))
@slow_to_draw
@given(data=st.data(), grid=grids(), ratio=st.none() | st.sampled_from([0.0, 0.25, 1.0]))
def test_boxes(rule: str, regime: str, data: Any, grid: Shape, ratio: float | None) -> None:
    boxes: Any = data.draw(many(box_regimes(grid)[regime]))
    known = [box for box in boxes if not is_named_by_no_cell(box, grid)]
    check("boxes", known, grid, rule=rule, large_box_ratio=ratio)


@pytest.mark.parametrize("regime", polygon_regimes(SOME))
@slow_to_draw
@given(data=st.data(), grid=grids())
def test_points_of_polygons(regime: str, data: Any, grid: Shape) -> None:
    check("polygons", data.draw(many(polygon_regimes(grid)[regime], most=17)), grid, rule="point")


@pytest.mark.parametrize("grid", [(4, 4), (10, 10), (1, 17), (13, 6)], ids=str)
def test_bulk(grid: Shape) -> None:
    random = bulk.seeded(f"rules {grid}")
    boxes = [bulk.box(random, grid) for _ in range(1000)]
    known = [box for box in boxes if not is_named_by_no_cell(box, grid)]
    labels = [random.randrange(3) for _ in known]
    for rule in ("touch", "point"):
        check("boxes", known, grid, rule=rule, labels=labels, classes=3)
    check("polygons", [bulk.polygon(random, grid) for _ in range(500)], grid, rule="point")


@settings(max_examples=examples(25), deadline=None)
@given(st.integers(0, 2**32 - 1), grids())
def test_a_box_touches_the_cells_whose_centers_it_contains(seed: int, grid: Shape) -> None:
    boxes = np.random.default_rng(seed).uniform(-0.2, 1.2, (50, 4))
    assert (hg.count_boxes(boxes, grid, rule="touch") >= hg.count_boxes(boxes, grid)).all()


def test_unknown_rule() -> None:
    for kind, shape in (("boxes", (0.0, 0.0, 1.0, 1.0)), ("polygons", [[MIDDLE]])):
        with pytest.raises(ValueError, match=r"rule.*center.*got 'centre'"):
            kernel_counts(kind, [shape], (4, 4), rule="centre")


def test_a_very_thin_box_may_touch_nothing() -> None:
    """The products of its edges round to the same integer, which is no column."""
    assert not hg.count_boxes([(0.8999999999999999, 0.0, 0.9, 1.0)], (1, 10), rule="touch").any()
