"""Statistics over all cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def percentile(values: Iterable[float], p: float) -> float:
    """Return the percentile p, from 0 to 1, by linear interpolation of the sorted values."""
    v = sorted(values)
    i = (len(v) - 1) * p
    lo, hi = math.floor(i), math.ceil(i)
    return v[lo] * (1 - (i - lo)) + v[hi] * (i - lo)


def quartiles(grid: Sequence[Sequence[float]]) -> dict[str, float]:
    """Return minimum, quartiles and maximum of all cells, zeros included."""
    values = [value for row in grid for value in row]
    marks = {"min": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75, "max": 1.0}
    return {name: percentile(values, p) for name, p in marks.items()}


def rounded_quartiles(grid: Sequence[Sequence[float]]) -> dict[str, int]:
    """Return minimum, quartiles and maximum as integers, rounded half to even."""
    return {name: round(value) for name, value in quartiles(grid).items()}
