"""Results with one or several threads, in the kernel or in the caller."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import bulk
import heatgrid as hg
from arrays import columns, ragged
from comparison import check

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID = (20, 30)


@pytest.mark.parametrize("threads", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 64, 301])
def test_few_shapes_equal_the_reference(threads: int, n: int) -> None:
    random = bulk.seeded(f"threads {n}")
    labels = [random.randrange(4) for _ in range(n)]
    makers: dict[str, Any] = {
        "points": bulk.point,
        "boxes": bulk.box,
        "polygons": bulk.polygon,
        "lines": bulk.line,
    }
    for kind, make in makers.items():
        shapes = [make(random, (5, 7)) for _ in range(n)]
        check(kind, shapes, (5, 7), labels=labels, classes=4, threads=threads)


def workload() -> dict[str, Any]:
    """Return so many shapes that the kernel chooses several threads."""
    rng = np.random.default_rng(20)
    boxes = rng.normal(0.5, 0.4, (600_000, 4))
    lengths = rng.integers(3, 9, 30_000)
    coords = rng.normal(0.5, 0.3, (lengths.sum(), 2))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    labels = rng.integers(0, 5, len(boxes))
    return {
        "boxes": lambda **options: hg.count_boxes(boxes, GRID, labels=labels, classes=5, **options),
        "points": lambda **options: hg.count_points(boxes[:, :2], GRID, labels=labels, classes=5, **options),
        "polygons": lambda **options: hg.count_polygons(coords, offsets, GRID, **options),
        "lines": lambda **options: hg.count_lines(coords, offsets, GRID, **options),
    }


@pytest.mark.parametrize("kind", ["boxes", "points", "polygons", "lines"])
def test_many_shapes(kind: str) -> None:
    count = workload()[kind]
    alone = count(threads=1)
    assert alone.any()
    for threads in (None, 2, 3):
        assert np.array_equal(count(threads=threads), alone)


def test_calls_from_many_threads() -> None:
    random = bulk.seeded("callers")
    polygons = ragged([bulk.polygon(random, GRID) for _ in range(300)])
    boxes = columns([bulk.box(random, GRID) for _ in range(2000)], 4)

    def count(_: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return hg.count_boxes(boxes, GRID), hg.count_polygons(*polygons, GRID)

    expected = count(0)
    with ThreadPoolExecutor(8) as pool:
        for results in pool.map(count, range(64)):
            assert all(np.array_equal(*pair) for pair in zip(results, expected, strict=True))


@pytest.mark.parametrize("threads", [0, -1], ids=str)
def test_thread_numbers_out_of_range(threads: int) -> None:
    with pytest.raises(ValueError, match="threads"):
        hg.count_boxes(np.zeros((1, 4)), GRID, threads=threads)


@pytest.mark.parametrize("threads", [1.0, "2", [2]], ids=repr)
def test_threads_of_a_wrong_type(threads: Any) -> None:
    with pytest.raises(TypeError, match="threads"):
        hg.count_boxes(np.zeros((1, 4)), GRID, threads=threads)
