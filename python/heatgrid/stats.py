"""The numbers of a map, by the definitions of the documentation: all cells, zeros included."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def percentile(values: ArrayLike, p: float) -> float:
    """Return a percentile by linear interpolation between the two nearest ordered values.

    Parameters
    ----------
    values
        Any number of real numbers, in any shape and order.
    p
        In [0, 1].

    Raises
    ------
    ValueError
        There are no values, or ``p`` lies outside [0, 1].

    Notes
    -----
    With n ordered values v: ``i = (n - 1) * p``, ``lo = floor(i)``, ``hi = ceil(i)``,
    ``v[lo] * (1 - (i - lo)) + v[hi] * (i - lo)``.
    """
    flat = np.asarray(values).ravel()
    return _percentiles(flat, (p,))[0]


def _percentiles(values: NDArray[np.generic], ps: tuple[float, ...]) -> list[float]:
    if values.size == 0:
        raise ValueError("values must not be empty")
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError(f"p must be in [0, 1], got {ps}")
    positions = [(values.size - 1) * p for p in ps]
    around = {k for i in positions for k in (math.floor(i), math.ceil(i))}
    ordered = np.partition(values, sorted(around))
    found = []
    for i in positions:
        low, high = math.floor(i), math.ceil(i)
        found.append(float(ordered[low]) * (1 - (i - low)) + float(ordered[high]) * (i - low))
    return found


@dataclass(frozen=True, slots=True)
class Stats:
    """Statistics over all cells of a map.

    Attributes
    ----------
    min, q1, median, q3, max
        Percentiles 0, 0.25, 0.5, 0.75 and 1 as `percentile` defines them.
    mean
        The sum over the number of cells.
    total
        The sum over all cells: hits, not annotations.
    cells
        The number of cells.
    covered
        The number of cells that are not zero.
    """

    min: float
    q1: float
    median: float
    q3: float
    max: float
    mean: float
    total: float
    cells: int
    covered: int

    @classmethod
    def of(cls, values: ArrayLike) -> Stats:
        """Return the statistics of an array of counts of any shape.

        Raises
        ------
        ValueError
            The array is empty.
        """
        flat = np.asarray(values).ravel()
        low, q1, median, q3, high = _percentiles(flat, (0.0, 0.25, 0.5, 0.75, 1.0))
        total = float(flat.sum())
        covered = int(np.count_nonzero(flat))
        return cls(low, q1, median, q3, high, total / flat.size, total, flat.size, covered)

    @property
    def quartiles(self) -> dict[str, float]:
        """The five percentiles by name: min, q1, median, q3, max."""
        return {"min": self.min, "q1": self.q1, "median": self.median, "q3": self.q3, "max": self.max}

    @property
    def rounded(self) -> dict[str, int]:
        """The five percentiles as integers, rounded half to even."""
        return {name: round(value) for name, value in self.quartiles.items()}

    def to_dict(self) -> dict[str, float | int | dict[str, int]]:
        """Return the statistics as plain numbers, the rounded percentiles under ``"rounded"``."""
        return asdict(self) | {"rounded": self.rounded}

    def __str__(self) -> str:
        return "\n".join(f"{name:<7}{value:>14,.6g}{round(value):>14,}" for name, value in self.quartiles.items())
