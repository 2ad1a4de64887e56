"""Areas of boxes, compared with exact rational geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bulk
import heatgrid as hg
from arrays import columns
from comparison import check_close
from effort import examples
from strategies import box_regimes, many

if TYPE_CHECKING:
    from reference import Shape

SOME = (1, 1)
GRIDS = st.sampled_from([(1, 1), (4, 4), (2, 5), (1, 7), (8, 2), (3, 3)])
few = settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("regime", box_regimes(SOME))
@few
@given(data=st.data(), grid=GRIDS)
def test_boxes(regime: str, data: Any, grid: Shape) -> None:
    check_close("boxes", data.draw(many(box_regimes(grid)[regime])), grid, rule="area")


@pytest.mark.parametrize("grid", [(4, 4), (2, 8), (10, 10)], ids=str)
@pytest.mark.parametrize("threads", [1, 3])
def test_bulk(grid: Shape, threads: int) -> None:
    random = bulk.seeded(f"areas {grid}")
    boxes = [bulk.box(random, grid) for _ in range(500)]
    labels = [random.randrange(3) for _ in boxes]
    weights = [random.random() for _ in boxes]
    check_close("boxes", boxes, grid, rule="area", labels=labels, classes=3, threads=threads)
    check_close("boxes", boxes, grid, rule="area", weights=weights, threads=threads)


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_areas_sum_to_the_clipped_area(seed: int) -> None:
    boxes = np.random.default_rng(seed).uniform(-0.5, 1.5, (100, 4))
    sides = np.abs(np.diff(np.clip(boxes, 0, 1).reshape(-1, 2, 2), axis=1)).reshape(-1, 2)
    area = hg.count_boxes(boxes, (7, 11), rule="area").sum() / 77
    assert np.isclose(area, sides.prod(axis=1).sum(), rtol=1e-9)


def test_area_of_empty_cells_is_zero() -> None:
    boxes = columns([(1 / 8, 1 / 8, 3 / 16, 1 / 4), (13 / 32, 1 / 8, 3 / 4, 7 / 8)], 4)
    areas = hg.count_boxes(boxes, 16, rule="area")
    assert areas.dtype == np.float64
    assert np.array_equal(areas > 0, hg.count_boxes(boxes, 16, rule="touch") > 0)


def test_large_box_ratio_requires_another_rule() -> None:
    with pytest.raises(ValueError, match="large_box_ratio"):
        hg.count_boxes([[0.0, 0.0, 1.0, 1.0]], 4, rule="area", large_box_ratio=0.5)
