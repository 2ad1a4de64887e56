"""Arrays that overlap, change, or are masked; counts near the limits of int64."""

from __future__ import annotations

import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.analysis.layout import polygon_contrast
from heatgrid.core.kernel import Outcome, count
from heatgrid.core.ragged import Masks, Polygons, Shapes
from heatgrid.core.spec import CountSpec

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = np.iinfo(np.int64).max
BOX = [[0.0, 0.0, 1.0, 1.0]]
TRIANGLE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])


# Overlaps: every array is a view of the memory of `out`


def integers(*values: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a grid, (2, 4), and a view of its first values."""
    out = np.zeros((2, 4), dtype=np.int64)
    out.flat[: len(values)] = values
    return out, out.reshape(-1)[: len(values)]


def doubles(values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return a grid of counts, (4, 4), whose memory a float64 array shares."""
    out = np.zeros((4, 4), dtype=np.int64)
    array = np.asarray(values, dtype=np.float64)
    view = out.reshape(-1).view(np.float64)[: array.size].reshape(array.shape)
    view[...] = array
    return out, view


def test_out_must_not_overlap_index_arrays() -> None:
    out, labels = integers(0, 1)
    with pytest.raises(ValueError, match="out must not overlap labels"):
        hg.count_boxes(BOX * 2, (1, 4), labels=labels, classes=2, out=out.reshape(2, 1, 4))
    out, images = integers(3, 4)
    with pytest.raises(ValueError, match="out must not overlap images"):
        hg.count_boxes(BOX * 2, (2, 4), images=images, count="images", out=out)
    out, offsets = integers(0, 3)
    with pytest.raises(ValueError, match="out must not overlap offsets"):
        hg.count_polygons(TRIANGLE, offsets, (2, 4), out=out)
    out, offsets = integers(0, 1)
    with pytest.raises(ValueError, match="out must not overlap offsets"):
        hg.count_polygons(TRIANGLE, ([0, 3], offsets), (2, 4), out=out)
    out, offsets = integers(0, 3)
    with pytest.raises(ValueError, match="out must not overlap offsets"):
        hg.count_lines(TRIANGLE, offsets, (2, 4), out=out)


def test_out_must_not_overlap_coordinates() -> None:
    out, xyxy = doubles(BOX)
    with pytest.raises(ValueError, match="out must not overlap xyxy"):
        hg.count_boxes(xyxy, 4, out=out)
    out, xy = doubles([[0.5, 0.5]])
    with pytest.raises(ValueError, match="out must not overlap xy"):
        hg.count_points(xy, 4, out=out)
    out, coords = doubles(TRIANGLE)
    with pytest.raises(ValueError, match="out must not overlap coords"):
        hg.count_polygons(coords, [0, 3], 4, out=out)
    with pytest.raises(ValueError, match="out must not overlap coords"):
        hg.count_lines(coords, [0, 3], 4, out=out)
    out, discs = doubles([[1.0, 1.0, 1.0]])
    with pytest.raises(ValueError, match="out must not overlap discs"):
        hg.count_discs(discs, 4, out=out)
    out, sizes = doubles([[1.0, 1.0]])
    with pytest.raises(ValueError, match="out must not overlap size"):
        hg.count_boxes(BOX, 4, size=sizes, out=out)
    sums = np.ones((4, 4))
    with pytest.raises(ValueError, match="out must not overlap weights"):
        hg.count_boxes(BOX, 4, weights=sums[0, :1], out=sums)


def test_out_must_not_overlap_masks() -> None:
    out = np.zeros((4, 4), dtype=np.int64)
    pixels = out.view(np.uint8)
    for mask in (pixels[:2, :2], pixels[::-1, ::-2]):
        with pytest.raises(ValueError, match="out must not overlap masks"):
            hg.count_masks([mask], 4, out=out)
    runs = out.reshape(-1)[:2]
    runs[:] = 0, 4
    none = np.zeros(0, dtype=np.uint8)
    codes = Masks(np.array([[2, 2]]), none, np.array([0, 0]), runs, np.array([0, 2]))
    with pytest.raises(ValueError, match="out must not overlap masks"):
        hg.count_masks(codes, 4, out=out)


def test_arrays_beside_out_in_one_memory_are_counted() -> None:
    memory = np.zeros(20, dtype=np.int64)
    out, labels = memory[:16].reshape(1, 4, 4), memory[16:17]
    assert hg.count_boxes(BOX, 4, labels=labels, classes=1, out=out).sum() == 16
    assert hg.count_boxes(np.zeros((0, 4)), 4, out=out[0]).sum() == 16


def test_a_map_refuses_its_own_memory() -> None:
    heat = hg.Heatmap(4, rule="area").add_boxes(BOX)
    with pytest.raises(ValueError, match="must not overlap xyxy"):
        heat.add_boxes(heat._counts.grids.counts.reshape(-1, 4))  # not even a copy of the view
    assert heat.report.read == 1


# Concurrent changes


def test_index_arrays_may_change_while_they_are_used() -> None:
    count_of, vertices = 20_000, 8
    coords = np.random.default_rng(1).random((count_of * vertices, 2))
    offsets = np.arange(0, len(coords) + 1, vertices)
    labels = np.zeros(count_of, dtype=np.int64)
    good_offsets, stop = offsets.copy(), threading.Event()

    def disturb() -> None:
        while not stop.is_set():
            offsets[1:-1] = 1 << 40
            labels[:] = 1 << 40
            offsets[:] = good_offsets
            labels[:] = 0

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for _ in range(40):
            try:
                total = hg.count_polygons(coords, offsets, 9, labels=labels, classes=2, threads=2)
            except ValueError:  # the copy was made of broken values
                continue
            assert not total[1].any()
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("rule", ["center", "touch", "area", "point"])
def test_coordinates_may_change_while_they_are_used(rule: Any) -> None:
    count_of, vertices = 5_000, 9
    good = np.random.default_rng(2).random((count_of * vertices, 2))
    coords, stop = good.copy(), threading.Event()
    offsets = np.arange(0, len(coords) + 1, vertices)

    def disturb() -> None:
        while not stop.is_set():
            for value in (np.nan, 1e308, -1e308, 5e-324, np.inf):
                coords[::3] = value
                coords[::2] = good[::2]

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", hg.HeatgridWarning)
            for _ in range(10):
                hg.count_polygons(coords, offsets, (31, 17), rule=rule, threads=2)
    finally:
        stop.set()
        thread.join()


BOXES = np.random.default_rng(3).random((50_000, 4))
NUMBERS: dict[str, Callable[..., Any]] = {
    "labels": lambda labels: hg.count_boxes(BOXES, 9, labels=labels, classes=3, threads=2),
    "labels of points": lambda labels: hg.count_points(BOXES[:, :2], 9, labels=labels, classes=3, threads=2),
    "labels, plane by plane": lambda labels: hg.count_boxes(
        BOXES[:5_000], 900, labels=labels[:5_000], classes=3, threads=2
    ),
    "images": lambda images: hg.count_boxes(BOXES, 9, images=images, count="images", threads=2),
    "images of classes": lambda images: hg.count_boxes(
        BOXES, 9, labels=np.arange(len(BOXES)) % 3, classes=3, images=images, count="images", threads=2
    ),
    "weights": lambda weights: hg.count_boxes(BOXES, 9, weights=weights, threads=2),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_annotations_may_change_while_they_are_used(name: str) -> None:
    numbers, stop = (
        np.zeros(len(BOXES), dtype=np.float64 if name == "weights" else np.int64),
        threading.Event(),
    )

    def disturb() -> None:
        while not stop.is_set():
            numbers[::3] = np.nan if name == "weights" else -(1 << 60)
            numbers[::2] = 1 << 60
            numbers[:] = 0

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for _ in range(30):
            with suppress(ValueError):  # the values were broken when they were checked
                NUMBERS[name](numbers)
    finally:
        stop.set()
        thread.join()


# Masked arrays

MASKED = np.ma.masked_array


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("xyxy", lambda: hg.count_boxes(MASKED(BOX, mask=True), 2)),
        ("xyxy", lambda: hg.Heatmap(2).add_boxes([MASKED(BOX[0], mask=True)])),
        ("xy", lambda: hg.count_points(MASKED([[0.5, 0.5]]), 2)),
        ("coords", lambda: hg.count_polygons(MASKED(TRIANGLE), [0, 3], 2)),
        ("offsets", lambda: hg.count_polygons(TRIANGLE, MASKED([0, 3]), 2)),
        ("discs", lambda: hg.count_discs(MASKED([[1.0, 1.0, 1.0]]), 2)),
        ("size", lambda: hg.count_boxes(BOX, 2, size=MASKED([4, 4]))),
        ("labels", lambda: hg.count_boxes(BOX, 2, labels=MASKED([0]), classes=1)),
        ("images", lambda: hg.count_boxes(BOX, 2, images=MASKED([0]), count="images")),
        ("weights", lambda: hg.count_boxes(BOX, 2, weights=MASKED([1.0], mask=True))),
        ("masks", lambda: hg.count_masks(MASKED(np.ones((1, 2, 2), dtype=bool), mask=True), 2)),
        ("masks", lambda: hg.count_masks([MASKED(np.ones((2, 2), dtype=bool), mask=True)], 2)),
        ("masks", lambda: hg.count_masks([{"size": [2, 2], "counts": MASKED([0, 4])}], 2)),
        ("masks", lambda: hg.Heatmap(2).add_masks(MASKED(np.ones((1, 2, 2), dtype=bool)))),
        ("array", lambda: hg.Heatmap(2).add(MASKED(BOX, mask=True), size=(4, 4))),
        ("labels", lambda: hg.Heatmap(2).add(np.array(BOX), size=(4, 4), labels=MASKED([1]))),
        ("labels", lambda: hg.Heatmap(2, ["a"]).add_boxes(BOX, labels=MASKED(["a"]))),
        ("counts", lambda: hg.Heatmap(1).fill(MASKED([[[1]]], mask=True))),
        ("counts", lambda: polygon_contrast(MASKED([[1]], mask=True), 1)),
    ],
)
def test_masked_arrays_are_refused(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=rf"{name}.* must not be a masked array"):
        call()


