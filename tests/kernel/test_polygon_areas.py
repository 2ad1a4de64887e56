"""Area and touched cells of polygons, compared with exact rational geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bulk
import heatgrid as hg
from arrays import columns, ragged
from comparison import check, check_close
from effort import examples
from exact_areas import error_of_random_polygon
from heatgrid.errors import HeatgridWarning
from strategies import box_regimes, many, polygon_regimes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reference import Shape

SOME = (1, 1)
GRIDS = st.sampled_from([(1, 1), (4, 4), (2, 5), (1, 7), (8, 2), (3, 3)])
DYADIC = [(1, 1), (4, 4), (2, 8), (8, 1), (1, 16)]
few = settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
# With touch, doubles beside ties make slivers thinner than a kernel in doubles can be asked to see.
CLEAR = sorted(set(polygon_regimes(SOME)) - {"on ties", "huge", "hostile"})


@pytest.mark.parametrize("regime", box_regimes(SOME))
@few
@given(data=st.data(), grid=GRIDS)
def test_area_of_boxes(regime: str, data: Any, grid: Shape) -> None:
    check_close("boxes", data.draw(many(box_regimes(grid)[regime])), grid, rule="area")


@pytest.mark.parametrize("regime", polygon_regimes(SOME))
@few
@given(data=st.data(), grid=GRIDS)
def test_area_of_polygons(regime: str, data: Any, grid: Shape) -> None:
    check_close(
        "polygons", data.draw(many(polygon_regimes(grid, vertices=5)[regime], most=5)), grid, rule="area"
    )


@pytest.mark.parametrize("regime", CLEAR)
@few
@given(data=st.data(), grid=st.sampled_from(DYADIC))
def test_touch_of_polygons(regime: str, data: Any, grid: Shape) -> None:
    polygons = data.draw(many(polygon_regimes(grid, vertices=5)[regime], most=5))
    check("polygons", polygons, grid, rule="touch")


# On dyadic grids, where no vertex in cells is rounded, and none beyond the doubles.
FAR = [sign * size for sign in (-1, 1) for size in (1e17, 1e300, 1e306)]
far_or_near = st.sampled_from([*FAR, 0.0, 0.1, 0.25, 0.3, 0.5, 0.8, 1.0])


@few
@given(
    ring=st.lists(st.tuples(far_or_near, far_or_near), min_size=3, max_size=5), grid=st.sampled_from(DYADIC)
)
def test_far_vertices(ring: Any, grid: Shape) -> None:
    check("polygons", [[[ring]]], grid, rule="touch")
    check_close("polygons", [[[ring]]], grid, rule="area")


@pytest.mark.parametrize("grid", [(4, 4), (2, 8)], ids=str)
def test_bulk(grid: Shape) -> None:
    random = bulk.seeded(f"areas {grid}")
    boxes = [bulk.box(random, grid) for _ in range(500)]
    check_close("boxes", boxes, grid, rule="area")
    rings = [[[bulk.ring(random, grid)]] for _ in range(60)]
    check_close("polygons", [ring for ring in rings if np.abs(ring).max() < 10], grid, rule="area")


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_areas_sum_to_the_clipped_area(seed: int) -> None:
    rng = np.random.default_rng(seed)
    boxes = rng.uniform(-0.5, 1.5, (100, 4))
    sides = np.abs(np.diff(np.clip(boxes, 0, 1).reshape(-1, 2, 2), axis=1)).reshape(-1, 2)
    area = hg.count_boxes(boxes, (7, 11), rule="area").sum() / 77
    assert np.isclose(area, sides.prod(axis=1).sum(), rtol=1e-9)
    angle = np.sort(rng.uniform(0, 2 * np.pi, (50, 9)))
    x, y = 0.5 + 0.5 * np.cos(angle), 0.5 + 0.5 * np.sin(angle)
    shoelace = np.abs((np.roll(x, 1, axis=1) * y - x * np.roll(y, 1, axis=1)).sum(axis=1)) / 2
    rings = np.stack([x, y], axis=2).reshape(-1, 2)
    area = hg.count_polygons(rings, np.arange(0, 451, 9), (7, 11), rule="area").sum() / 77
    assert np.isclose(area, shoelace.sum(), rtol=1e-9)


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(1, 1), (5, 9), (31, 2), (50, 50)]))
def test_a_box_equals_its_rectangle(seed: int, grid: Shape) -> None:
    rng = np.random.default_rng(seed)
    x1, y1, x2, y2 = boxes = rng.uniform(0.0, 1.0, (4, 60))
    rings = np.stack([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]).transpose(2, 0, 1).reshape(-1, 2)
    offsets = np.arange(0, 241, 4)
    touched = hg.count_polygons(rings, offsets, grid, rule="touch")
    assert np.array_equal(touched, hg.count_boxes(boxes.T, grid, rule="touch"))
    areas = hg.count_polygons(rings, offsets, grid, rule="area")
    assert np.allclose(areas, hg.count_boxes(boxes.T, grid, rule="area"), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_hostile_rings(seed: int) -> None:
    random = bulk.seeded(f"hostile {seed}")
    for _ in range(examples(500)):
        error, polygon, grid = error_of_random_polygon(random)
        assert error <= 1e-9, (polygon, grid)


def test_subnormal_ring() -> None:
    ring = [(-5e-324, 0.0), (5e-324, 1 - 2**-53), (0.0, 5e-324), (5e-324, 1 / 3)]
    assert hg.count_polygons(ring, [0, 4], (3, 1), rule="area").sum() < 1e-9


def test_vertices_whose_product_overflows_keep_their_direction() -> None:
    ring = [(0.0, 0.0), (1e308, 1e308), (0.0, 1e308)]
    areas = hg.count_polygons(ring, [0, 3], (2, 4), rule="area")
    assert np.allclose(areas, [[0.75, 0.25, 0, 0], [1, 1, 0.75, 0.25]])


def test_a_long_zigzag_is_counted() -> None:
    n = 100_001
    teeth = np.c_[np.linspace(0, 1, n), np.where(np.arange(n) % 2, 0.1, 0.9)]
    teeth[:, 1] += np.random.default_rng(3).uniform(-0.1, 0.1, n)
    ring = [*teeth, (1.0, 1.0), (0.0, 1.0)]
    x, y = np.array(ring).T
    shoelace = abs((np.roll(x, 1) * y - x * np.roll(y, 1)).sum()) / 2
    assert np.isclose(hg.count_polygons(ring, [0, n + 2], 1, rule="area"), shoelace, rtol=1e-9)


def tangle(n: int) -> NDArray[np.float64]:
    return np.random.default_rng(5).random((n, 2))


def flat_zigzag(n: int) -> NDArray[np.float64]:
    return np.stack([np.arange(n) % 2.0, np.linspace(0.1, 0.2, n)], axis=1)


@pytest.mark.parametrize("ring", [tangle(20_000), flat_zigzag(10_001)], ids=["tangle", "zigzag"])
def test_a_ring_that_takes_too_much_work_is_skipped_alone(ring: NDArray[np.float64]) -> None:
    square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    rings = np.concatenate([square, ring, square])
    offsets = [0, 4, 4 + len(ring), 8 + len(ring)]
    with pytest.warns(HeatgridWarning, match="1 polygons skipped.*too often"):
        areas = hg.count_polygons(rings, offsets, (4, 10_000), rule="area")
    assert (areas == 2).all()


def test_parts_are_united() -> None:
    ring = [(0.1, 0.1), (0.9, 0.2), (0.5, 0.8)]
    once = hg.count_polygons(*ragged([[[ring]]]), (6, 6), rule="area")
    twice = hg.count_polygons(*ragged([[[ring], [ring]]]), (6, 6), rule="area")
    assert np.allclose(once, twice, rtol=1e-12, atol=1e-12)


def test_area_of_empty_cells_is_zero() -> None:
    boxes = columns([(1 / 8, 1 / 8, 3 / 16, 1 / 4), (13 / 32, 1 / 8, 3 / 4, 7 / 8)], 4)
    areas = hg.count_boxes(boxes, (16, 16), rule="area")
    assert areas.dtype == np.float64
    assert np.array_equal(areas > 0, hg.count_boxes(boxes, (16, 16), rule="touch") > 0)
