"""`heatgrid.compat.roboflow` against a plain-Python version of the original functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import heatgrid as hg
import reference
from heatgrid.compat import roboflow
from strategies import REGIMES, box_regimes, points_of, rings_of

SHAPE = (5, 7)
DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", ">i4", "intp")

Rows = list[list[int]]


def empty() -> Rows:
    return [[0] * SHAPE[1] for _ in range(SHAPE[0])]


# The original functions


def plain_point(grid: Rows, x: float, y: float) -> None:
    rows, columns = len(grid), len(grid[0])
    if x < 0 or y < 0:
        return
    column = columns - 1 if x >= 1 else min(columns - 1, int(x * columns))
    row = rows - 1 if y >= 1 else min(rows - 1, int(y * rows))
    grid[row][column] += 1


def plain_box(grid: Rows, x1: float, y1: float, x2: float, y2: float) -> None:
    rows, columns = len(grid), len(grid[0])
    left, right = (max(0.0, min(1.0, x)) for x in (min(x1, x2), max(x1, x2)))
    top, bottom = (max(0.0, min(1.0, y)) for y in (min(y1, y2), max(y1, y2)))
    if right <= left or bottom <= top:
        return
    hit = False
    for row in range(rows):
        for column in range(columns):
            if left <= (column + 0.5) / columns <= right and top <= (row + 0.5) / rows <= bottom:
                grid[row][column] += 1
                hit = True
    if not hit:
        plain_point(grid, (left + right) * 0.5, (top + bottom) * 0.5)


def plain_polygon(grid: Rows, polygon: list[tuple[float, float]]) -> None:
    rows, columns = len(grid), len(grid[0])
    if len(polygon) < 3:
        return
    left, right = (max(0.0, min(1.0, f(x for x, _ in polygon))) for f in (min, max))
    top, bottom = (max(0.0, min(1.0, f(y for _, y in polygon))) for f in (min, max))
    if right <= left or bottom <= top:
        return
    hit = False
    for row in range(math.floor(top * rows), min(rows, math.ceil(bottom * rows))):
        for column in range(math.floor(left * columns), min(columns, math.ceil(right * columns))):
            if is_inside((column + 0.5) / columns, (row + 0.5) / rows, polygon):
                grid[row][column] += 1
                hit = True
    if not hit:
        mean_x, mean_y = (sum(axis) / len(polygon) for axis in zip(*polygon, strict=True))
        plain_point(grid, mean_x, mean_y)


def is_inside(x: float, y: float, polygon: list[tuple[float, float]]) -> bool:
    inside = False
    j = len(polygon) - 1
    for i, (xi, yi) in enumerate(polygon):
        xj, yj = polygon[j]
        if (yi > y) != (yj > y):
            d = yj - yi
            if x < (xj - xi) * (y - yi) / (1e-12 if abs(d) < 1e-12 else d) + xi:
                inside = not inside
        j = i
    return inside


def both(plain: Any, ours: Any, *arguments: Any) -> tuple[Rows, Rows, Any]:
    """Return the original's counts, and those of heatgrid in a list and in an array."""
    expected, lists, array = empty(), empty(), np.zeros(SHAPE, dtype=np.int32)
    plain(expected, *arguments)
    assert ours(lists, *arguments) is None
    assert ours(array, *arguments) is None
    return expected, lists, array


AXES = ("inside", "clipped", "outside", "on ties", "lattice")


@pytest.mark.parametrize("regime", AXES)
@given(data=st.data())
def test_points(regime: str, data: Any) -> None:
    point = data.draw(points_of(REGIMES[regime], SHAPE))
    expected, lists, array = both(plain_point, roboflow.increment_heatmap, *point)
    assert lists == expected == array.tolist()


@pytest.mark.parametrize("regime", [*AXES, "sub-cell", "degenerate"])
@given(data=st.data())
def test_boxes(regime: str, data: Any) -> None:
    box = data.draw(box_regimes(SHAPE)[regime])
    expected, lists, array = both(plain_box, roboflow.increment_heatmap_box, *box)
    assert lists == expected == array.tolist()


@pytest.mark.parametrize("regime", AXES)
@given(data=st.data())
def test_polygons(regime: str, data: Any) -> None:
    polygon = data.draw(rings_of(REGIMES[regime], SHAPE, 7))
    expected, lists, array = both(plain_polygon, roboflow.increment_heatmap_polygon, polygon)
    assert lists == expected == array.tolist()


