"""Counting into an existing array, never into a copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BOXES = np.array([[0.0, 0.0, 0.5, 0.5], [0.25, 0.0, 1.0, 1.0], [0.9, 0.9, 0.95, 0.95]])
GRID = (4, 6)
COORDS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])

COUNTERS: dict[str, Callable[..., NDArray[Any]]] = {
    "boxes": lambda **options: hg.count_boxes(BOXES, GRID, **options),
    "points": lambda **options: hg.count_points(BOXES[:, :2], GRID, **options),
    "polygons": lambda **options: hg.count_polygons(COORDS, np.array([0, 3]), GRID, **options),
}


def read_only() -> NDArray[np.int64]:
    array = np.zeros(GRID, dtype=np.int64)
    array.flags.writeable = False
    return array


def misaligned() -> NDArray[np.int64]:
    n = 8 * GRID[0] * GRID[1]
    return np.zeros(n + 1, dtype=np.uint8)[1:].view(np.int64).reshape(GRID)


WRONG: dict[str, tuple[Callable[[], Any], type[Exception] | tuple[type[Exception], ...]]] = {
    "every second column": (lambda: np.zeros((4, 12), dtype=np.int64)[:, ::2], ValueError),
    "every second row": (lambda: np.zeros((8, 6), dtype=np.int64)[::2], ValueError),
    "upside down": (lambda: np.zeros(GRID, dtype=np.int64)[::-1], ValueError),
    "columns first": (lambda: np.zeros(GRID, dtype=np.int64, order="F"), ValueError),
    "misaligned": (misaligned, ValueError),
    "read-only": (read_only, ValueError),
    "transposed shape": (lambda: np.zeros((6, 4), dtype=np.int64), ValueError),
    "one axis": (lambda: np.zeros(24, dtype=np.int64), ValueError),
    "a plane too many": (lambda: np.zeros((1, *GRID), dtype=np.int64), ValueError),
    "int32": (lambda: np.zeros(GRID, dtype=np.int32), TypeError),
    "uint64": (lambda: np.zeros(GRID, dtype=np.uint64), TypeError),
    "float64": (lambda: np.zeros(GRID), TypeError),
    "bool": (lambda: np.zeros(GRID, dtype=np.bool_), TypeError),
    "objects": (lambda: np.zeros(GRID, dtype=object), TypeError),
    "the other byte order": (lambda: np.zeros(GRID, dtype=np.dtype(np.int64).newbyteorder()), TypeError),
    "a list of lists": (lambda: [[0] * 6 for _ in range(4)], TypeError),
    "a number": (lambda: 0, TypeError),
}


@pytest.mark.parametrize("kind", COUNTERS)
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_array_raises_and_is_not_changed(kind: str, wrong: str) -> None:
    make, error = WRONG[wrong]
    out = make()
    before = np.array(out)
    with pytest.raises(error, match=r"\bout\b"):
        COUNTERS[kind](out=out)
    assert np.array_equal(np.array(out), before)


@pytest.mark.parametrize("kind", COUNTERS)
def test_counts_are_added_to_the_array(kind: str) -> None:
    fresh = COUNTERS[kind]()
    assert fresh.any()
    out = np.full(GRID, 7, dtype=np.int64)
    assert COUNTERS[kind](out=out) is out
    assert np.array_equal(out, fresh + 7)
    COUNTERS[kind](out=out)
    assert np.array_equal(out, 2 * fresh + 7)


@pytest.mark.parametrize("kind", COUNTERS)
def test_counts_of_classes_are_added_to_the_array(kind: str) -> None:
    n = {"boxes": 3, "points": 3, "polygons": 1}[kind]
    labels = np.arange(n) % 2
    fresh = COUNTERS[kind](labels=labels, classes=3)
    assert fresh.shape == (3, *GRID)
    out = np.arange(72, dtype=np.int64).reshape(3, *GRID)
    expected = out + fresh
    assert COUNTERS[kind](labels=labels, classes=3, out=out) is out
    assert np.array_equal(out, expected)
    with pytest.raises(ValueError, match=r"\bout\b"):
        COUNTERS[kind](labels=labels, classes=3, out=np.zeros(GRID, dtype=np.int64))


def test_a_grid_of_a_larger_array_is_accepted() -> None:
    large = np.zeros((3, *GRID), dtype=np.int64)
    hg.count_boxes(BOXES, GRID, out=large[1])
    assert np.array_equal(large[1], hg.count_boxes(BOXES, GRID))
    assert not large[[0, 2]].any()


def test_numbers_beyond_32_bits() -> None:
    out = np.full(GRID, 2**62, dtype=np.int64)
    hg.count_boxes(BOXES, GRID, out=out)
    assert np.array_equal(out - 2**62, hg.count_boxes(BOXES, GRID))


def test_an_error_leaves_the_array_unchanged() -> None:
    out = np.zeros((2, *GRID), dtype=np.int64)
    with pytest.raises(ValueError, match="labels"):
        hg.count_boxes(BOXES, GRID, labels=[0, 1, 2], classes=2, out=out)
    with pytest.raises(ValueError, match="size"):
        hg.count_boxes(BOXES, GRID, labels=[0, 1, 1], classes=2, size=[[1.0, 1.0]], out=out)
    assert not out.any()
