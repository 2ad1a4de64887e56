"""Arguments of the array functions: accepted types and error messages."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from arrays import ragged
from comparison import check
from heatgrid.errors import HeatgridWarning
from reference import count_polygons

BOXES = np.array([[0, 0, 20, 10], [30, 20, 70, 60], [40, 40, 41, 41], [-5, 50, 3, 90], [99, 99, 10, 98]])
SIZE = (100, 100)
GRID = (5, 8)
TRIANGLES = [
    [[[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], [(0.1, 0.1), (0.4, 0.1), (0.1, 0.4)]]],
    [[[(1.0, 1.0), (0.3, 1.0), (1.0, 0.2)]]],
]
COORDS, (RINGS, PARTS, ANNOTATIONS) = ragged(TRIANGLES)


def every_second(array: Any) -> Any:
    wide = np.zeros((array.shape[0] * 2, array.shape[1] * 3))
    wide[::2, ::3] = array
    return wide[::2, ::3]


LAYOUTS: dict[str, Any] = {
    "float32": lambda a: a.astype(np.float32),
    "float16": lambda a: a.astype(np.float16),
    "longdouble": lambda a: a.astype(np.longdouble),
    "int8": lambda a: a.astype(np.int8),
    "int32": lambda a: a.astype(np.int32),
    "big-endian": lambda a: a.astype(">f8"),
    "big-endian integers": lambda a: a.astype(">i4"),
    "columns first": lambda a: np.asfortranarray(a, dtype=np.float64),
    "strided": every_second,
    "reversed twice": lambda a: np.ascontiguousarray(a[::-1].astype(np.float64))[::-1],
    "list": lambda a: a.tolist(),
    "read-only": lambda a: np.frombuffer(a.astype(np.float64).tobytes()).reshape(a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_real_dtype_and_layout(layout: str) -> None:
    convert = LAYOUTS[layout]
    boxes = hg.count_boxes(BOXES.astype(np.float64), GRID, size=SIZE)
    assert np.array_equal(hg.count_boxes(convert(BOXES), GRID, size=SIZE), boxes)
    points = hg.count_points(BOXES[:, :2].astype(np.float64), GRID, size=SIZE)
    assert np.array_equal(hg.count_points(convert(BOXES[:, :2]), GRID, size=SIZE), points)
    corners = np.array([[0, 0], [90, 5], [40, 100], [7, 50]])
    polygon = hg.count_polygons(corners.astype(np.float64), [0, 4], GRID, size=SIZE)
    assert np.array_equal(hg.count_polygons(convert(corners), [0, 4], GRID, size=SIZE), polygon)


def test_input_is_not_changed() -> None:
    boxes, labels = BOXES.astype(np.float64), np.arange(5)
    hg.count_boxes(boxes, GRID, size=SIZE, labels=labels, classes=5)
    assert np.array_equal(boxes, BOXES)
    assert np.array_equal(labels, np.arange(5))


def test_no_shapes() -> None:
    assert not hg.count_boxes(np.empty((0, 4)), GRID).any()
    assert not hg.count_points(np.empty((0, 2)), GRID).any()
    assert not hg.count_polygons(np.empty((0, 2)), [0], GRID).any()
    assert hg.count_boxes(np.empty((0, 4)), GRID, labels=[], classes=3).shape == (3, *GRID)


# shape


@pytest.mark.parametrize("shape", [4, np.int32(4), (4, 4), [4, 4], np.array([4, 4])], ids=repr)
def test_grid(shape: Any) -> None:
    assert hg.count_boxes(BOXES, shape, size=SIZE).shape == (4, 4)


@pytest.mark.parametrize("shape", [0, -1, (0, 5), (5, -5), (2**40, 2**40)], ids=repr)
def test_grid_without_cells(shape: Any) -> None:
    with pytest.raises(ValueError, match="grid"):
        hg.count_boxes(BOXES, shape, size=SIZE)


@pytest.mark.parametrize("shape", ["10", 2.5, (2.5, 4), None, ("3", "3"), True], ids=repr)
def test_grid_of_a_wrong_type(shape: Any) -> None:
    with pytest.raises(TypeError, match="grid"):
        hg.count_boxes(BOXES, shape, size=SIZE)


# coordinates


@pytest.mark.parametrize(
    "wrong", [np.zeros((3, 3)), np.zeros(4), np.zeros((1, 4, 1)), np.float64(1.0)], ids=np.shape
)
def test_coordinates_of_a_wrong_shape(wrong: Any) -> None:
    with pytest.raises(ValueError, match="xyxy"):
        hg.count_boxes(wrong, GRID)
    with pytest.raises(ValueError, match=r"\bxy\b"):
        hg.count_points(wrong, GRID)
    with pytest.raises(ValueError, match="coords"):
        hg.count_polygons(wrong, [0, 3], GRID)


@pytest.mark.parametrize(
    "wrong", [[["a"] * 4], np.zeros((1, 4), dtype=complex), None, [[None] * 4], [[0, 0, 1, "1"]]], ids=str
)
def test_coordinates_of_a_wrong_type(wrong: Any) -> None:
    with pytest.raises(TypeError, match="xyxy"):
        hg.count_boxes(wrong, GRID)


# size


def test_one_size_or_one_per_shape() -> None:
    boxes = [tuple(map(float, row)) for row in BOXES]
    check("boxes", boxes, GRID, size=(100.0, 50.0))
    check("boxes", boxes, GRID, size=[(100.0 + i, 50.0 * (i + 1)) for i in range(5)])
    pixels = [
        [[[(x * 31, y * 17) for x, y in ring] for ring in part] for part in shape] for shape in TRIANGLES
    ]
    check("polygons", pixels, GRID, size=(31.0, 17.0))
    check("polygons", pixels, GRID, size=[(31.0, 17.0), (50.0, 20.0)])


def test_two_sizes_for_two_boxes_are_one_per_box() -> None:
    size = [(100.0, 50.0), (10.0, 500.0)]
    check("boxes", [(10.0, 10.0, 60.0, 60.0)] * 2, GRID, size=size)


def test_sizes_of_any_dtype_and_layout() -> None:
    size = np.array([[100, 50], [200, 100], [50, 60], [70, 80], [64, 128]])
    expected = hg.count_boxes(BOXES, GRID, size=size.astype(np.float64))
    for convert in (LAYOUTS["columns first"], LAYOUTS["strided"], LAYOUTS["list"], LAYOUTS["big-endian"]):
        assert np.array_equal(hg.count_boxes(BOXES, GRID, size=convert(size)), expected)
    assert np.array_equal(hg.count_boxes(BOXES, GRID, size=size.astype(np.int16)), expected)


@pytest.mark.parametrize("bad", [(0, 9), (9, 0), (-9, 9), (float("nan"), 9), (float("inf"), 9)], ids=str)
def test_invalid_sizes_make_shapes_invalid(bad: tuple[float, float]) -> None:
    size = [(100.0, 100.0), bad, (100.0, 100.0), bad, (100.0, 100.0)]
    with pytest.warns(HeatgridWarning, match=r"\b2\b"):
        counts = hg.count_boxes(BOXES, GRID, size=size)
    assert np.array_equal(counts, hg.count_boxes(BOXES[::2], GRID, size=SIZE))


@pytest.mark.parametrize(
    "wrong", [[1.0], [[1.0, 1.0]] * 4, [[1.0] * 3] * 5, 100, np.ones((5, 2, 1))], ids=str
)
def test_sizes_of_a_wrong_shape(wrong: Any) -> None:
    with pytest.raises(ValueError, match="size"):
        hg.count_boxes(BOXES, GRID, size=wrong)


@pytest.mark.parametrize("wrong", ["ab", [("a", "b")] * 5, np.zeros((5, 2), dtype=complex)], ids=str)
def test_sizes_of_a_wrong_type(wrong: Any) -> None:
    with pytest.raises(TypeError, match="size"):
        hg.count_boxes(BOXES, GRID, size=wrong)


# labels and classes


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8, np.uint64, np.int32, ">i8", ">u2"])
def test_labels_of_any_integer_dtype(dtype: Any) -> None:
    labels = np.array([2, 0, 1, 2, 2])
    counts = hg.count_boxes(BOXES, GRID, size=SIZE, labels=labels.astype(dtype), classes=4)
    for k in range(4):
        assert np.array_equal(counts[k], hg.count_boxes(BOXES[labels == k], GRID, size=SIZE))
    strided = np.repeat(labels, 2).astype(dtype)[::2]
    assert np.array_equal(hg.count_boxes(BOXES, GRID, size=SIZE, labels=strided, classes=4), counts)


def test_labels_of_polygons_and_points() -> None:
    counts = hg.count_polygons(COORDS, (RINGS, PARTS, ANNOTATIONS), GRID, labels=[1, 0], classes=2)
    assert counts.tolist() == count_polygons(TRIANGLES, GRID, labels=[1, 0], classes=2).counts
    check("points", [(0.1, 0.2), (0.3, 0.4), (0.1, 0.2)], GRID, labels=[2, 0, 2], classes=3)


@pytest.mark.parametrize(
    "labels", [[0, 1, 2, 3, 4], [0, 0, -1, 0, 0], np.array([0, 0, 2**63, 0, 0], dtype=np.uint64)], ids=str
)
def test_labels_out_of_range(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels"):
        hg.count_boxes(BOXES, GRID, size=SIZE, labels=labels, classes=4)


@pytest.mark.parametrize("labels", [[0], [0] * 6, [[0] * 5], 0], ids=str)
def test_labels_of_a_wrong_shape(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels"):
        hg.count_boxes(BOXES, GRID, size=SIZE, labels=labels, classes=1)


@pytest.mark.parametrize("labels", [[0.0] * 5, ["0"] * 5, [None] * 5, [0j] * 5], ids=str)
def test_labels_of_a_wrong_type(labels: Any) -> None:
    with pytest.raises(TypeError, match="labels"):
        hg.count_boxes(BOXES, GRID, size=SIZE, labels=labels, classes=1)


@pytest.mark.parametrize("classes", [0, -1], ids=str)
def test_classes_of_a_wrong_value(classes: int) -> None:
    with pytest.raises(ValueError, match=r"classes|labels"):
        hg.count_boxes(BOXES, GRID, size=SIZE, labels=[0] * 5, classes=classes)


@pytest.mark.parametrize("classes", [1.5, "2", ["car"]], ids=str)
def test_classes_of_a_wrong_type(classes: Any) -> None:
    with pytest.raises(TypeError, match="classes"):
        hg.count_boxes(BOXES, GRID, size=SIZE, labels=[0] * 5, classes=classes)


def test_labels_without_classes() -> None:
    with pytest.raises((TypeError, ValueError), match="classes"):
        hg.count_boxes(BOXES, GRID, size=SIZE, labels=[0] * 5)


# offsets


def test_offsets_of_one_two_and_three_levels() -> None:
    rings = [[[ring]] for shape in TRIANGLES for part in shape for ring in part]
    parts = [[part] for shape in TRIANGLES for part in shape]
    assert hg.count_polygons(COORDS, RINGS, GRID).tolist() == count_polygons(rings, GRID).counts
    assert hg.count_polygons(COORDS, (RINGS, PARTS), GRID).tolist() == count_polygons(parts, GRID).counts
    whole = hg.count_polygons(COORDS, (RINGS, PARTS, ANNOTATIONS), GRID)
    assert whole.tolist() == count_polygons(TRIANGLES, GRID).counts


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.uint64, ">i8"])
def test_offsets_of_any_integer_dtype(dtype: Any) -> None:
    offsets = RINGS.astype(dtype), PARTS.astype(dtype), ANNOTATIONS.astype(dtype)
    assert np.array_equal(
        hg.count_polygons(COORDS, offsets, GRID), hg.count_polygons(COORDS, (RINGS, PARTS), GRID)
    )
    assert np.array_equal(hg.count_polygons(COORDS, offsets[0], GRID), hg.count_polygons(COORDS, RINGS, GRID))
    assert np.array_equal(
        hg.count_polygons(COORDS, RINGS.tolist(), GRID), hg.count_polygons(COORDS, RINGS, GRID)
    )


@pytest.mark.parametrize(("begin", "end"), [(0, 1), (1, 2), (1, 3), (2, 3), (1, 1)])
def test_offsets_of_a_slice(begin: int, end: int) -> None:
    window = RINGS[begin : end + 1]
    own = COORDS[window[0] : window[-1]]
    assert np.array_equal(hg.count_polygons(COORDS, window, 9), hg.count_polygons(own, window - window[0], 9))
    assert np.array_equal(hg.count_lines(COORDS, window, 9), hg.count_lines(own, window - window[0], 9))


WRONG_OFFSETS: dict[str, Any] = {
    "going back": [0, 6, 3, 9],
    "negative": [-1, 3, 6, 9],
    "beyond the coordinates": [0, 3, 6, 10],
    "far beyond": [0, 3, 6, 2**62],
    "beyond int64": np.array([0, 3, 6, 2**63 + 9], dtype=np.uint64),
    "empty": np.array([], dtype=np.int64),
    "two axes": [[0, 3, 6, 9]],
}


@pytest.mark.parametrize("wrong", WRONG_OFFSETS)
def test_offsets_of_a_wrong_value(wrong: str) -> None:
    with pytest.raises(ValueError, match="offsets"):
        hg.count_polygons(COORDS, WRONG_OFFSETS[wrong], GRID)
    with pytest.raises(ValueError, match="offsets"):
        hg.count_polygons(COORDS, (WRONG_OFFSETS[wrong], PARTS, ANNOTATIONS), GRID)


@pytest.mark.parametrize(
    "outer",
    [([0, 3, 2], [0, 2]), ([0, 4], [0, 1]), ([0, -1, 3], [0, 2]), ([0, 2, 3], [0, 3]), ([0, 2, 3], [2, 0])],
    ids=str,
)
def test_offsets_of_parts_and_annotations_are_checked_too(outer: tuple[list[int], list[int]]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        hg.count_polygons(COORDS, (RINGS, *outer), GRID)


def test_offsets_of_four_levels() -> None:
    with pytest.raises(ValueError, match="offsets"):
        hg.count_polygons(COORDS, (RINGS, PARTS, ANNOTATIONS, np.array([0, 2])), GRID)


@pytest.mark.parametrize("wrong", [[0.0, 3.0], ["0", "3"], None, 3, ([0, 3], [0.0, 1.0])], ids=str)
def test_offsets_of_a_wrong_type(wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="offsets"):
        hg.count_polygons(COORDS, wrong, GRID)


# the other options


def test_outside_is_drop_or_clamp() -> None:
    with pytest.raises(ValueError, match=re.compile("outside.*drop.*clamp", re.DOTALL)):
        hg.count_points(BOXES[:, :2], GRID, outside="keep")  # type: ignore[arg-type]


def test_options_are_keywords() -> None:
    with pytest.raises(TypeError):
        hg.count_boxes(BOXES, GRID, SIZE)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="lables"):
        hg.count_boxes(BOXES, GRID, lables=[0] * 5)  # type: ignore[call-arg]


def test_ragged_coordinates() -> None:
    with pytest.raises((TypeError, ValueError), match="xyxy"):
        hg.count_boxes([[0, 0, 1, 1], [0, 0, 1]], GRID)


@pytest.mark.parametrize("shape", [(5,), (5, 5, 5), ()], ids=repr)
def test_grid_of_too_few_or_too_many_axes(shape: Any) -> None:
    with pytest.raises(ValueError, match="grid"):
        hg.count_boxes(BOXES, shape, size=SIZE)
