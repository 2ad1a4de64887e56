"""Hypothesis strategies for shapes, by regime.

A regime is a strategy for coordinates along an axis of n cells. Each example contains many shapes, as the
kernel processes shapes in blocks; the number of shapes is near the end of a block.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from reference import Box, Line, Point, Polygon, Shape

Axis: TypeAlias = "Callable[[int], st.SearchStrategy[float]]"

BLOCK_TAILS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65)
SHAPES: tuple[Shape, ...] = (
    (1, 1), (1, 2), (2, 1), (4, 4), (3, 5), (10, 10), (8, 16), (7, 13), (17, 9),
    (1, 33), (33, 1), (1, 64), (65, 2),
)  # fmt: skip
HUGE = (1e9, 1e15, 2.0**31, 2.0**53, 2.0**63, 1e300, 1.7e308)
TINY = (0.0, -0.0, 5e-324, -5e-324, 2.0**-1022, -(2.0**-1022), 2.0**-1040, 1e-300)
SMALL = (*TINY, 1e-13, 0.5, 1.0)
BROKEN = (math.nan, math.inf, -math.inf)


def with_neighbors(values: tuple[float, ...] | list[float]) -> list[float]:
    """Return the values, and the doubles just before and after each."""
    return [near for v in values for near in (v, math.nextafter(v, math.inf), math.nextafter(v, -math.inf))]


def ties(n: int) -> list[float]:
    """Return the edges and centers of n cells, and the adjacent doubles."""
    return with_neighbors([half / (2 * n) for half in range(2 * n + 1)] + [(i + 0.5) / n for i in range(n)])


def inside(_: int) -> st.SearchStrategy[float]:
    return st.floats(0, 1)


def clipped(_: int) -> st.SearchStrategy[float]:
    return st.floats(-1.5, 2.5)


def outside(_: int) -> st.SearchStrategy[float]:
    return st.floats(-2, 0) | st.floats(1, 3)


def on_ties(n: int) -> st.SearchStrategy[float]:
    return st.sampled_from(ties(n))


def lattice(n: int) -> st.SearchStrategy[float]:
    """Draw multiples of half a cell, so that vertices coincide and edges are collinear."""
    return st.integers(-1, min(2 * n, 8) + 1).map(lambda half: half / (2 * n))


def nearly_horizontal(n: int) -> st.SearchStrategy[float]:
    """Draw values so near a few centers that edges are about 1e-12 high, the limit of a horizontal edge."""
    steps = [0.0, 1e-13, 4e-13, 5e-13, 6e-13, 9e-13, 1e-12, 3e-12, 8e-12]
    centers = [(i + 0.5) / n for i in {0, n // 2, n - 1}]
    return st.sampled_from([center + sign * step for center in centers for step in steps for sign in (-1, 1)])


def huge(n: int) -> st.SearchStrategy[float]:
    return st.sampled_from([*HUGE, *(-v for v in HUGE), *SMALL, *ties(n)[:6]])


HOSTILE = (*TINY, *with_neighbors([eighth / 8 for eighth in range(-2, 11)]), 1 / 3, 1e17, 1e308, -1e308)


def hostile(_: int) -> st.SearchStrategy[float]:
    """Draw subnormal numbers, the doubles around eighths, and numbers that overflow in cells."""
    return st.sampled_from(HOSTILE)


def broken(n: int) -> st.SearchStrategy[float]:
    return st.sampled_from(BROKEN) | st.sampled_from([0.0, 0.25, 1.0]) | inside(n)


REGIMES: dict[str, Axis] = {
    "inside": inside,
    "clipped": clipped,
    "outside": outside,
    "on ties": on_ties,
    "lattice": lattice,
    "nearly horizontal": nearly_horizontal,
    "huge": huge,
    "hostile": hostile,
    "broken": broken,
}


@st.composite
def many(draw: st.DrawFn, each: st.SearchStrategy[object], most: int = max(BLOCK_TAILS)) -> list[object]:
    """Draw a list whose length is near the end of a block."""
    n = draw(st.sampled_from([tail for tail in BLOCK_TAILS if tail <= most]))
    return draw(st.lists(each, min_size=n, max_size=n))


def grids() -> st.SearchStrategy[Shape]:
    return st.sampled_from(SHAPES)


def points_of(axis: Axis, shape: Shape) -> st.SearchStrategy[Point]:
    rows, columns = shape
    return st.tuples(axis(columns), axis(rows))


def boxes_of(axis: Axis, shape: Shape) -> st.SearchStrategy[Box]:
    rows, columns = shape
    return st.tuples(axis(columns), axis(rows), axis(columns), axis(rows))


@st.composite
def small_boxes(draw: st.DrawFn, shape: Shape) -> Box:
    """Draw a box of about a quarter of a cell; most contain no center."""
    rows, columns = shape
    x, y, w, h = draw(st.tuples(*[st.floats(0, 1)] * 4))
    return x, y, x + 0.4 * w / columns, y + 0.4 * h / rows


@st.composite
def thin_boxes(draw: st.DrawFn, shape: Shape) -> Box:
    """Draw a box with a width or height of zero or nearly zero."""
    x1, y1, x2, y2 = draw(boxes_of(on_ties, shape))
    flat = draw(st.sampled_from([(x1, y2), (x2, y1), (x1, y1), (math.nextafter(x1, 2), y2)]))
    return x1, y1, *flat


def box_regimes(shape: Shape) -> dict[str, st.SearchStrategy[Box]]:
    """Return the strategies for a box by regime."""
    regimes = {name: boxes_of(axis, shape) for name, axis in REGIMES.items()}
    return regimes | {"sub-cell": small_boxes(shape), "degenerate": thin_boxes(shape)}


def rings_of(axis: Axis, shape: Shape, most: int) -> st.SearchStrategy[list[Point]]:
    """Draw a ring of random vertices; most cross themselves, some are too short."""
    return st.lists(points_of(axis, shape), min_size=0, max_size=most)


@st.composite
def stars(draw: st.DrawFn) -> list[Point]:
    """Draw a star-shaped ring, which does not cross itself."""
    cx, cy, reach = draw(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.6)))
    radii = draw(st.lists(st.floats(0.05, 1), min_size=3, max_size=12))
    turn = 2 * math.pi / len(radii)
    return [
        (cx + reach * r * math.cos(turn * i), cy + reach * r * math.sin(turn * i))
        for i, r in enumerate(radii)
    ]


@st.composite
def bridged_rings(draw: st.DrawFn, shape: Shape) -> list[Point]:
    """Draw two rings connected by a bridge of width zero."""
    outer = draw(st.lists(points_of(lattice, shape), min_size=3, max_size=6))
    inner = draw(st.lists(points_of(lattice, shape), min_size=3, max_size=6))
    return [*outer, outer[0], *inner, inner[0]]


@st.composite
def small_rings(draw: st.DrawFn, shape: Shape) -> list[Point]:
    """Draw a ring of about half a cell; most contain no center."""
    rows, columns = shape
    x, y = draw(st.tuples(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1)))
    steps = draw(st.lists(st.tuples(st.floats(0, 0.6), st.floats(0, 0.6)), min_size=3, max_size=6))
    return [(x + u / columns, y + v / rows) for u, v in steps]


def polygons_of(rings: st.SearchStrategy[list[Point]]) -> st.SearchStrategy[Polygon]:
    """Draw a polygon; most have one part of one ring, some have no part."""
    one = rings.map(lambda ring: [[ring]])
    return one | st.lists(st.lists(rings, min_size=0, max_size=3), min_size=0, max_size=3)


def polygon_regimes(shape: Shape, vertices: int = 9) -> dict[str, st.SearchStrategy[Polygon]]:
    """Return the strategies for a polygon by regime; most rings have at most ``vertices`` vertices."""
    regimes = {name: polygons_of(rings_of(axis, shape, vertices)) for name, axis in REGIMES.items()}
    return regimes | {
        "sub-cell": polygons_of(small_rings(shape)),
        "stars": polygons_of(stars()),
        "bridges": polygons_of(bridged_rings(shape)),
        "duplicates": polygons_of(
            rings_of(lattice, shape, 4).map(lambda ring: [v for v in ring for _ in "12"])
        ),
    }


def line_regimes(shape: Shape, vertices: int = 5) -> dict[str, st.SearchStrategy[list[Line]]]:
    """Return the strategies for a line by regime; its paths have at most ``vertices`` vertices."""
    paths = {name: rings_of(axis, shape, vertices) for name, axis in REGIMES.items()}
    paths["sub-cell"] = small_rings(shape)
    paths["axis-parallel"] = st.lists(points_of(on_ties, shape), max_size=vertices).map(staircase)
    return {name: st.lists(path, max_size=3) for name, path in paths.items()}


def staircase(path: list[Point]) -> list[Point]:
    """Return a path with a horizontal and a vertical segment between two vertices."""
    bends = [(b[0], a[1]) for a, b in pairwise(path)]
    return [point for pair in zip(path, [*bends, *path[-1:]], strict=True) for point in pair]
