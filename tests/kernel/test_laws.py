"""Laws of counting: order, addition, classes, symmetry and translation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import heatgrid as hg
from arrays import ragged
from effort import examples

if TYPE_CHECKING:
    from numpy.typing import NDArray

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=examples(25), deadline=None)


def random_boxes(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    boxes: NDArray[np.float64] = rng.normal(0.5, 0.4, (n, 4)) * rng.choice([1.0, 0.1], (n, 1))
    return boxes


def random_polygons(rng: np.random.Generator, n: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    lengths = rng.integers(0, 12, n)
    return rng.normal(0.5, 0.5, (lengths.sum(), 2)), np.concatenate([[0], np.cumsum(lengths)])


@few
@given(seeds, st.integers(0, 300))
def test_order_does_not_matter(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    boxes, labels = random_boxes(rng, n), rng.integers(0, 3, n)
    order = rng.permutation(n)
    counts = hg.count_boxes(boxes, (9, 14), labels=labels, classes=3)
    assert np.array_equal(hg.count_boxes(boxes[order], (9, 14), labels=labels[order], classes=3), counts)
    coords, offsets = random_polygons(rng, n)
    shuffled = [coords[offsets[i] : offsets[i + 1]] for i in order]
    ends = np.concatenate([[0], np.cumsum([len(ring) for ring in shuffled])]).astype(np.int64)
    whole = np.concatenate([np.empty((0, 2)), *shuffled])
    assert np.array_equal(
        hg.count_polygons(whole, ends, (9, 14)), hg.count_polygons(coords, offsets, (9, 14))
    )


@few
@given(seeds, st.integers(0, 300), st.integers(0, 300))
def test_counts_add(seed: int, n: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    boxes = random_boxes(rng, n)
    parts = hg.count_boxes(boxes[:cut], (8, 8)) + hg.count_boxes(boxes[cut:], (8, 8))
    assert np.array_equal(parts, hg.count_boxes(boxes, (8, 8)))
    coords, offsets = random_polygons(rng, n)
    cut = min(cut, n)
    parts = hg.count_polygons(coords, offsets[: cut + 1], (8, 8)) + hg.count_polygons(
        coords, offsets[cut:], (8, 8)
    )
    assert np.array_equal(parts, hg.count_polygons(coords, offsets, (8, 8)))


@few
@given(seeds)
def test_classes_sum_to_the_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    boxes, labels = random_boxes(rng, 200), rng.integers(0, 7, 200)
    by_class = hg.count_boxes(boxes, (6, 11), labels=labels, classes=7)
    assert np.array_equal(by_class.sum(axis=0), hg.count_boxes(boxes, (6, 11)))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("n", [200, 30_000], ids=["few", "many"])
def test_classes_of_a_large_grid(n: int, threads: int) -> None:
    """The kernel does not hold that many grids at once."""
    rng = np.random.default_rng(n)
    grid, classes = (600, 700), 12
    boxes, labels, size = (
        random_boxes(rng, n),
        rng.integers(0, classes - 1, n),
        rng.uniform(0.5, 2.0, (n, 2)),
    )
    options: dict[str, Any] = {"large_box_ratio": 0.3, "threads": threads}
    counts = hg.count_boxes(boxes, grid, labels=labels, classes=classes, size=size, **options)
    coords, offsets = random_polygons(rng, n // 10)
    of_rings = hg.count_polygons(
        coords,
        offsets,
        grid,
        labels=labels[: n // 10],
        classes=classes,
        size=size[: n // 10],
        threads=threads,
    )
    for k in range(classes):
        its = labels == k
        assert np.array_equal(
            counts[k], hg.count_boxes(boxes[its], grid, size=size[its], large_box_ratio=0.3)
        )
        rings = [coords[offsets[i] : offsets[i + 1]] / size[i] for i in np.flatnonzero(its[: n // 10])]
        ends = np.concatenate([[0], np.cumsum([len(ring) for ring in rings])]).astype(np.int64)
        vertices = np.concatenate([np.empty((0, 2)), *rings])
        assert np.array_equal(of_rings[k], hg.count_polygons(vertices, ends, grid))


@few
@given(seeds, st.sampled_from([(1, 1), (5, 9), (31, 2), (100, 100)]))
def test_a_box_equals_its_rectangle_without_ties(seed: int, grid: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    x1, y1, x2, y2 = boxes = rng.uniform(0.0, 1.0, (4, 60))
    rings = np.stack([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]).transpose(2, 0, 1).reshape(-1, 2)
    assert np.array_equal(hg.count_polygons(rings, np.arange(0, 241, 4), grid), hg.count_boxes(boxes.T, grid))


@few
@given(seeds)
def test_transposed_boxes_transpose_the_counts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    boxes = random_boxes(rng, 100)
    turned = hg.count_boxes(boxes[:, [1, 0, 3, 2]], (16, 5))
    assert np.array_equal(turned.T, hg.count_boxes(boxes, (5, 16)))
    turned = hg.count_points(boxes[:, 1::-1], (16, 5))
    assert np.array_equal(turned.T, hg.count_points(boxes[:, :2], (5, 16)))


@few
@given(seeds, st.integers(0, 8), st.integers(0, 8))
def test_translation_by_whole_cells_moves_the_counts(seed: int, down: int, right: int) -> None:
    """Coordinates are multiples of 1/128 on 16 cells: no sum or product is rounded."""
    rng = np.random.default_rng(seed)
    move = np.array([right, down]) / 16
    corners = rng.integers(0, 64, (40, 2, 2)) / 128
    check_moved(hg.count_boxes, corners.reshape(-1, 4), (corners + move).reshape(-1, 4), down, right)
    points = corners.reshape(-1, 2)
    check_moved(hg.count_points, points, points + move, down, right)

    def count_rings(coords: NDArray[np.float64], grid: tuple[int, int]) -> NDArray[np.int64]:
        return hg.count_polygons(coords, np.arange(0, 81, 4), grid)

    check_moved(count_rings, points, points + move, down, right)


def check_moved(count: Any, before: Any, after: Any, down: int, right: int) -> None:
    """Assert that the counts of the upper left quarter have moved and that no others exist."""
    expected = np.roll(count(before, (16, 16)), (down, right), axis=(0, 1))
    assert np.array_equal(count(after, (16, 16)), expected)


@pytest.mark.parametrize("grid", [(1, 1), (3, 200), (64, 64)], ids=str)
def test_many_equal_boxes(grid: tuple[int, int]) -> None:
    n = 70_000
    assert (hg.count_boxes(np.tile([0.0, 0.0, 1.0, 1.0], (n, 1)), grid) == n).all()
    coords, offsets = ragged([[[[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]]]] * 1000)
    assert (hg.count_polygons(coords, offsets, grid) == 1000).all()


def test_a_ring_of_very_many_vertices() -> None:
    angle = np.linspace(0.0, 2 * np.pi, 200_000, endpoint=False)
    ring = np.stack([0.5 + 0.45 * np.cos(angle), 0.5 + 0.45 * np.sin(angle)], axis=1)
    counts = hg.count_polygons(ring, [0, len(ring)], 40)
    centres = (np.arange(40) + 0.5) / 40 - 0.5
    assert np.array_equal(counts, np.hypot(centres[:, None], centres) < 0.45)
