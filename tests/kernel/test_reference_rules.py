"""Other rules, shapes and modes of the reference implementation, compared with values by hand."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

import reference
from pictures import draw, rows_of
from reference import Status
from ties import BOW_TIE, BRIDGED, MIDDLE, SQUARE, after, before, rectangle

if TYPE_CHECKING:
    from reference import Hits

GRID = (4, 4)
HALF = Fraction(1, 2)
CORNER = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
DIAMOND = [(0.5, 0.25), (0.75, 0.5), (0.5, 0.75), (0.25, 0.5)]
SPIKED = [*rectangle(0.0, 0.0, 0.25, 0.25)[:3], (1.0, 1.0), (0.25, 0.25), (0.0, 0.25)]


def picture(hits: Hits, grid: reference.Shape = GRID) -> list[str]:
    rows, columns = grid
    return draw([[math.ceil(hits.shares.get((r, c), 0)) for c in range(columns)] for r in range(rows)])


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0.25, 0.25, 0.5, 0.5), ".... .1.. .... ...."),
        ((before(0.25), 0.25, 0.5, 0.5), ".... 11.. .... ...."),
        ((0.25, 0.25, after(0.5), after(0.5)), ".... .11. .11. ...."),
        ((0.3, 0.3, 0.31, 0.31), ".... .1.. .... ...."),
        ((0.1, 0.7, 0.9, 0.71), ".... .... 1111 ...."),
        ((-5.0, 0.5, 7.0, 2.0), ".... .... 1111 1111"),
        ((0.5, 0.0, 0.5, 1.0), ".... .... .... ...."),
    ],
    ids=str,
)
def test_touch_of_boxes(box: reference.Box, expected: str) -> None:
    assert picture(reference.box_hits(box, GRID, rule="touch")) == rows_of(expected)
    assert picture(reference.polygon_hits([[rectangle(*box)]], GRID, rule="touch")) == rows_of(expected)


@pytest.mark.parametrize(
    ("polygon", "expected"),
    [
        ([[CORNER]], "1111 111. 11.. 1..."),
        ([[DIAMOND]], ".... .11. .11. ...."),
        ([[SQUARE, MIDDLE]], "1111 1..1 1..1 1111"),
        ([[BRIDGED]], "1111 1..1 1..1 1111"),
        ([[SPIKED]], "1... .... .... ...."),
        ([[BOW_TIE]], "1..1 1111 1111 1..1"),
        ([[DIAMOND], [rectangle(0.0, 0.0, 0.3, 0.1)]], "11.. .11. .11. ...."),
        ([[[(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)]]], ".... .... .... ...."),
        ([[SQUARE, SQUARE]], ".... .... .... ...."),
    ],
    ids=["triangle", "diamond", "hole", "bridge", "spike", "bow tie", "parts", "no area", "nothing but hole"],
)
def test_touch_of_polygons(polygon: reference.Polygon, expected: str) -> None:
    hits = reference.polygon_hits(polygon, GRID, rule="touch")
    assert picture(hits) == rows_of(expected)
    assert hits.status is (Status.COUNTED if "1" in expected else Status.EMPTY)


def test_area_of_boxes() -> None:
    hits = reference.box_hits((0.125, 0.125, 0.5, 0.25), GRID, rule="area")
    assert hits.shares == {(0, 0): Fraction(1, 4), (0, 1): HALF}
    hits = reference.box_hits((-1.0, 0.75, 0.25, 0.875), GRID, rule="area")
    assert hits.shares == {(3, 0): HALF}


def test_area_of_polygons() -> None:
    hits = reference.polygon_hits([[CORNER]], GRID, rule="area")
    assert hits.shares == {(r, c): 1 if r + c < 3 else HALF for r in range(4) for c in range(4 - r)}
    hits = reference.polygon_hits([[DIAMOND]], GRID, rule="area")
    assert hits.shares == dict.fromkeys([(1, 1), (1, 2), (2, 1), (2, 2)], HALF)
    hits = reference.polygon_hits([[rectangle(-1.0, -1.0, 2.0, 0.125)]], GRID, rule="area")
    assert hits.shares == {(0, c): HALF for c in range(4)}


@pytest.mark.parametrize(
    ("polygon", "cells"),
    [
        ([[BOW_TIE]], 8),
        ([[SQUARE, DIAMOND]], 14),
        ([[SQUARE], [DIAMOND]], 16),
        ([[BRIDGED]], 12),
        ([[SPIKED]], 1),
        ([[rectangle(0.0, 0.0, 0.75, 0.75)], [rectangle(0.25, 0.25, 1.0, 1.0)]], 14),
        ([[rectangle(0.0, 0.0, 0.75, 0.75), rectangle(0.25, 0.25, 1.0, 1.0)]], 10),
        ([[[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)] * 3]], 4),
        ([[[(0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)] * 2]], 0),
        ([[[(-1e300, 0.5), (1e300, 0.5), (1e300, 1e9), (-1e300, 1e9)]]], 8),
    ],
)
def test_area_sums(polygon: reference.Polygon, cells: int) -> None:
    assert sum(reference.polygon_hits(polygon, GRID, rule="area").shares.values()) == cells


def test_area_of_a_star_crossing_itself() -> None:
    """Under even-odd the pentagram's middle is a hole: its area is that of the five points."""
    ring = [
        (0.5 + 0.5 * math.sin(4 * math.pi * i / 5), 0.5 - 0.5 * math.cos(4 * math.pi * i / 5))
        for i in range(5)
    ]
    whole = sum(reference.polygon_hits([[ring]], (1, 1), rule="area").shares.values())
    # R = 1/2: each point is a triangle on a side of the inner pentagon.
    inner = 0.5 * math.cos(2 * math.pi / 5) / math.cos(math.pi / 5)
    side = 2 * inner * math.sin(math.pi / 5)
    height = 0.5 - inner * math.cos(math.pi / 5)
    assert math.isclose(whole, 5 * side * height / 2, rel_tol=1e-14)


