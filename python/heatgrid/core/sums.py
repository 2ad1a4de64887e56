"""Sums and numbers of integers: exact, and of those that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MAX_MARKS = 1 << 26


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