# Overflow

ADD: list[Callable[[np.ndarray], object]] = [
    lambda out: hg.count_boxes(BOX * 2, 2, out=out),
    lambda out: hg.count_boxes(BOX * 2, 2, images=[0, 1], count="images", out=out),
    lambda out: hg.count_points([[0.6, 0.6]] * 2, 2, out=out),
    lambda out: hg.count_polygons(np.vstack([TRIANGLE, [[1, 1]]])[[0, 1, 3, 2] * 2], [0, 4, 8], 2, out=out),
    lambda out: hg.count_masks(np.ones((2, 1, 1), dtype=bool), 2, out=out),
    lambda out: hg.count_boxes(BOX * 2000, 2, out=out),
    lambda out: hg.count_points([[0.6, 0.6]] * 2000, 2, out=out, threads=2),
]


@pytest.mark.parametrize("add", ADD)
def test_out_never_wraps(add: Callable[[np.ndarray], object]) -> None:
    out = np.zeros((2, 2), dtype=np.int64)
    out[1, 1] = LARGEST - 1
    before = out.copy()
    with pytest.raises(OverflowError, match="int64"):
        add(out)
    assert (out == before).all()


@pytest.mark.parametrize("add", ADD)
def test_out_may_reach_the_largest_count(add: Callable[[np.ndarray], object]) -> None:
    fresh = np.zeros((2, 2), dtype=np.int64)
    add(fresh)
    out = np.full((2, 2), -5, dtype=np.int64)
    out[1, 1] = LARGEST - fresh[1, 1]
    expected = out + fresh
    add(out)
    assert (out == expected).all()
    assert out[1, 1] == LARGEST


