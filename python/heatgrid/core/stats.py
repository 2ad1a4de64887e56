"""Statistics over all cells of a map, zeros included."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import as_array
from heatgrid.core.sums import exact_sum
from heatgrid.errors import html_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def percentile(values: ArrayLike, p: float) -> float:
    """Return the percentile ``p`` in [0, 1] of real numbers, by linear interpolation.

    With n ordered values v: ``i = (n - 1) * p``, ``lo = floor(i)``, ``hi = ceil(i)``,
    ``v[lo] * (1 - (i - lo)) + v[hi] * (i - lo)``, in double precision: integers beyond 2**53 are rounded to
    the nearest double first.
    """
    return _percentiles(_numbers(values), (p,))[0]


def _numbers(values: ArrayLike) -> NDArray[np.generic]:
    """Return the values in one row, fit to be ordered."""
    flat = as_array(values, "values").ravel()
    if flat.size == 0:
        raise ValueError("values must not be empty")
    if flat.dtype.kind not in "biuf":
        raise TypeError(f"values must be real numbers, got dtype {flat.dtype}")
    if flat.dtype.kind == "f" and np.isnan(flat).any():
        raise ValueError("values must be numbers, got NaN among them")
    return flat


def _percentiles(values: NDArray[np.generic], ps: tuple[float, ...]) -> list[float]:
    if not all(0 <= p <= 1 for p in ps):
        raise ValueError(f"p must be in [0, 1], got {', '.join(map(str, ps))}")
    positions = [(values.size - 1) * p for p in ps]
    around = {k for i in positions for k in (math.floor(i), math.ceil(i))}
    ordered = np.partition(values, sorted(around))
    found = []
    for i in positions:
        low, high = math.floor(i), math.ceil(i)
        value = float(ordered[low])
        if high > low:
            value = value * (1 - (i - low)) + float(ordered[high]) * (i - low)
        found.append(value)
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
        The sum over all cells: hits, not annotations. An int, and exact, where the counts are integers.
    cells
        The number of cells.
    covered
        The number of cells that are not zero.

    Examples
    --------
    >>> import heatgrid as hg
    >>> stats = hg.Heatmap(2).add_points([[0.1, 0.1], [0.1, 0.2], [0.9, 0.9]]).stats()
    >>> stats.max, stats.median, stats.total, stats.covered
    (2.0, 0.5, 3, 2)
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
        """Return the statistics of an array of counts of any shape."""
        flat = _numbers(values)
        low, q1, median, q3, high = _percentiles(flat, (0.0, 0.25, 0.5, 0.75, 1.0))
        total = exact_sum(flat)
        covered = int(np.count_nonzero(flat))
        return cls(low, q1, median, q3, high, total / flat.size, total, flat.size, covered)

    @classmethod
    def of_known(cls, values: NDArray[Any]) -> Stats | None:
        """Return the statistics of the cells with data; None if there are none."""
        known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
        return cls.of(known) if known.size else None

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

    def _repr_html_(self) -> str:
        rows = [(name, f"{value:,.12g}") for name, value in asdict(self).items()]
        return html_table(("over all cells", "value"), rows)

    def __str__(self) -> str:
        if not isinstance(self.total, int):  # not counts, but weights, shares or rates
            return "\n".join(f"{name:<7}{value:>16,.6g}" for name, value in self.quartiles.items())
        rounded = self.rounded
        rows = [f"{name:<7}{value:>16,.12g}{rounded[name]:>16,}" for name, value in self.quartiles.items()]
        return "\n".join([f"{'exact':>23}{'rounded':>16}", *rows])