def test_image_edges() -> None:
    expected, lists, _ = both(plain_point, roboflow.increment_heatmap, 1.0, 1.0)
    assert lists == expected
    assert lists[-1][-1] == 1
    grid = empty()
    for x, y in ((1.7, 0.5), (1e300, 0.5), (-0.0, 0.0), (-1e-300, 0.5), (0.5, -1.0)):
        roboflow.increment_heatmap(grid, x, y)
    assert grid[2][6] == 2
    assert grid[0][0] == 1
    assert sum(map(sum, grid)) == 3


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_shapes_that_are_not_finite_are_skipped_with_a_warning(value: float) -> None:
    grid = empty()
    with pytest.warns(hg.HeatgridWarning, match="1 points skipped"):
        roboflow.increment_heatmap(grid, value, 0.5)
    with pytest.warns(hg.HeatgridWarning, match="1 boxes skipped"):
        roboflow.increment_heatmap_box(grid, 0, 0, 1, value)
    with pytest.warns(hg.HeatgridWarning, match="1 polygons skipped"):
        roboflow.increment_heatmap_polygon(grid, [(0, 0), (1, 0), (1, value)])
    assert grid == empty()


def layouts(dtype: str) -> dict[str, Any]:
    """Return zeros of every layout, all (5, 7)."""
    return {
        "C": np.zeros(SHAPE, dtype=dtype),
        "Fortran": np.zeros(SHAPE, dtype=dtype, order="F"),
        "strided": np.zeros((10, 21), dtype=dtype)[::2, ::3],
        "reversed": np.zeros(SHAPE, dtype=dtype)[::-1, ::-1],
    }


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", layouts("int8"))
def test_integer_grids_are_changed_in_place(dtype: str, layout: str) -> None:
    grid = layouts(dtype)[layout]
    whole = grid if grid.base is None else grid.base
    expected = empty()
    for add, plain, arguments in (
        (roboflow.increment_heatmap, plain_point, (0.3, 0.9)),
        (roboflow.increment_heatmap_box, plain_box, (0.1, 0.2, 0.8, 0.7)),
        (roboflow.increment_heatmap_polygon, plain_polygon, ([(0.0, 0.0), (1.0, 0.1), (0.2, 0.9)],)),
    ):
        add(grid, *arguments)
        plain(expected, *arguments)
    assert grid.tolist() == expected
    assert grid.dtype == np.dtype(dtype)
    assert whole.sum() == grid.sum()


def test_keyword_arguments() -> None:
    grid = empty()
    roboflow.increment_heatmap(grid=grid, x=0.5, y=0.5)
    roboflow.increment_heatmap_box(grid=grid, x1=0, y1=0, x2=1, y2=1)
    roboflow.increment_heatmap_polygon(grid=grid, polygon=np.array([[0, 0], [1, 0], [1, 1], [0, 1]]))
    assert grid[2][3] == 3


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64"])
def test_overflow_is_refused(dtype: str) -> None:
    most = np.iinfo(dtype).max
    grid = np.zeros((2, 2), dtype=dtype)
    grid[0, 0] = most - 1
    roboflow.increment_heatmap_box(grid, 0, 0, 1, 1)
    assert grid.tolist() == [[most, 1], [1, 1]]
    roboflow.increment_heatmap(grid, 0.9, 0.9)  # the full cell is not hit
    full = f"grid of dtype {dtype} cannot hold"
    with pytest.raises(OverflowError, match=full):
        roboflow.increment_heatmap(grid, 0.1, 0.1)
    with pytest.raises(OverflowError, match=full):
        roboflow.increment_heatmap_box(grid, 0, 0, 1, 1)
    assert grid.tolist() == [[most, 1], [1, 2]]