def test_point_rule() -> None:
    assert picture(reference.box_hits((0.0, 0.0, 1.0, 1.0), GRID, rule="point")) == rows_of(
        ".... .... ..1. ...."
    )
    assert picture(reference.box_hits((0.5, 0.1, 9.0, 0.2), GRID, rule="point")) == rows_of(
        "...1 .... .... ...."
    )
    left_out = reference.box_hits((-2.0, 0.0, 1.0, 1.0), GRID, rule="point")
    assert left_out == (Status.OUTSIDE, {})
    assert reference.box_hits((1.0, 0.0, 9.0, 1.0), GRID, rule="point").status is Status.OUTSIDE
    assert picture(reference.polygon_hits([[CORNER]], GRID, rule="point")) == rows_of(".... .1.. .... ....")
    both = reference.polygon_hits([[CORNER, MIDDLE], [rectangle(1.0, 1.0, 2.0, 2.0)]], GRID, rule="point")
    assert picture(both) == rows_of(".... .... .... ...1")


def test_oriented_boxes() -> None:
    straight = reference.oriented_box((0.5, 0.5), 1.0, 0.5, 0.0)
    assert picture(reference.polygon_hits(straight, GRID)) == rows_of(".... 1111 1111 ....")
    upright = reference.oriented_box((0.5, 0.5), 1.0, 0.5, math.pi / 2)
    assert picture(reference.polygon_hits(upright, GRID)) == rows_of(".11. .11. .11. .11.")


# masks


def bitmap(text: str) -> list[list[bool]]:
    return [[mark == "#" for mark in line] for line in text.split()]


@pytest.mark.parametrize(
    ("mask", "rule", "expected"),
    [
        ("#. .#", "center", "11.. 11.. ..11 ..11"),
        ("#. .#", "touch", "11.. 11.. ..11 ..11"),
        ("#. ..", "point", ".... .1.. .... ...."),
        ("#", "center", "1111 1111 1111 1111"),
        ("... .#. ...", "center", ".... .11. .11. ...."),
        ("#.. ... ...", "touch", "11.. 11.. .... ...."),
        (
            "........ .#...... ........ ........ ........ ........ ........ ........",
            "center",
            "1... .... .... ....",
        ),
        (".# ..", "point", ".... ...1 .... ...."),
    ],
)
def test_masks(mask: str, rule: str, expected: str) -> None:
    hits = reference.mask_hits(bitmap(mask), GRID, rule=rule)
    assert picture(hits) == rows_of(expected)
    assert hits.status is Status.COUNTED


