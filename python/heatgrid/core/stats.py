"""Statistics over all cells of a map, zeros included."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import as_array
from heatgrid.errors import html_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


_MAX_MARKS = 1 << 26


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


def exact_sum(values: NDArray[np.generic]) -> float:
    """Return the sum, of integers exactly: in 64 bits where they cannot overflow, else one by one."""
    if values.dtype.kind == "f":
        return float(values.sum())
    largest = max(abs(int(values.min())), abs(int(values.max())))
    return int(values.sum()) if largest * values.size < 2**63 else sum(map(int, values.ravel().tolist()))


def as_count(value: Any, *, signed: bool) -> int:
    """Return a count of a saved report, or raise ValueError; sums of thousands of them fit in int64."""
    if not isinstance(value, int) or not -(1 << 50) * signed <= value <= 1 << 50:
        raise ValueError(f"a number of a report must be from 0 to 2**50, got {value!r}")
    return value


def distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the different numbers in ascending order, much faster than `numpy.unique`, which hashes."""
    ordered = np.sort(numbers)
    is_first = np.ones(len(ordered), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def count_marks(numbers: NDArray[np.int64], rows: int, columns: int) -> tuple[NDArray[np.int64], int]:
    """Return the number of distinct numbers per row of a table, and the number of columns with any."""
    if rows * columns > _MAX_MARKS:
        numbers = distinct(numbers)
        is_marked = np.zeros(columns, dtype=bool)
        is_marked[numbers % columns] = True
        return np.bincount(numbers // columns, minlength=rows), int(np.count_nonzero(is_marked))
    flat = np.zeros(rows * columns, dtype=bool)
    flat[numbers] = True
    marks = flat.reshape(rows, columns)
    if rows < columns:  # whole rows at once, much faster than along an axis
        of_row = np.array([np.count_nonzero(row) for row in marks], dtype=np.int64)
    else:
        of_row = np.count_nonzero(marks, axis=1)
    return of_row, int(np.count_nonzero(marks.any(axis=0)))


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