@pytest.mark.parametrize(
    ("grid", "error", "text"),
    [
        (np.zeros((2, 2)), TypeError, "grid must hold integers, got dtype float64"),
        (np.zeros((2, 2), dtype=bool), TypeError, "grid must hold integers, got dtype bool"),
        (np.zeros(4, dtype=int), ValueError, "grid must be two-dimensional"),
        ([[0, 0], [0]], ValueError, r"grid must have rows of one length, got \[1, 2\]"),
        ([], ValueError, "no rows"),
        ([[]], ValueError, "1 to"),
    ],
)
def test_invalid_grids_are_refused(grid: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        roboflow.increment_heatmap(grid, 0.5, 0.5)
    with pytest.raises(error, match=text):
        roboflow.increment_heatmap_box(grid, 0, 0, 1, 1)
    with pytest.raises(error, match=text):
        roboflow.increment_heatmap_polygon(grid, [(0, 0), (1, 0), (1, 1)])


@pytest.mark.parametrize("polygon", [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0], [(0, 0, 1), (1, 0, 1), (1, 1, 1)]])
def test_invalid_polygons_are_refused(polygon: Any) -> None:
    with pytest.raises(ValueError, match=r"polygon must have shape \(N, 2\)"):
        roboflow.increment_heatmap_polygon(empty(), polygon)


# Statistics


def test_percentile() -> None:
    values = [5, 1, 4, 4, 9, 0]
    for p in (0.0, 0.1, 0.25, 0.5, 0.9, 1.0):
        assert roboflow.percentile(values, p) == reference.percentile(values, p)


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=6))
def test_statistics(grid: Rows) -> None:
    expected: dict[str, Any] = dict(reference.quartiles(grid))
    expected |= {f"{name}_int": value for name, value in reference.rounded_quartiles(grid).items()}
    assert roboflow.heat_stats(grid) == expected
    assert roboflow.heat_stats(np.array(grid, dtype=np.uint8)) == expected


# Post-processing


def polygon_map(size: int, polygons: int) -> Rows:
    rng = np.random.default_rng(size + polygons)
    grid = [[0] * size for _ in range(size)]
    for _ in range(polygons):
        roboflow.increment_heatmap_polygon(grid, rng.random((5, 2)).tolist())
    return grid


@pytest.mark.parametrize("size", [1, 2, 10, 33])
@pytest.mark.parametrize("polygons", [1, 3, 200])
def test_postprocessing(size: int, polygons: int) -> None:
    before = polygon_map(size, polygons)
    expected = reference.polygon_contrast(before, size, polygons)
    grid = [row[:] for row in before]
    assert roboflow.postprocess_polygon_only_heatmap(grid, size, box_hits=0, polygon_hits=polygons) is grid
    assert grid == expected
    array = np.asfortranarray(before, dtype=np.int16)
    assert roboflow.postprocess_polygon_only_heatmap(array, size, 0, polygons) is array
    assert array.tolist() == expected


@pytest.mark.parametrize(("box_hits", "polygon_hits"), [(1, 5), (0, 0), (3, 0)])
def test_maps_with_boxes_are_not_changed(box_hits: int, polygon_hits: int) -> None:
    grid = polygon_map(6, 5)
    before = [row[:] for row in grid]
    assert roboflow.postprocess_polygon_only_heatmap(grid, 6, box_hits, polygon_hits) is grid
    assert grid == before


def test_postprocessing_refuses_wrong_sizes_and_overflow() -> None:
    with pytest.raises(ValueError, match=r"grid must have shape \(4, 4\), got \(3, 4\)"):
        roboflow.postprocess_polygon_only_heatmap([[1] * 4] * 3, 4, 0, 1)
    grid = np.full((3, 3), 100, dtype=np.int8)
    with pytest.raises(OverflowError, match="int8 cannot hold a count of 256"):
        roboflow.postprocess_polygon_only_heatmap(grid, 3, 0, 1000)
    assert (grid == 100).all()


def test_loop_equals_one_call() -> None:
    """The original main loop, which counts large boxes at their center, equals one call of heatgrid."""
    rng = np.random.default_rng(11)
    boxes = rng.normal(0.5, 0.4, (400, 4))
    grid = np.zeros((12, 9), dtype=np.int32)
    large = 0
    for x1, y1, x2, y2 in boxes.tolist():
        if abs(x2 - x1) * abs(y2 - y1) > roboflow.HEATMAP_LARGE_REGION_AREA_RATIO:
            large += 1
            roboflow.increment_heatmap(grid, (x1 + x2) * 0.5, (y1 + y2) * 0.5)
        else:
            roboflow.increment_heatmap_box(grid, x1, y1, x2, y2)
    assert large > 5
    counts = hg.count_boxes(boxes, (12, 9), large_box_ratio=roboflow.HEATMAP_LARGE_REGION_AREA_RATIO)
    assert np.array_equal(grid, counts)