def test_a_mask_without_cell_centers() -> None:
    corner = [[row == column == 0 for column in range(8)] for row in range(8)]
    hits = reference.mask_hits(corner, GRID)
    assert (hits.status, picture(hits)) == (Status.FALLBACK, rows_of("1... .... .... ...."))
    assert reference.mask_hits([[False] * 3] * 2, GRID) == (Status.EMPTY, {})


def test_area_of_masks() -> None:
    middle = bitmap("... .#. ...")
    ninth = dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)], Fraction(1, 9))
    assert reference.mask_hits(middle, (2, 2), rule="area").shares == ninth
    assert reference.mask_hits(bitmap("#. #."), (1, 4), rule="area").shares == {(0, 0): 1, (0, 1): 1}


def test_runs() -> None:
    assert reference.bitmap_of_runs([1, 2, 1], 2, 2) == bitmap(".# #.")
    assert reference.bitmap_of_runs([0, 2, 3, 1], 3, 2) == bitmap("#. #. .#")
    for wrong in ([1, 2], [1, 2, 2], [-1, 5], [5, -1]):
        assert reference.bitmap_of_runs(wrong, 2, 2) is None
    assert reference.runs_of_bitmap(bitmap("#. #. .#")) == [0, 2, 3, 1]


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([0, 1], "01"),
        ([6, 1, 40, 4, 5, 4, 5, 4, 21], "61X13mN000`0"),
        ([0, 1, 59998, 1], "01nbj10"),
        ([100, 20, 300, 7, 50, 1000, 58523], "T3d0\\9CVHQo0YSi1"),
    ],
)
def test_compressed_runs(runs: list[int], text: str) -> None:
    """The texts are those of the COCO tools."""
    assert reference.compress(runs) == text


# discs and lines


@pytest.mark.parametrize(
    ("middle", "radius", "expected"),
    [
        ((2.0, 2.0), 1.0, ".... .11. .11. ...."),
        ((1.5, 1.5), 1.0, ".1.. 111. .1.. ...."),
        ((1.5, 1.5), before(1.0), ".... .1.. .... ...."),
        ((0.0, 4.0), 1.0, ".... .... .... 1..."),
        ((2.0, 2.0), 0.5, ".... .... .... ...."),
        ((2.5, 0.5), 0.0, "..1. .... .... ...."),
    ],
)
def test_discs(middle: reference.Point, radius: float, expected: str) -> None:
    assert picture(reference.hits.full_hits(reference.disc_cells(middle, radius, GRID))) == rows_of(expected)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([[(0.0, 0.0), (1.0, 1.0)]], "1... .1.. ..1. ...1"),
        ([[(1.0, 0.0), (0.0, 1.0)]], "...1 ..11 .11. 11.."),
        ([[(0.0, 0.5), (1.0, 0.5)]], ".... .... 1111 ...."),
        ([[(0.0, before(0.5)), (1.0, before(0.5))]], ".... 1111 .... ...."),
        ([[(-7.0, 0.6), (9.0, 0.6)]], ".... .... 1111 ...."),
        ([[(0.1, 0.1), (0.9, 0.1), (0.9, 0.9)]], "1111 ...1 ...1 ...1"),
        ([[(0.0, 1.0), (1.0, 1.0)]], ".... .... .... 1111"),
        ([[(0.3, 0.3)]], ".... .1.. .... ...."),
        ([[(0.0, 0.0), (0.2, 0.2)], [(0.2, 0.2), (0.2, 0.9)]], "1... 1... 1... 1..."),
        ([[(-1e300, -1e300), (1e300, 1e300)]], "1... .1.. ..1. ...1"),
    ],
)
def test_lines(lines: Any, expected: str) -> None:
    assert picture(reference.line_hits(lines, GRID)) == rows_of(expected)


