"""Areas of hostile random polygons, compared with exact rational arithmetic.

``PYTHONPATH=python python tests/exact_areas.py CASES [SEED]`` uses all processors, prints the polygons whose
error exceeds 1e-9 in a cell, and fails if there are any.
"""

from __future__ import annotations

import sys
from multiprocessing import Pool
from typing import TYPE_CHECKING

import numpy as np

import heatgrid as hg
from arrays import ragged
from bulk import seeded
from reference.clipping import covered
from strategies import HOSTILE, TINY

if TYPE_CHECKING:
    from random import Random

    from reference import Point, Polygon, Shape

BATCH = 250


def ring_of(random: Random) -> list[Point]:
    """Return a ring of hostile, random and repeated vertices; most cross themselves."""

    def coordinate() -> float:
        regime = random.random()
        if regime < 0.2:
            return random.choice(TINY)
        return random.choice(HOSTILE) if regime < 0.85 else random.uniform(-0.2, 1.2)

    ring = [(coordinate(), coordinate()) for _ in range(random.randrange(3, 8))]
    for _ in range(random.choice((0, 0, 1, 2))):
        a, b = random.choice(ring), random.choice(ring)
        middle = (a[0] / 2 + b[0] / 2, a[1] / 2 + b[1] / 2)
        ring.insert(random.randrange(len(ring) + 1), random.choice((a, b, middle)))
    return ring


def error_of_random_polygon(random: Random) -> tuple[float, Polygon, Shape]:
    """Return a polygon, its grid, and the largest error of the kernel in a cell."""
    grid = random.choice([(1, 1), (1, 4), (2, 3), (3, 1), (4, 4), (5, 2), (3, 9)])
    parts = random.choice((1, 1, 1, 2))
    polygon = [[ring_of(random) for _ in range(random.choice((1, 1, 1, 2)))] for _ in range(parts)]
    areas = hg.count_polygons(*ragged([polygon]), grid, rule="area", threads=1)
    exact = covered(polygon, grid)
    errors = [abs(float(area) - float(exact.get(cell, 0))) for cell, area in np.ndenumerate(areas)]
    return max(errors) if np.isfinite(areas).all() else np.inf, polygon, grid


def check_batch(name: str) -> tuple[int, float]:
    """Check a batch; return the number of errors above 1e-9 and the largest error."""
    random = seeded(name)
    results = [error_of_random_polygon(random) for _ in range(BATCH)]
    wrong = [result for result in results if not result[0] <= 1e-9]
    for result in wrong:
        sys.stdout.write(f"{result}\n")
    return len(wrong), max(error for error, _, _ in results)


def main(cases: int, seed: str = "1") -> None:
    """Check batches in all processes."""
    with Pool() as pool:
        names = [f"exact areas {seed} {batch}" for batch in range(-(-cases // BATCH))]
        wrong, errors = zip(*pool.imap_unordered(check_batch, names), strict=True)
    sys.stdout.write(f"{len(names) * BATCH} polygons, {sum(wrong)} wrong, largest error {max(errors):.3g}\n")
    sys.exit(1 if sum(wrong) else 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
