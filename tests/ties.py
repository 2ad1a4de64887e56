"""Ties: shapes with coordinates on edges and centers, and the cells that they hit by definition.

Most grids have 4 x 4 cells, whose edges (0, 1/4, 1/2, 3/4, 1) and centers (1/8, 3/8, 5/8, 7/8) are exact
doubles. "Just" before or after a tie means one double away from it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from reference import Status

HIT = Status.COUNTED
NOTHING = ".... .... .... ...."
EVERYTHING = "1111 1111 1111 1111"
TINY = math.ulp(0.0)


def after(value: float) -> float:
    return math.nextafter(value, math.inf)


def before(value: float) -> float:
    return math.nextafter(value, -math.inf)


class Tie(NamedTuple):
    """A shape, the picture of its cells, and its status."""

    name: str
    kind: str  # points, boxes or polygons
    geometry: Any
    picture: str
    status: Status
    options: dict[str, Any]


def point(name: str, picture: str, x: float, y: float, status: Status = HIT, **options: Any) -> Tie:
    return Tie(name, "points", (x, y), picture, status, options)


def box(name: str, picture: str, corners: tuple[float, ...], status: Status = HIT, **options: Any) -> Tie:
    return Tie(name, "boxes", corners, picture, status, options)


def polygon(name: str, picture: str, *parts: list[Any], status: Status = HIT, **options: Any) -> Tie:
    return Tie(name, "polygons", list(parts), picture, status, options)


def rectangle(x1: float, y1: float, x2: float, y2: float) -> list[tuple[float, float]]:
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]


POINTS = [
    point("the origin", "1... .... .... ....", 0.0, 0.0),
    point("minus zero is zero", "1... .... .... ....", -0.0, -0.0),
    point("an inner edge belongs to the cell after it", ".... .... .1.. ....", 0.25, 0.5),
    point("just before an inner edge", ".... 1... .... ....", before(0.25), before(0.5)),
    point("far edges belong to the last cell", ".... .... .... ...1", 1.0, 1.0),
    point("just after the far edge", NOTHING, after(1.0), 0.5, Status.OUTSIDE),
    point("just before the near edge", NOTHING, 0.5, -TINY, Status.OUTSIDE),
    point("clamped from beyond the far edges", ".... .... .... ...1", 7.0, after(1.0), outside="clamp"),
    point("clamped from before the near edge", ".... .... 1... ....", -3.0, 0.5, outside="clamp"),
    point("not a number", NOTHING, math.nan, 0.5, Status.INVALID),
    point("infinite, not clamped", NOTHING, math.inf, 0.5, Status.INVALID, outside="clamp"),
    point("0.3 * 10 rounds up to 3", "...1......", 0.3, 0.0),
    point("in 100 columns 0.29 * 100 rounds down: cell 28", "." * 28 + "1" + "." * 71, 0.29, 0.0),
    point("pixels are divided by the image size", ".... .... .1.. ....", 25.0, 100.0, size=(100.0, 200.0)),
    point("far corner of the last pixel", ".... .... .... ...1", 100.0, 200.0, size=(100.0, 200.0)),
    point("an image without width", NOTHING, 0.0, 0.0, Status.INVALID, size=(0.0, 200.0)),
    point("an image of negative height", NOTHING, 0.0, 0.0, Status.INVALID, size=(100.0, -200.0)),
    point("an image of unknown width", NOTHING, 0.0, 0.0, Status.INVALID, size=(math.nan, 200.0)),
    point("an image of infinite width", NOTHING, 0.0, 0.0, Status.INVALID, size=(math.inf, 200.0)),
    point("an image of infinite height", NOTHING, 0.0, 0.0, Status.INVALID, size=(100.0, math.inf)),
    point("infinite only after the division", NOTHING, 1.0, 0.0, Status.INVALID, size=(TINY, 1.0)),
]

BOXES = [
    box("edges on centers are closed", "11.. 11.. .... ....", (0.125, 0.125, 0.375, 0.375)),
    box(
        "left and top edges just after centers",
        ".... .1.. .... ....",
        (after(0.125), after(0.125), 0.375, 0.375),
    ),
    box(
        "right and bottom edges just before centers",
        "1... .... .... ....",
        (0.125, 0.125, before(0.375), before(0.375)),
    ),
    box("corners in any order", "11.. 11.. .... ....", (0.375, 0.125, 0.125, 0.375)),
    box("the whole image", EVERYTHING, (0.0, 0.0, 1.0, 1.0)),
    box("much larger than the image", EVERYTHING, (-1e300, -1e9, 1e300, 1e9)),
    box("centers that are not exact doubles", "11. 11. 11.", (1 / 6, 1 / 6, 0.5, 5 / 6)),
    box("clamped, edge on a center", "1... .... .... ....", (-1.0, -1.0, 0.125, 0.125)),
    box("no center: cell of its middle", ".... .1.. .... ....", (0.26, 0.26, 0.3, 0.3), Status.FALLBACK),
    box("no center: middle on an edge", ".... .... ..1. ....", (0.4, 0.4, 0.6, 0.6), Status.FALLBACK),
    box(
        "just between two centers",
        ".... .... .1.. ....",
        (after(0.125), 0.0, before(0.375), 1.0),
        Status.FALLBACK,
    ),
    box("centers of columns but of no row", ".... ..1. .... ....", (0.0, 0.3, 1.0, 0.35), Status.FALLBACK),
    box(
        "no center: middle of the part inside",
        ".... .... .... 1...",
        (-5.0, 0.9, 0.1, 7.0),
        Status.FALLBACK,
    ),
    box("the smallest box", "1... .... .... ....", (0.0, 0.0, TINY, TINY), Status.FALLBACK),
    box(
        "the smallest box at the far corner",
        ".... .... .... ...1",
        (before(1.0), before(1.0), 1.0, 1.0),
        Status.FALLBACK,
    ),
    box("no width, on a center", NOTHING, (0.375, 0.0, 0.375, 1.0), Status.EMPTY),
    box("no height, outside", NOTHING, (2.0, 2.0, 3.0, 2.0), Status.EMPTY),
    box("outside, edge on edge", NOTHING, (1.0, 0.0, 2.0, 1.0), Status.OUTSIDE),
    box("above the image", NOTHING, (0.0, -2.0, 1.0, -1.0), Status.OUTSIDE),
    box("not a number", NOTHING, (0.0, 0.0, math.nan, 1.0), Status.INVALID),
    box("infinite", NOTHING, (-math.inf, 0.0, 1.0, 1.0), Status.INVALID),
    box("pixels", "11.. 11.. .... ....", (10.0, 10.0, 30.0, 30.0), size=(80.0, 80.0)),
    box("an image of negative width", NOTHING, (-8.0, 1.2, -40.0, 3.2), Status.INVALID, size=(-80.0, 4.0)),
    box("an image of infinite height", NOTHING, (0.0, 0.0, 1.0, 1.0), Status.INVALID, size=(1.0, math.inf)),
    box("an image without height", NOTHING, (0.0, 0.0, 1.0, 1.0), Status.INVALID, size=(1.0, 0.0)),
    box(
        "ratio equal to large_box_ratio",
        "11.. 11.. 11.. 11..",
        (0.0, 0.0, 0.5, 1.0),
        large_box_ratio=0.5,
    ),
    box(
        "ratio above large_box_ratio",
        ".... .... .1.. ....",
        (0.0, 0.0, after(0.5), 1.0),
        large_box_ratio=0.5,
    ),
    box(
        "ratio in pixels",
        "11.. 11.. 11.. 11..",
        (0.0, 0.0, 40.0, 80.0),
        size=(80.0, 80.0),
        large_box_ratio=0.5,
    ),
    box(
        "large before clamping, middle after the far edge",
        ".... .... .... ...1",
        (0.5, 0.5, 3.0, 3.0),
        large_box_ratio=0.5,
    ),
    box(
        "large, middle before the near edge",
        NOTHING,
        (-1.0, 0.0, 0.5, 1.0),
        Status.OUTSIDE,
        large_box_ratio=0.5,
    ),
    box("large but outside", NOTHING, (1.0, 0.0, 9.0, 1.0), Status.OUTSIDE, large_box_ratio=0.5),
    box("area overflows", ".... .... .... ...1", (0.0, 0.0, 1e300, 1e300), large_box_ratio=0.5),
    box(
        "area overflows, corners near the largest double",
        ".... .... .... ...1",
        (1e-3, 1e-3, 1.7e308, 1.7e308),
        large_box_ratio=0.5,
    ),
]

SQUARE = rectangle(0.0, 0.0, 1.0, 1.0)
TRIANGLE = [(0.125, 0.125), (0.875, 0.125), (0.125, 0.875)]
BOW_TIE = [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]
MIDDLE = rectangle(0.25, 0.25, 0.75, 0.75)
BRIDGED = [*SQUARE, SQUARE[0], MIDDLE[0], *reversed(MIDDLE)]
LEVEL = [(0.0, 0.375 - 5e-14), (1.0, 0.375 + 5e-14), (0.5, 0.0)]
LESS_LEVEL = [(0.0, 0.375 - 1e-12), (1.0, 0.375 + 1e-12), (0.5, 0.0)]
STEEP = [(0.375 - 5e-14, 0.0), (0.375 + 5e-14, 1.0), (0.0, 0.5)]

POLYGONS = [
    polygon("the whole image", EVERYTHING, [SQUARE]),
    polygon("reversed", EVERYTHING, [SQUARE[::-1]]),
    polygon(
        "left and top edges are closed, right and bottom edges open",
        "1... .... .... ....",
        [rectangle(0.125, 0.125, 0.375, 0.375)],
    ),
    polygon(
        "left and top edges just after centers, right and bottom too",
        ".... .1.. .... ....",
        [rectangle(after(0.125), after(0.125), after(0.375), after(0.375))],
    ),
    polygon("vertices and an edge on centers", "111. 11.. 1... ....", [TRIANGLE]),
    polygon("the same, another first vertex", "111. 11.. 1... ....", [TRIANGLE[1:] + TRIANGLE[:1]]),
    polygon("repeated vertices", "111. 11.. 1... ....", [[v for v in TRIANGLE for _ in range(2)]]),
    polygon("closed explicitly", "111. 11.. 1... ....", [[*TRIANGLE, TRIANGLE[0]]]),
    polygon("crosses itself on centers", "...1 1.11 1.11 ...1", [BOW_TIE]),
    polygon(
        "a hole, left and top edges on centers",
        ".111 1111 1111 1111",
        [SQUARE, rectangle(0.125, 0.125, 0.375, 0.375)],
    ),
    polygon("a hole equal to the ring", ".... .... ..1. ....", [MIDDLE, MIDDLE], status=Status.FALLBACK),
    polygon("a hole in the hole", "1111 11.1 1..1 1111", [SQUARE, MIDDLE, rectangle(0.25, 0.25, 0.5, 0.5)]),
    polygon(
        "a hole that leaves the ring",
        "..1. .1.. .11. ....",
        [MIDDLE, rectangle(0.5, 0.0, 0.75, 0.5)],
    ),
    polygon("a bridge of width zero to a hole", "1111 1..1 1..1 1111", [BRIDGED]),
    polygon(
        "union of two parts",
        "111. 1111 1111 .111",
        [rectangle(0.0, 0.0, 0.75, 0.75)],
        [rectangle(0.25, 0.25, 1.0, 1.0)],
    ),
    polygon(
        "two rings of one part, even-odd",
        "111. 1..1 1..1 .111",
        [rectangle(0.0, 0.0, 0.75, 0.75), rectangle(0.25, 0.25, 1.0, 1.0)],
    ),
    polygon(
        "a part in the hole of another",
        "1111 1..1 1.11 1111",
        [SQUARE, MIDDLE],
        [rectangle(0.5, 0.5, 0.75, 0.75)],
    ),
    polygon("clamped on all sides", EVERYTHING, [rectangle(-1e9, -1e9, 1e9, 1e9)]),
    polygon("a huge triangle", EVERYTHING, [[(-1e300, -1e300), (1e300, -1e300), (-1e300, 1e300)]]),
    polygon("an almost horizontal edge counts as 1e-12 high", ".11. .... .... ....", [LEVEL]),
    polygon("an edge 2e-12 high is unchanged", ".11. ..11 .... ....", [LESS_LEVEL]),
    polygon("an almost vertical edge is unchanged", ".... 1... 11.. .1..", [STEEP]),
    polygon(
        "no center: mean of its vertices",
        ".... .1.. .... ....",
        [[(0.3, 0.3), (0.3, 0.35), (0.35, 0.3)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no center: mean without holes",
        ".... .1.. .... ....",
        [[(0.3, 0.3), (0.3, 0.35), (0.35, 0.3)], [(0.0, 0.3), (0.1, 0.3), (0.1, 0.31)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no center: repeated vertices count in the mean",
        ".1.. .... .... ....",
        [[(0.2, 0.2), (0.2, 0.2), (0.3, 0.2), (0.3, 0.21)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no center: mean after the far edges",
        ".... .... .... ...1",
        [[(0.95, 0.95), (3.0, 0.95), (0.95, 3.0)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no center: mean before the near edge",
        NOTHING,
        [[(-1.0, 0.01), (0.05, 0.01), (-1.0, 0.1)]],
        status=Status.OUTSIDE,
    ),
    polygon(
        "no area but extent: a diagonal line",
        ".... .... ..1. ....",
        [[(0.0, 0.1), (0.5, 0.6), (1.0, 1.1)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no extent: a vertical line",
        NOTHING,
        [[(0.375, 0.0), (0.375, 1.0), (0.375, 0.5)]],
        status=Status.EMPTY,
    ),
    polygon("outside, edge on edge", NOTHING, [rectangle(1.0, 0.0, 2.0, 1.0)], status=Status.OUTSIDE),
    polygon("one part outside, one inside", ".... .11. .11. ....", [rectangle(2.0, 0.0, 3.0, 1.0)], [MIDDLE]),
    polygon(
        "one part without extent, one outside",
        NOTHING,
        [[(0.5, 0.5)] * 3],
        [rectangle(2.0, 0.0, 3.0, 1.0)],
        status=Status.OUTSIDE,
    ),
    polygon("a ring of two vertices is ignored", NOTHING, [[(0.0, 0.0), (1.0, 1.0)]], status=Status.EMPTY),
    polygon(
        "the ring after an ignored one is the outer ring",
        ".... .11. .11. ....",
        [[(0.0, math.nan), (1.0, 1.0)], MIDDLE],
    ),
    polygon("no part", NOTHING, status=Status.EMPTY),
    polygon(
        "one vertex is not a number", NOTHING, [SQUARE], [[*MIDDLE, (0.5, math.nan)]], status=Status.INVALID
    ),
    polygon("one vertex is infinite", NOTHING, [[*SQUARE, (-math.inf, 0.5)]], status=Status.INVALID),
    polygon("pixels", ".... .11. .11. ....", [rectangle(20.0, 10.0, 60.0, 30.0)], size=(80.0, 40.0)),
    polygon("an image without width", NOTHING, [SQUARE], status=Status.INVALID, size=(0.0, 1.0)),
    polygon("an image of negative width", NOTHING, [SQUARE], status=Status.INVALID, size=(-1.0, 1.0)),
    polygon("an image of infinite height", NOTHING, [SQUARE], status=Status.INVALID, size=(1.0, math.inf)),
    polygon("an empty polygon in an image without size", NOTHING, status=Status.INVALID, size=(0.0, 0.0)),
]

TIES = [*POINTS, *BOXES, *POLYGONS]
