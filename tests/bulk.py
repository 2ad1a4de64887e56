"""Random shapes from a seed, with all regimes mixed."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from strategies import HUGE, ties

if TYPE_CHECKING:
    from reference import Box, Line, Point, Polygon, Shape


def seeded(name: str) -> Random:
    """Return a random generator that is the same in every run."""
    return Random(name)  # noqa: S311


def coordinate(random: Random, n: int) -> float:
    """Return a coordinate along an axis of n cells: random, on a tie, on a lattice, or far away."""
    regime = random.random()
    if regime < 0.45:
        return random.random()
    if regime < 0.65:
        return random.choice(ties(n))
    if regime < 0.8:
        return random.randrange(-2, 2 * n + 3) / (2 * n)
    if regime < 0.98:
        return random.uniform(-1.0, 2.0)
    return random.choice(HUGE) * random.choice((-1, 1))


def point(random: Random, grid: Shape) -> Point:
    rows, columns = grid
    return coordinate(random, columns), coordinate(random, rows)


def box(random: Random, grid: Shape) -> Box:
    """Return a box; a third of them are smaller than a cell."""
    x1, y1 = point(random, grid)
    if random.random() < 1 / 3:
        rows, columns = grid
        return x1, y1, x1 + random.random() / columns, y1 + random.random() / rows
    return (x1, y1, *point(random, grid))


def ring(random: Random, grid: Shape) -> list[Point]:
    """Return a ring of up to eight vertices; a third of them are about a cell large."""
    n = random.choice((3, 3, 4, 4, 5, 6, 8))
    if random.random() < 1 / 3:
        rows, columns = grid
        x, y = point(random, grid)
        return [(x + random.random() / columns, y + random.random() / rows) for _ in range(n)]
    return [point(random, grid) for _ in range(n)]


def polygon(random: Random, grid: Shape) -> Polygon:
    """Return a polygon, usually one ring, else several parts with holes."""
    if random.random() < 0.7:
        return [[ring(random, grid)]]
    return [[ring(random, grid) for _ in range(random.randint(1, 3))] for _ in range(random.randint(1, 3))]


def line(random: Random, grid: Shape) -> list[Line]:
    """Return a line of several paths with up to eight vertices; some paths have one vertex or none."""
    paths = random.choice((0, 1, 1, 1, 1, 2, 3))
    return [ring(random, grid)[: random.choice((0, 1, 2, 2, 3, 8))] for _ in range(paths)]