def test_many_classes_are_written_wholly_or_not_at_all() -> None:
    out = np.zeros((3, 1500, 1500), dtype=np.int64)  # counted plane by plane
    out[2, 0, 0] = LARGEST
    with pytest.raises(OverflowError, match="int64"):
        hg.count_boxes(BOX * 3, 1500, labels=[0, 1, 2], classes=3, out=out)
    assert not out[:2].any()


def test_kinds_are_written_together_or_not_at_all() -> None:
    shapes = Shapes(
        kinds=np.array([1, 2], dtype=np.uint8),
        boxes=np.array([[0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 0.0]]),
        polygons=Polygons(TRIANGLE[[0, 1, 2]] * 2, np.array([0, 3]), np.array([0, 1]), np.array([0, 0, 1])),
    )
    grids = np.array([[[0, LARGEST], [0, 0]]])
    outcome = np.full(2, int(Outcome.PENDING), dtype=np.uint8)
    with pytest.raises(OverflowError, match="int64"):
        count(shapes, grids, CountSpec(grid=(2, 2)), outcome)
    assert grids.tolist() == [[[0, LARGEST], [0, 0]]]


def test_maps_never_wrap() -> None:
    heat = hg.Heatmap(1, ["a", "b"], count="images")
    heat.fill(np.array([[[1]], [[2]]]), np.array([[LARGEST]]))
    before = heat.copy()
    with pytest.raises(OverflowError, match="int64"):
        heat.add_boxes(BOX, labels=["a"], images=[0])
    assert heat == before
    assert heat.report.read == 0
    least = hg.Heatmap(1)
    least.fill(np.array([[[-LARGEST - 1]]]))
    with pytest.raises(OverflowError, match="int64"):
        hg.Heatmap(1) - least
    with pytest.raises(OverflowError, match="int64"):
        least - hg.Heatmap(1).add_boxes(BOX)
    assert (least + hg.Heatmap(1).add_boxes(BOX)).counts == -LARGEST


def test_sums_over_classes_never_wrap() -> None:
    heat = hg.Heatmap(1, ["a", "b"])
    heat.fill(np.array([[[LARGEST]], [[0]]]))
    heat.add_boxes(BOX, labels=["b"])
    assert heat.by_class.ravel().tolist() == [LARGEST, 1]
    with pytest.raises(OverflowError, match="int64"):
        heat.counts  # noqa: B018
    heat.fill(np.array([[[LARGEST]], [[-LARGEST]]]))
    assert heat.counts == 0


@pytest.mark.parametrize("dtype", [np.uint64, np.int32, np.uint32, np.float64, ">i8"])
def test_out_of_another_dtype_is_refused(dtype: Any) -> None:
    out = np.zeros((2, 2), dtype=dtype)
    with pytest.raises(TypeError, match="out must be a"):
        hg.count_boxes(BOX, 2, out=out)
    assert not out.any()
