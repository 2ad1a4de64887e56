"""Counts of images and weighted counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bulk
import heatgrid as hg
from comparison import check, check_close, kernel_counts, reference_count
from effort import examples
from strategies import REGIMES, box_regimes, grids, line_regimes, many, points_of, polygon_regimes

if TYPE_CHECKING:
    from reference import Shape

SOME = (1, 1)
KINDS = {"points": bulk.point, "boxes": bulk.box, "polygons": bulk.polygon, "lines": bulk.line}
some = settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))


def shapes_of(kind: str, regime: str, grid: Shape) -> st.SearchStrategy[Any]:
    if kind == "points":
        return points_of(REGIMES[regime], grid)
    regimes: Any = {"boxes": box_regimes, "polygons": polygon_regimes, "lines": line_regimes}[kind]
    strategy: st.SearchStrategy[Any] = regimes(grid)[regime]
    return strategy


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("regime", REGIMES)
@some
@given(data=st.data(), grid=grids())
def test_images(kind: str, regime: str, data: Any, grid: Shape) -> None:
    shapes: Any = data.draw(many(shapes_of(kind, regime, grid), most=17))
    images = data.draw(st.lists(st.integers(0, 4), min_size=len(shapes), max_size=len(shapes)))
    check(kind, shapes, grid, images=images, count="images")


@pytest.mark.parametrize("columns", range(1, 40))
def test_overlaps_are_subtracted_on_small_grids(columns: int) -> None:
    """The boxes hit one cell, all but the first, and all cells; no image counts twice in a cell."""
    middle = (columns // 2 + 0.5) / columns
    one = (middle - 0.01 / columns, 0.4, middle + 0.01 / columns, 0.6)
    boxes = [one, (1 / columns, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)]
    for n in (1, 2, 3):
        check("boxes", boxes[:n], (1, columns), images=[0] * n, count="images")


@pytest.mark.parametrize("grid", [(9, 9), (31, 64), (20, 65), (16, 128), (16, 129), (513, 3)], ids=str)
@pytest.mark.parametrize("boxes_an_image", [1, 3, 40, 700])
@pytest.mark.parametrize("threads", [1, 2])
def test_images_with_few_and_with_many_boxes(grid: Shape, boxes_an_image: int, threads: int) -> None:
    """An image adds one to each cell that it hits, on small and on large grids."""
    rng = np.random.default_rng(boxes_an_image)
    n = 3 * grid[0] * grid[1]
    boxes = rng.random((n, 2)).repeat(2, axis=0).reshape(n, 4) + rng.normal(0.0, 0.2, (n, 4))
    images = np.sort(rng.integers(0, -(-n // boxes_an_image), n))
    union = hg.count_boxes(boxes, grid, images=images, count="images", threads=threads)
    expected = np.zeros(grid, dtype=np.int64)
    for part in np.split(boxes, np.flatnonzero(np.diff(images)) + 1):
        expected += hg.count_boxes(part, grid) > 0
    np.testing.assert_array_equal(union, expected)
    assert (union <= hg.count_boxes(boxes, grid)).all()
    shuffled = rng.permutation(n)
    again = hg.count_boxes(boxes[shuffled], grid, images=images[shuffled], count="images", threads=threads)
    np.testing.assert_array_equal(again, union)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_images_in_classes(kind: str, threads: int) -> None:
    random = bulk.seeded(f"images {kind}")
    grid = (7, 6)
    shapes: Any = [KINDS[kind](random, grid) for _ in range(600)]
    images = [random.choice((-5, 0, 3, 2**40, random.randrange(90))) for _ in shapes]
    labels = [random.randrange(3) for _ in shapes]
    check(kind, shapes, grid, images=images, count="images", labels=labels, classes=3, threads=threads)
    check(kind, shapes, grid, images=sorted(images), count="images", threads=threads)


@some
@given(st.integers(0, 2**32 - 1), st.sampled_from(["center", "touch", "point"]))
def test_a_union_is_at_most_its_instances(seed: int, rule: Any) -> None:
    rng = np.random.default_rng(seed)
    boxes, images = rng.normal(0.5, 0.3, (200, 4)), rng.integers(0, 20, 200)
    instances = hg.count_boxes(boxes, (9, 9), rule=rule)
    union = hg.count_boxes(boxes, (9, 9), rule=rule, images=images, count="images")
    assert (union <= instances).all()
    assert (union <= 20).all()
    assert np.array_equal(union > 0, instances > 0)
    alone = hg.count_boxes(boxes, (9, 9), rule=rule, images=np.arange(200), count="images")
    assert np.array_equal(alone, instances)
    order = rng.permutation(200)
    assert np.array_equal(
        hg.count_boxes(boxes[order], (9, 9), rule=rule, images=images[order], count="images"), union
    )


@pytest.mark.parametrize("kind", KINDS)
@some
@given(data=st.data(), grid=grids())
def test_whole_weights_are_exact(kind: str, data: Any, grid: Shape) -> None:
    shapes: Any = data.draw(many(shapes_of(kind, "clipped", grid), most=17))
    weights = data.draw(
        st.lists(st.integers(-1000, 1000).map(float), min_size=len(shapes), max_size=len(shapes))
    )
    counts = kernel_counts(kind, shapes, grid, weights=weights)
    assert counts.dtype == np.float64
    assert counts.tolist() == reference_count(kind, shapes, grid, weights=weights).counts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("threads", [1, 3])
def test_weights(kind: str, threads: int) -> None:
    random = bulk.seeded(f"weights {kind}")
    grid = (8, 5)
    shapes: Any = [KINDS[kind](random, grid) for _ in range(400)]
    weights = [random.random() for _ in shapes]
    labels = [random.randrange(3) for _ in shapes]
    check_close(kind, shapes, grid, weights=weights, threads=threads)
    check_close(kind, shapes, grid, weights=weights, labels=labels, classes=3, threads=threads)


def test_weight_of_empty_cells_is_zero() -> None:
    boxes = [[0.0, 0.0, 0.3, 0.3], [0.1, 0.1, 0.8, 0.4], [0.2, 0.0, 0.5, 0.9]] * 50
    weights = np.random.default_rng(4).uniform(0, 1e-3, 150)
    weighed = hg.count_boxes(boxes, 20, weights=weights)
    assert np.array_equal(weighed != 0, hg.count_boxes(boxes, 20) > 0)


def test_large_weights_do_not_round_small_ones() -> None:
    weighed = hg.count_boxes([[0.0, 0.0, 0.5, 1.0], [0.5, 0.0, 1.0, 1.0]], (1, 2), weights=[1e20, 0.1])
    assert weighed.tolist() == [[1e20, 0.1]]


@pytest.mark.parametrize(("weights", "total"), [([-1e6, 1.0], -999999.0), ([-3.0, -5.0], -8.0)], ids=str)
def test_the_largest_weight_may_be_negative(weights: list[float], total: float) -> None:
    assert hg.count_boxes([[0.0, 0.0, 1.0, 1.0]] * 2, 1, weights=weights).item() == total


def test_a_sum_is_rounded_to_the_nearest_double() -> None:
    """1 and half of its last place are a tie, which goes to the even 1 unless the third weight decides it."""
    weights = [1.0, 2.0**-53, 2.0**-105]
    box = [0.0, 0.0, 1.0, 1.0]
    assert hg.count_boxes([box] * 2, 1, weights=weights[:2]).item() == 1.0
    assert hg.count_boxes([box] * 3, 1, weights=weights).item() == 1.0 + 2.0**-52


@pytest.mark.parametrize("weights", [[1.0], [1.0] * 4, [[1.0] * 3], 1.0], ids=str)
def test_weights_of_a_wrong_shape(weights: Any) -> None:
    with pytest.raises(ValueError, match="weights"):
        hg.count_boxes(np.zeros((3, 4)), 4, weights=weights)


def test_weights_of_a_wrong_type() -> None:
    with pytest.raises(TypeError, match="weights"):
        hg.count_boxes(np.zeros((2, 4)), 4, weights=["1", "2"])


@pytest.mark.parametrize("images", [[1], [1] * 4, [[1] * 3]], ids=str)
def test_images_of_a_wrong_shape(images: Any) -> None:
    with pytest.raises(ValueError, match="images"):
        hg.count_boxes(np.zeros((3, 4)), 4, images=images, count="images")


def test_wrong_modes_raise() -> None:
    boxes = np.zeros((3, 4))
    with pytest.raises(ValueError, match="count"):
        hg.count_boxes(boxes, 4, count="pictures")  # type: ignore[arg-type]
    with pytest.raises((TypeError, ValueError), match="images"):
        hg.count_boxes(boxes, 4, count="images")
    with pytest.raises(TypeError, match="images"):
        hg.count_boxes(boxes, 4, count="images", images=[0.5, 1.5, 2.5])
    with pytest.raises(TypeError, match=r"\bout\b"):
        hg.count_boxes(boxes, 4, weights=[1.0] * 3, out=np.zeros((4, 4), dtype=np.int64))