def test_lines_without_hits() -> None:
    assert reference.line_hits([[(1.5, 0.0), (1.5, 1.0)]], GRID).status is Status.OUTSIDE
    assert reference.line_hits([[]], GRID).status is Status.EMPTY
    assert reference.line_hits([[(0.0, math.nan), (1.0, 1.0)]], GRID).status is Status.INVALID
    assert reference.line_hits([[(0.0, 0.0), (9.0, 9.0)]], GRID, size=(0.0, 9.0)).status is Status.INVALID


# modes, weights and what comes after counting

OVERLAPPING = [(0.0, 0.0, 0.5, 1.0), (0.0, 0.0, 1.0, 0.5), (0.0, 0.0, 0.5, 0.5)]


def test_images() -> None:
    counted = reference.count_boxes(OVERLAPPING, (2, 2), images=[7, 7, 3], count="images")
    assert counted.counts == [[2, 1], [1, 0]]
    by_class = reference.count_boxes(
        OVERLAPPING, (2, 2), images=[7, 7, 7], count="images", labels=[0, 1, 1], classes=2
    )
    assert by_class.counts == [[[1, 0], [1, 0]], [[1, 1], [0, 0]]]


def test_weights() -> None:
    counted = reference.count_boxes(OVERLAPPING, (2, 2), weights=[0.1, 0.2, 0.3])
    assert counted.counts == [[math.fsum([0.1, 0.2, 0.3]), 0.2], [0.1, 0.0]]
    shares = reference.count_boxes(OVERLAPPING[:1], (1, 1), weights=[3.0], rule="area")
    assert shares.counts == [[1.5]]


def test_statistics() -> None:
    assert reference.percentile([4, 1, 3, 2], 0.25) == 1.75
    assert reference.percentile([7], 0.5) == 7
    assert reference.quartiles([[0, 0], [5, 2]]) == {"min": 0, "q1": 0, "median": 1, "q3": 2.75, "max": 5}
    assert reference.rounded_quartiles([[0, 1], [4, 5]]) == {
        "min": 0,
        "q1": 1,
        "median": 2,
        "q3": 4,
        "max": 5,
    }


def test_polygon_contrast() -> None:
    assert reference.polygon_contrast([[0, 0], [0, 0]], 2, 50) == [[0, 0], [0, 0]]
    assert reference.polygon_contrast([[9] * 5] * 5, 5, 10) == [[3] * 5] * 5
    assert reference.polygon_contrast([[9] * 5] * 5, 5, 1) == [[1] * 5] * 5
    peak = [[int((r, c) == (4, 4)) for c in range(9)] for r in range(9)]
    contrasted = reference.polygon_contrast(peak, 9, 100)
    assert contrasted[4][4] == max(map(max, contrasted)) == 26
    assert contrasted == [row[::-1] for row in contrasted] == contrasted[::-1]
    assert contrasted[0][0] == 0


def test_blur_reflects_at_the_edges() -> None:
    line = [1.0, 2.0, 4.0]
    assert reference.contrast.blur_line(line, [0.0] * 4 + [1.0] + [0.0] * 4) == line
    assert reference.contrast.blur_line(line, [1.0, 0.0, 0.0]) == [1.0, 1.0, 2.0]
    assert reference.contrast.blur_line(line, [1.0, 0.0, 0.0, 0.0, 0.0]) == [2.0, 1.0, 1.0]
    assert reference.contrast.blur_line(line, [0.0] * 8 + [1.0]) == [2.0, 1.0, 1.0]


def test_letterbox() -> None:
    assert reference.letterbox((0.0, 0.0), (200.0, 100.0)) == (0.0, 0.25)
    assert reference.letterbox((200.0, 100.0), (200.0, 100.0)) == (1.0, 0.75)
    assert reference.letterbox((50.0, 100.0), (100.0, 200.0)) == (0.5, 0.5)
