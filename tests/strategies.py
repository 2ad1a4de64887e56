"""Hypothesis strategies, by regime: where a shape lies, and how it might go wrong there.

A regime says how coordinates along an axis of n cells are drawn. Each example holds many shapes, since the
kernel takes them in blocks, and numbers of shapes are drawn about the ends of such blocks.
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
SMALL = (0.0, -0.0, 5e-324, -5e-324, 1e-300, 1e-13, 0.5, 1.0)
BROKEN = (math.nan, math.inf, -math.inf)


def beside(values: tuple[float, ...] | list[float]) -> list[float]:
    """Return the values and the doubles just before and just after each."""
    return [near for v in values for near in (v, math.nextafter(v, math.inf), math.nextafter(v, -math.inf))]


def ties(n: int) -> list[float]:
    """Return the edges and centres of n cells, and the doubles beside them."""
    return beside([half / (2 * n) for half in range(2 * n + 1)] + [(i + 0.5) / n for i in range(n)])


def inside(_: int) -> st.SearchStrategy[float]:
    return st.floats(0, 1)


def clipped(_: int) -> st.SearchStrategy[float]:
    return st.floats(-1.5, 2.5)


def outside(_: int) -> st.SearchStrategy[float]:
    return st.floats(-2, 0) | st.floats(1, 3)


def on_ties(n: int) -> st.SearchStrategy[float]:
    return st.sampled_from(ties(n))


def lattice(n: int) -> st.SearchStrategy[float]:
    """Draw from a few halves of cells, so that vertices and edges coincide and are collinear."""
    return st.integers(-1, min(2 * n, 8) + 1).map(lambda half: half / (2 * n))


def nearly_level(n: int) -> st.SearchStrategy[float]:
    """Draw from about a few centres, so near that edges are less than 1e-12 high, or hardly more."""
    steps = [0.0, 1e-13, 4e-13, 5e-13, 6e-13, 9e-13, 1e-12, 3e-12, 8e-12]
    centres = [(i + 0.5) / n for i in {0, n // 2, n - 1}]
    return st.sampled_from([centre + sign * step for centre in centres for step in steps for sign in (-1, 1)])


def huge(n: int) -> st.SearchStrategy[float]:
    return st.sampled_from([*HUGE, *(-v for v in HUGE), *SMALL, *ties(n)[:6]])


def broken(n: int) -> st.SearchStrategy[float]:
    return st.sampled_from(BROKEN) | st.sampled_from([0.0, 0.25, 1.0]) | inside(n)


REGIMES: dict[str, Axis] = {
    "inside": inside,
    "clipped": clipped,
    "outside": outside,
    "on ties": on_ties,
    "lattice": lattice,
    "nearly level": nearly_level,
    "huge": huge,
    "broken": broken,
}


@st.composite
def many(draw: st.DrawFn, each: st.SearchStrategy[object], most: int = max(BLOCK_TAILS)) -> list[object]:
    """Draw a list whose length is about the end of a block."""
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
    """Draw a box about a quarter of a cell large: most hold no centre."""
    rows, columns = shape
    x, y, w, h = draw(st.tuples(*[st.floats(0, 1)] * 4))
    return x, y, x + 0.4 * w / columns, y + 0.4 * h / rows


@st.composite
def slices_of_boxes(draw: st.DrawFn, shape: Shape) -> Box:
    """Draw a box of no, or of next to no, width or height."""
    x1, y1, x2, y2 = draw(boxes_of(on_ties, shape))
    flat = draw(st.sampled_from([(x1, y2), (x2, y1), (x1, y1), (math.nextafter(x1, 2), y2)]))
    return x1, y1, *flat


def box_regimes(shape: Shape) -> dict[str, st.SearchStrategy[Box]]:
    """Return the strategies of one box, by the name of their regime."""
    regimes = {name: boxes_of(axis, shape) for name, axis in REGIMES.items()}
    return regimes | {"sub-cell": small_boxes(shape), "degenerate": slices_of_boxes(shape)}


def rings_of(axis: Axis, shape: Shape, most: int) -> st.SearchStrategy[list[Point]]:
    """Draw a ring in any order of its vertices, mostly one that crosses itself; some are too short."""
    return st.lists(points_of(axis, shape), min_size=0, max_size=most)


@st.composite
def stars(draw: st.DrawFn) -> list[Point]:
    """Draw a ring that goes round a point once: it does not cross itself."""
    cx, cy, reach = draw(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.6)))
    radii = draw(st.lists(st.floats(0.05, 1), min_size=3, max_size=12))
    turn = 2 * math.pi / len(radii)
    return [
        (cx + reach * r * math.cos(turn * i), cy + reach * r * math.sin(turn * i))
        for i, r in enumerate(radii)
    ]


@st.composite
def bridged_rings(draw: st.DrawFn, shape: Shape) -> list[Point]:
    """Draw a ring joined to a second one by a bridge of no width, there and back."""
    outer = draw(st.lists(points_of(lattice, shape), min_size=3, max_size=6))
    inner = draw(st.lists(points_of(lattice, shape), min_size=3, max_size=6))
    return [*outer, outer[0], *inner, inner[0]]


@st.composite
def small_rings(draw: st.DrawFn, shape: Shape) -> list[Point]:
    """Draw a ring about half a cell large: most hold no centre."""
    rows, columns = shape
    x, y = draw(st.tuples(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1)))
    steps = draw(st.lists(st.tuples(st.floats(0, 0.6), st.floats(0, 0.6)), min_size=3, max_size=6))
    return [(x + u / columns, y + v / rows) for u, v in steps]


def polygons_of(rings: st.SearchStrategy[list[Point]]) -> st.SearchStrategy[Polygon]:
    """Draw parts of rings; mostly one, sometimes none."""
    one = rings.map(lambda ring: [[ring]])
    return one | st.lists(st.lists(rings, min_size=0, max_size=3), min_size=0, max_size=3)


def polygon_regimes(shape: Shape, vertices: int = 9) -> dict[str, st.SearchStrategy[Polygon]]:
    """Return the strategies of one polygon, by regime; most limit the vertices of a ring."""
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
    """Return the strategies of one line, by regime; its paths have ``vertices`` at most, or one, or none."""
    paths = {name: rings_of(axis, shape, vertices) for name, axis in REGIMES.items()}
    paths["sub-cell"] = small_rings(shape)
    paths["level or upright"] = st.lists(points_of(on_ties, shape), max_size=vertices).map(in_steps)
    return {name: st.lists(path, max_size=3) for name, path in paths.items()}


def in_steps(path: list[Point]) -> list[Point]:
    """Return a path that goes from vertex to vertex by a level segment and an upright one."""
    bends = [(b[0], a[1]) for a, b in pairwise(path)]
    return [point for pair in zip(path, [*bends, *path[-1:]], strict=True) for point in pair]
