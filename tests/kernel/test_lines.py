"""Lines: ties by hand, laws, errors and maps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bulk
import heatgrid as hg
from arrays import ragged_lines
from comparison import check, kernel_counts, kernel_statuses
from effort import examples
from heatgrid.errors import HeatgridWarning
from pictures import draw, rows_of
from reference import Status
from strategies import grids
from ties import NOTHING, after, before

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reference import Shape

some = settings(max_examples=examples(25), deadline=None)
seeds = st.integers(0, 2**32 - 1)

# On a grid of 4 x 4 cells: lines between cells at 1/4, 1/2, 3/4.
TIES: list[tuple[str, Any, str]] = [
    ("a point between cells is in the right and lower one", [[(0.25, 0.5)]], ".... .... .1.. ...."),
    ("no length is as good as one vertex", [[(0.3, 0.3)] * 3], ".... .1.. .... ...."),
    ("along a line between rows: those below", [[(0.1, 0.5), (0.9, 0.5)]], ".... .... 1111 ...."),
    ("just above it", [[(0.1, before(0.5)), (0.9, before(0.5))]], ".... 1111 .... ...."),
    ("along a line between columns: those right", [[(0.5, 0.1), (0.5, 0.9)]], "..1. ..1. ..1. ..1."),
    ("just left of it", [[(before(0.5), 0.1), (before(0.5), 0.9)]], ".1.. .1.. .1.. .1.."),
    ("ending on a line between columns", [[(0.1, 0.1), (0.25, 0.1)]], "11.. .... .... ...."),
    ("ending just before it", [[(0.1, 0.1), (before(0.25), 0.1)]], "1... .... .... ...."),
    ("beginning on it, to the left", [[(0.25, 0.1), (0.1, 0.1)]], "11.. .... .... ...."),
    ("ending on a line between rows", [[(0.1, 0.1), (0.1, 0.25)]], "1... 1... .... ...."),
    ("down through corners", [[(0.0, 0.0), (1.0, 1.0)]], "1... .1.. ..1. ...1"),
    ("up through corners", [[(0.0, 1.0), (1.0, 0.0)]], "...1 ..11 .11. 11.."),
    ("up, past a corner by a hair", [[(0.25, 0.5), (0.5, before(0.25))]], ".11. .1.. .1.. ...."),
    ("the far edge below", [[(0.0, 1.0), (1.0, 1.0)]], ".... .... .... 1111"),
    ("the far edge on the right", [[(1.0, 0.3), (1.0, 0.6)]], ".... ...1 ...1 ...."),
    ("just beyond the far edge", [[(after(1.0), 0.3), (after(1.0), 0.6)]], NOTHING),
    ("just before the near edge", [[(0.3, -math.ulp(0.0)), (0.6, -math.ulp(0.0))]], NOTHING),
    ("the far corner only", [[(2.0, 0.0), (0.0, 2.0)]], ".... .... .... ...1"),
    ("around the near corner", [[(-0.5, 0.4), (0.4, -0.5)]], NOTHING),
    ("through the near corner", [[(-0.5, 0.5), (0.5, -0.5)]], "1... .... .... ...."),
    ("in and out again", [[(-1.0, 0.6), (3.0, 0.6)]], ".... .... 1111 ...."),
    ("crossing itself counts once", [[(0.1, 0.1), (0.9, 0.1), (0.1, 0.1)]], "1111 .... .... ...."),
    ("paths of one annotation", [[(0.1, 0.1), (0.4, 0.1)], [(0.3, 0.1), (0.3, 0.9)]], "11.. .1.. .1.. .1.."),
    ("from end to end of all doubles", [[(-1.7e308, -1.7e308), (1.7e308, 1.7e308)]], "1... .1.. ..1. ...1"),
    ("upright, from end to end", [[(0.3, -1.7e308), (0.3, 1.7e308)]], ".1.. .1.. .1.. .1.."),
    ("nearly upright, from end to end", [[(0.2, -1.7e308), (0.8, 1.7e308)]], "..1. ..1. ..1. ..1."),
    ("out to where products are infinite", [[(0.1, 0.1), (1.7e308, 0.1)]], "1111 .... .... ...."),
]


@pytest.mark.parametrize(("name", "line", "picture"), TIES, ids=[name for name, _, _ in TIES])
@pytest.mark.parametrize("copies", [1, 9])
def test_ties(name: str, line: Any, picture: str, copies: int) -> None:
    del name
    counts = kernel_counts("lines", [line] * copies, (4, 4))
    assert draw(counts // copies) == rows_of(picture)
    assert (counts % copies == 0).all()
    check("lines", [line], (4, 4))


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ([], Status.EMPTY),
        ([[], []], Status.EMPTY),
        ([[(0.5, math.nan)]], Status.INVALID),
        ([[(0.1, 0.1), (0.2, 0.2)], [(math.inf, 0.0)]], Status.INVALID),
        ([[(2.0, 0.1), (2.0, 0.2)]], Status.OUTSIDE),
    ],
)
@pytest.mark.parametrize("rule", ["center", "touch", "point"])
def test_lines_without_hits(line: Any, status: Status, rule: str) -> None:
    assert kernel_statuses("lines", [line], (4, 4), rule=rule) == [status]


def test_rule_center_equals_touch() -> None:
    random = bulk.seeded("center of lines")
    lines = [bulk.line(random, (9, 7)) for _ in range(300)]
    check("lines", lines, (9, 7), rule="center")


def test_lines_have_no_area() -> None:
    coords = [[0.1, 0.1], [0.4, 0.4]]
    with pytest.raises(ValueError, match="rule='area' cannot count lines"):
        hg.count_lines(coords, [0, 2], 4, rule="area")
    with pytest.raises(ValueError, match="rule='area' cannot count lines"):
        hg.Heatmap(4, rule="area").add_lines(coords, [0, 2])


def test_arguments() -> None:
    coords = [[0.1, 0.1], [0.4, 0.4], [0.9, 0.9]]
    assert hg.count_lines(coords, [0, 2, 3], 2).tolist() == [[1, 0], [0, 1]]
    assert hg.count_lines(coords, ([0, 2, 3], [0, 2]), 2).tolist() == [[1, 0], [0, 1]]
    assert not hg.count_lines([], [0], 2).any()
    with pytest.raises(ValueError, match=r"one to 2 \(paths, annotations\), got 3"):
        hg.count_lines(coords, ([0, 2], [0, 1], [0, 1]), 2)
    with pytest.raises(ValueError, match=r"paths offsets end at 4, but there are 3 vertices"):
        hg.count_lines(coords, [0, 4], 2)
    with pytest.raises(ValueError, match=r"annotations offsets end at 3, but there are 2 paths"):
        hg.count_lines(coords, ([0, 1, 3], [0, 3]), 2)
    with pytest.raises(TypeError, match="offsets of paths must hold integers"):
        hg.count_lines(coords, [0.0, 2.0], 2)
    with pytest.raises(ValueError, match="count='images' requires images="):
        hg.count_lines(coords, [0, 3], 2, count="images")
    with pytest.warns(HeatgridWarning, match="1 lines skipped"):
        hg.count_lines([[0.1, math.nan], [0.2, 0.2]], [0, 2], 2)


def test_out_is_added_to() -> None:
    out = np.ones((2, 2), dtype=np.int64)
    assert hg.count_lines([[0.1, 0.1], [0.9, 0.1]], [0, 2], 2, out=out) is out
    assert out.tolist() == [[2, 2], [1, 1]]
    with pytest.raises(ValueError, match="out"):
        hg.count_lines([[0.1, 0.1]], [0, 1], 2, out=np.ones((3, 2), dtype=np.int64))


def random_lines(rng: np.random.Generator, n: int) -> list[NDArray[np.float64]]:
    return [rng.normal(0.5, 0.4, (int(vertices), 2)) for vertices in rng.integers(0, 7, n)]


def count(paths: Any, grid: Shape, **options: Any) -> NDArray[Any]:
    coords, (offsets, _) = ragged_lines([[path] for path in paths])
    return hg.count_lines(coords, offsets, grid, **options)


@some
@given(seeds, grids(), st.integers(0, 40))
def test_order_direction_and_splitting_do_not_matter(seed: int, grid: Shape, cut: int) -> None:
    rng = np.random.default_rng(seed)
    lines = random_lines(rng, 40)
    counts = count(lines, grid)
    assert np.array_equal(count([lines[i] for i in rng.permutation(40)], grid), counts)
    assert np.array_equal(count([line[::-1] for line in lines], grid), counts)
    assert np.array_equal(count(lines[:cut], grid) + count(lines[cut:], grid), counts)


@some
@given(seeds, st.integers(0, 8), st.integers(0, 8))
def test_translation_by_whole_cells_moves_the_counts(seed: int, down: int, right: int) -> None:
    """Coordinates are multiples of 1/128 on 16 cells: no sum or product is rounded."""
    rng = np.random.default_rng(seed)
    lines = [rng.integers(0, 64, (4, 2)) / 128 for _ in range(20)]
    moved = [line + np.array([right, down]) / 16 for line in lines]
    assert np.array_equal(count(moved, (16, 16)), np.roll(count(lines, (16, 16)), (down, right), axis=(0, 1)))


@some
@given(seeds)
def test_a_line_hits_its_vertices_within_its_bounding_box(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for line in random_lines(rng, 10):
        if not len(line):
            continue
        inside = line[((line >= 0) & (line <= 1)).all(axis=1)]
        hit = count([line], (7, 9))
        assert (hit >= (hg.count_points(inside, (7, 9)) > 0)).all()
        low, high = line.min(axis=0), line.max(axis=0)
        assert (hit <= hg.count_boxes([[*low, *high]], (7, 9), rule="touch") + (len(line) == 1)).all()


def test_maps_of_lines() -> None:
    coords, (paths, annotations) = ragged_lines(
        [[[(0.1, 0.1), (0.9, 0.1)]], [[(0.1, 0.9)], [(0.9, 0.9)]], [], [[(math.nan, 0.1)]], [[(3.0, 3.0)]]]
    )
    heat = hg.Heatmap(2, ("lane", "kerb"))
    heat.add_lines(coords, (paths, annotations), labels=["lane", "kerb", "lane", "lane", "lane"])
    assert heat["lane"].counts.tolist() == [[1, 1], [0, 0]]
    assert heat["kerb"].counts.tolist() == [[0, 0], [1, 1]]
    report = heat.report
    assert (report.read, report.counted, report.empty, report.outside) == (5, 2, 1, 1)
    assert report.skips == 1
    weighed = hg.Heatmap(2, weighted=True).add_lines(coords, paths, weights=[0.5, 1.0, 2.0, 4.0, 8.0])
    assert weighed.counts.tolist() == [[0.5, 0.5], [1.0, 2.0]]
    images = hg.Heatmap(2, count="images").add_lines(coords[:4], paths[:4], images=[7, 7, 8])
    assert images.counts.tolist() == [[1, 1], [1, 1]]
