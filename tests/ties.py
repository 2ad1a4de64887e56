"""The ties, decided by hand from the definitions: for each shape the picture of the cells it hits.

Most grids are of 4 x 4 cells, whose edges (0, 1/4, 1/2, 3/4, 1) and centres (1/8, 3/8, 5/8, 7/8) are exact
doubles. A shape "just" beside a tie is one double away from it.
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
    """One shape, its picture, and what is reported of it."""

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
    point("the far edges belong to the last cell", ".... .... .... ...1", 1.0, 1.0),
    point("just beyond the far edge", NOTHING, after(1.0), 0.5, Status.OUTSIDE),
    point("just before the near edge", NOTHING, 0.5, -TINY, Status.OUTSIDE),
    point("clamped from beyond the far edges", ".... .... .... ...1", 7.0, after(1.0), outside="clamp"),
    point("clamped from before the near edge", ".... .... 1... ....", -3.0, 0.5, outside="clamp"),
    point("not a number", NOTHING, math.nan, 0.5, Status.INVALID),
    point("infinite, not even clamped", NOTHING, math.inf, 0.5, Status.INVALID, outside="clamp"),
    point("0.3 * 10 rounds up to 3", "...1......", 0.3, 0.0),
    point("in 100 columns 0.29 * 100 rounds down: cell 28", "." * 28 + "1" + "." * 71, 0.29, 0.0),
    point("pixels are divided by the image's size", ".... .... .1.. ....", 25.0, 100.0, size=(100.0, 200.0)),
    point("the last pixel's far corner", ".... .... .... ...1", 100.0, 200.0, size=(100.0, 200.0)),
    point("an image without width", NOTHING, 0.0, 0.0, Status.INVALID, size=(0.0, 200.0)),
    point("an image of negative height", NOTHING, 0.0, 0.0, Status.INVALID, size=(100.0, -200.0)),
    point("an image of unknown width", NOTHING, 0.0, 0.0, Status.INVALID, size=(math.nan, 200.0)),
    point("an image of endless width", NOTHING, 0.0, 0.0, Status.INVALID, size=(math.inf, 200.0)),
    point("an image of endless height", NOTHING, 0.0, 0.0, Status.INVALID, size=(100.0, math.inf)),
    point("infinite only after the division", NOTHING, 1.0, 0.0, Status.INVALID, size=(TINY, 1.0)),
]

BOXES = [
    box("both edges on centres are closed", "11.. 11.. .... ....", (0.125, 0.125, 0.375, 0.375)),
    box(
        "the left and top edges just beyond centres",
        ".... .1.. .... ....",
        (after(0.125), after(0.125), 0.375, 0.375),
    ),
    box(
        "the right and bottom edges just before centres",
        "1... .... .... ....",
        (0.125, 0.125, before(0.375), before(0.375)),
    ),
    box("corners in any order", "11.. 11.. .... ....", (0.375, 0.125, 0.125, 0.375)),
    box("the whole image", EVERYTHING, (0.0, 0.0, 1.0, 1.0)),
    box("far more than the whole image", EVERYTHING, (-1e300, -1e9, 1e300, 1e9)),
    box("centres that are no exact doubles", "11. 11. 11.", (1 / 6, 1 / 6, 0.5, 5 / 6)),
    box("cut, its edge on a centre", "1... .... .... ....", (-1.0, -1.0, 0.125, 0.125)),
    box("no centre: its middle's cell", ".... .1.. .... ....", (0.26, 0.26, 0.3, 0.3), Status.FALLBACK),
    box("no centre: its middle on an edge", ".... .... ..1. ....", (0.4, 0.4, 0.6, 0.6), Status.FALLBACK),
    box(
        "between two centres, just",
        ".... .... .1.. ....",
        (after(0.125), 0.0, before(0.375), 1.0),
        Status.FALLBACK,
    ),
    box("columns but no row: one cell only", ".... ..1. .... ....", (0.0, 0.3, 1.0, 0.35), Status.FALLBACK),
    box(
        "no centre: the middle of what is inside",
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
    box("no width, on a centre", NOTHING, (0.375, 0.0, 0.375, 1.0), Status.EMPTY),
    box("no height, outside", NOTHING, (2.0, 2.0, 3.0, 2.0), Status.EMPTY),
    box("beside the image, edge on edge", NOTHING, (1.0, 0.0, 2.0, 1.0), Status.OUTSIDE),
    box("above the image", NOTHING, (0.0, -2.0, 1.0, -1.0), Status.OUTSIDE),
    box("not a number", NOTHING, (0.0, 0.0, math.nan, 1.0), Status.INVALID),
    box("infinite", NOTHING, (-math.inf, 0.0, 1.0, 1.0), Status.INVALID),
    box("pixels", "11.. 11.. .... ....", (10.0, 10.0, 30.0, 30.0), size=(80.0, 80.0)),
    box("an image of negative width", NOTHING, (-8.0, 1.2, -40.0, 3.2), Status.INVALID, size=(-80.0, 4.0)),
    box("an image of endless height", NOTHING, (0.0, 0.0, 1.0, 1.0), Status.INVALID, size=(1.0, math.inf)),
    box("an image without height", NOTHING, (0.0, 0.0, 1.0, 1.0), Status.INVALID, size=(1.0, 0.0)),
    box(
        "exactly the large ratio is not above it",
        "11.. 11.. 11.. 11..",
        (0.0, 0.0, 0.5, 1.0),
        large_box_ratio=0.5,
    ),
    box(
        "just above the large ratio", ".... .... .1.. ....", (0.0, 0.0, after(0.5), 1.0), large_box_ratio=0.5
    ),
    box(
        "the ratio of pixels",
        "11.. 11.. 11.. 11..",
        (0.0, 0.0, 40.0, 80.0),
        size=(80.0, 80.0),
        large_box_ratio=0.5,
    ),
    box(
        "large before the cut, its point beyond",
        ".... .... .... ...1",
        (0.5, 0.5, 3.0, 3.0),
        large_box_ratio=0.5,
    ),
    box(
        "large, its point before the near edge",
        NOTHING,
        (-1.0, 0.0, 0.5, 1.0),
        Status.OUTSIDE,
        large_box_ratio=0.5,
    ),
    box("large but outside", NOTHING, (1.0, 0.0, 9.0, 1.0), Status.OUTSIDE, large_box_ratio=0.5),
    box("its area is beyond a double", ".... .... .... ...1", (0.0, 0.0, 1e300, 1e300), large_box_ratio=0.5),
    box(
        "the sum of its corners is too",
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
    polygon("the other way round", EVERYTHING, [SQUARE[::-1]]),
    polygon(
        "left and top edges belong to it, right and bottom do not",
        "1... .... .... ....",
        [rectangle(0.125, 0.125, 0.375, 0.375)],
    ),
    polygon(
        "left and top edges just beyond centres, right and bottom too",
        ".... .1.. .... ....",
        [rectangle(after(0.125), after(0.125), after(0.375), after(0.375))],
    ),
    polygon("vertices and an edge on centres", "111. 11.. 1... ....", [TRIANGLE]),
    polygon("the same, begun elsewhere", "111. 11.. 1... ....", [TRIANGLE[1:] + TRIANGLE[:1]]),
    polygon("vertices given twice", "111. 11.. 1... ....", [[v for v in TRIANGLE for _ in range(2)]]),
    polygon("closed explicitly", "111. 11.. 1... ....", [[*TRIANGLE, TRIANGLE[0]]]),
    polygon("it crosses itself on centres", "...1 1.11 1.11 ...1", [BOW_TIE]),
    polygon(
        "a hole, its left and top edges on centres",
        ".111 1111 1111 1111",
        [SQUARE, rectangle(0.125, 0.125, 0.375, 0.375)],
    ),
    polygon("a hole like the ring itself", ".... .... ..1. ....", [MIDDLE, MIDDLE], status=Status.FALLBACK),
    polygon("a hole in the hole", "1111 11.1 1..1 1111", [SQUARE, MIDDLE, rectangle(0.25, 0.25, 0.5, 0.5)]),
    polygon("a hole that sticks out", "..1. .1.. .11. ....", [MIDDLE, rectangle(0.5, 0.0, 0.75, 0.5)]),
    polygon("a bridge of no width to its hole", "1111 1..1 1..1 1111", [BRIDGED]),
    polygon(
        "two parts are united",
        "111. 1111 1111 .111",
        [rectangle(0.0, 0.0, 0.75, 0.75)],
        [rectangle(0.25, 0.25, 1.0, 1.0)],
    ),
    polygon(
        "two rings of one part are not",
        "111. 1..1 1..1 .111",
        [rectangle(0.0, 0.0, 0.75, 0.75), rectangle(0.25, 0.25, 1.0, 1.0)],
    ),
    polygon(
        "a part in the hole of another",
        "1111 1..1 1.11 1111",
        [SQUARE, MIDDLE],
        [rectangle(0.5, 0.5, 0.75, 0.75)],
    ),
    polygon("cut on all sides", EVERYTHING, [rectangle(-1e9, -1e9, 1e9, 1e9)]),
    polygon("a vast triangle", EVERYTHING, [[(-1e300, -1e300), (1e300, -1e300), (-1e300, 1e300)]]),
    polygon("an almost level edge is taken as 1e-12 high", ".11. .... .... ....", [LEVEL]),
    polygon("an edge 2e-12 high is taken as it is", ".11. ..11 .... ....", [LESS_LEVEL]),
    polygon("an almost upright edge is not, and leans over a centre", ".... 1... 11.. .1..", [STEEP]),
    polygon(
        "no centre: the mean of its vertices",
        ".... .1.. .... ....",
        [[(0.3, 0.3), (0.3, 0.35), (0.35, 0.3)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no centre: the mean is not that of its holes",
        ".... .1.. .... ....",
        [[(0.3, 0.3), (0.3, 0.35), (0.35, 0.3)], [(0.0, 0.3), (0.1, 0.3), (0.1, 0.31)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no centre: every vertex counts, repeated ones too",
        ".1.. .... .... ....",
        [[(0.2, 0.2), (0.2, 0.2), (0.3, 0.2), (0.3, 0.21)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no centre: the mean beyond the far edges",
        ".... .... .... ...1",
        [[(0.95, 0.95), (3.0, 0.95), (0.95, 3.0)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no centre: the mean before the near edge",
        NOTHING,
        [[(-1.0, 0.01), (0.05, 0.01), (-1.0, 0.1)]],
        status=Status.OUTSIDE,
    ),
    polygon(
        "no area, yet an extent: a slanting line",
        ".... .... ..1. ....",
        [[(0.0, 0.1), (0.5, 0.6), (1.0, 1.1)]],
        status=Status.FALLBACK,
    ),
    polygon(
        "no extent: an upright line",
        NOTHING,
        [[(0.375, 0.0), (0.375, 1.0), (0.375, 0.5)]],
        status=Status.EMPTY,
    ),
    polygon("outside, edge on edge", NOTHING, [rectangle(1.0, 0.0, 2.0, 1.0)], status=Status.OUTSIDE),
    polygon("one part outside, one in", ".... .11. .11. ....", [rectangle(2.0, 0.0, 3.0, 1.0)], [MIDDLE]),
    polygon(
        "one part without extent, one outside",
        NOTHING,
        [[(0.5, 0.5)] * 3],
        [rectangle(2.0, 0.0, 3.0, 1.0)],
        status=Status.OUTSIDE,
    ),
    polygon("a ring of two vertices is no ring", NOTHING, [[(0.0, 0.0), (1.0, 1.0)]], status=Status.EMPTY),
    polygon(
        "what follows such a ring is the outer ring",
        ".... .11. .11. ....",
        [[(0.0, math.nan), (1.0, 1.0)], MIDDLE],
    ),
    polygon("no part at all", NOTHING, status=Status.EMPTY),
    polygon(
        "one vertex is not a number", NOTHING, [SQUARE], [[*MIDDLE, (0.5, math.nan)]], status=Status.INVALID
    ),
    polygon("one vertex is infinite", NOTHING, [[*SQUARE, (-math.inf, 0.5)]], status=Status.INVALID),
    polygon("pixels", ".... .11. .11. ....", [rectangle(20.0, 10.0, 60.0, 30.0)], size=(80.0, 40.0)),
    polygon("an image without width", NOTHING, [SQUARE], status=Status.INVALID, size=(0.0, 1.0)),
    polygon("an image of negative width", NOTHING, [SQUARE], status=Status.INVALID, size=(-1.0, 1.0)),
    polygon("an image of endless height", NOTHING, [SQUARE], status=Status.INVALID, size=(1.0, math.inf)),
    polygon("an image of no size, and nothing in it", NOTHING, status=Status.INVALID, size=(0.0, 0.0)),
]

TIES = [*POINTS, *BOXES, *POLYGONS]
