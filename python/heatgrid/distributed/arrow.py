"""Arrow columns as numpy arrays: numbers stay where they lie, and lists are offsets already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]


def column_of(table: Any, name: str) -> Any:
    """Return a column of a Table or RecordBatch as one array.

    Raises
    ------
    KeyError
        There is no such column.
    """
    if name not in table.schema.names:
        raise KeyError(f"no column {name!r}; there are {', '.join(map(repr, table.schema.names))}")
    column = table.column(name)
    return column.combine_chunks() if hasattr(column, "combine_chunks") else column


def is_list(column: Any) -> bool:
    """Tell whether a column holds lists, of whatever kind."""
    types = require("pyarrow", "arrow").types
    kinds = types.is_list, types.is_large_list, types.is_fixed_size_list
    return any(is_kind(column.type) for is_kind in kinds)


def lengths_of(column: Any, name: str) -> Integers:
    """Return the length of each list; 0 of what is null.

    Raises
    ------
    TypeError
        The column holds no lists.
    """
    if not is_list(column):
        raise TypeError(f"column {name!r} must hold lists, got {column.type}")
    lengths = require("pyarrow.compute", "arrow").list_value_length(column).fill_null(0)
    found: Integers = lengths.to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def as_numbers(column: Any, name: str) -> NDArray[Any]:
    """Return real numbers of whatever dtype, where they lie; NaN of what is null.

    Raises
    ------
    TypeError
        The column holds something else.
    """
    arrow = require("pyarrow", "arrow")
    if not (arrow.types.is_integer(column.type) or arrow.types.is_floating(column.type)):
        raise TypeError(f"column {name!r} must hold numbers, got {column.type}")
    if column.null_count:
        column = column.cast(arrow.float64(), safe=False)
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def lists_of(column: Any, name: str, count: int) -> NDArray[Any]:
    """Return (N, count) numbers of N lists; NaN of what is null.

    Raises
    ------
    TypeError, ValueError
        The column holds something else, or a list is of another length.
    """
    lengths = lengths_of(column, name)
    there = column.is_valid().to_numpy(zero_copy_only=False)
    if (lengths[there] != count).any():
        raise ValueError(f"column {name!r} must hold lists of {count} numbers")
    held = as_numbers((column.drop_null() if column.null_count else column).flatten(), name)
    if there.all():
        return held.reshape(-1, count)
    found = np.full((len(column), count), np.nan)
    found[there] = held.reshape(-1, count)
    return found


def rings_of(column: Any, name: str) -> tuple[NDArray[Any], tuple[Integers, Integers, Integers]]:
    """Return coordinates and offsets, of lists of coordinates or of lists of such lists.

    Raises
    ------
    TypeError, ValueError
        The column holds something else, or a ring is of an odd number of coordinates.
    """
    lengths, inner = lengths_of(column, name), column.flatten()
    annotations = None
    if is_list(inner):
        annotations = _offsets(lengths)
        lengths, inner = lengths_of(inner, name), inner.flatten()
    if (lengths % 2).any():
        raise ValueError(f"column {name!r} must hold x and y in turn, got a ring of an odd number of them")
    rings = _offsets(lengths // 2)
    parts = np.arange(len(rings))  # every ring is a part of its own
    return as_numbers(inner, name).reshape(-1, 2), (
        rings,
        parts,
        parts if annotations is None else annotations,
    )


def categories_of(column: Any) -> tuple[list[str] | None, Integers]:
    """Return names and numbers into them; None and the numbers themselves of a column of integers.

    Raises
    ------
    ValueError
        A label is missing.
    """
    arrow = require("pyarrow", "arrow")
    if column.null_count:
        raise ValueError("labels must not be null")
    if arrow.types.is_integer(column.type):
        return None, column.to_numpy(zero_copy_only=False)
    encoded = column if arrow.types.is_dictionary(column.type) else column.dictionary_encode()
    numbers: Integers = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return [str(name) for name in encoded.dictionary.to_pylist()], numbers


def _offsets(lengths: Integers) -> Integers:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
