"""Arrow columns as column batches and numpy arrays; Parquet files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Polygons, offsets_of
from heatgrid.errors import FormatError, require
from heatgrid.io.files import open_binary
from heatgrid.io.formats.tables.batches import Categories, Column, ColumnBatch, renumber
from heatgrid.io.formats.tables.columns import FLAG_ROLES, NO_COLUMNS, TEXT_ROLES, layout_of_header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

MAGIC = b"PAR1"

_ROWS = 1 << 17


def read_parquet(path: Path, options: ReadOptions) -> Iterator[ColumnBatch]:
    """Yield the rows of a Parquet file; raise FormatError if it is broken or has no columns of boxes."""
    arrow = require("pyarrow", "arrow")
    parquet = require("pyarrow.parquet", "arrow")
    with open_binary(path, options) as content:
        try:
            metadata = parquet.read_metadata(content)
            schema = metadata.schema.to_arrow_schema()
            layout = layout_of_header(schema.names, options.columns)
            if layout is None:
                raise FormatError(NO_COLUMNS, path)
            names = {role: schema.names[place] for role, place in layout.places.items()}
            texts = {names[role] for role in TEXT_ROLES if role in names}
            encoded = [name for name in texts if is_text(schema.field(name).type)]
            # pre_buffer would keep the whole file in memory.
            file = parquet.ParquetFile(content, metadata=metadata, read_dictionary=encoded, pre_buffer=False)
            done = 0
            for rows in _read_ahead(file.iter_batches(_ROWS, columns=sorted(set(names.values())))):
                columns = {role: column_of(rows.column(name), role) for role, name in names.items()}
                positions = np.arange(done + 1, done + 1 + rows.num_rows, dtype=np.int64)
                yield ColumnBatch(columns, layout.box, positions)
                done += rows.num_rows
        except (arrow.ArrowException, OSError) as error:
            message = f"broken Parquet: {error}"[:1000]
            raise FormatError(message, path) from error


def _read_ahead(items: Iterator[Any]) -> Iterator[Any]:
    """Yield the items, each fetched by another thread while the one before is in use."""
    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(next, items, None)
        while (item := ahead.result()) is not None:
            ahead = pool.submit(next, items, None)
            yield item


def column_of(array: Any, role: str) -> Column:
    """Return an Arrow array as the column of a role."""
    if role in TEXT_ROLES:
        return categories_of(array)
    arrow = require("pyarrow", "arrow")
    if arrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    is_flag = role in FLAG_ROLES and arrow.types.is_boolean(array.type)
    if role != "id" and (is_flag or is_numeric(array.type)):
        values: Doubles = array.cast(arrow.float64(), safe=False).to_numpy(zero_copy_only=False)
        return values
    return [_text(cell) for cell in array.to_pylist()]


def _text(cell: Any) -> str:
    """Return a cell as text; whole numbers have no point, missing ones are empty."""
    if isinstance(cell, float):
        return "" if cell != cell else f"{cell:.17g}"  # noqa: PLR0124 - NaN
    return "" if cell is None else str(cell)


def categories_of(array: Any) -> Categories:
    """Return an Arrow array as dictionary-encoded text; null is the empty text."""
    arrow = require("pyarrow", "arrow")
    if arrow.types.is_string_view(array.type):
        array = array.cast(arrow.string())
    if not arrow.types.is_dictionary(array.type):
        if not (is_text(array.type) or is_numeric(array.type)):
            return Categories.encode([_text(cell) for cell in array.to_pylist()])
        array = array.dictionary_encode()
    codes, dictionary = array.indices, array.dictionary
    if codes.null_count:
        codes = codes.fill_null(len(dictionary))
        dictionary = arrow.concat_arrays([dictionary, arrow.nulls(1, dictionary.type)])
    numbers, used = renumber(codes.to_numpy(zero_copy_only=False), len(dictionary))
    if not np.array_equal(used, np.arange(len(dictionary))):
        dictionary = dictionary.take(arrow.array(used))
    if arrow.types.is_integer(dictionary.type):
        dictionary = dictionary.cast(arrow.string())
    if is_text(dictionary.type):
        return Categories(numbers, dictionary.fill_null("") if dictionary.null_count else dictionary)
    return Categories(numbers, list(map(_text, dictionary.to_pylist())))


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type is text."""
    types = require("pyarrow", "arrow").types
    return any(is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view))


def is_numeric(kind: Any) -> bool:
    """Return whether an Arrow type is of integers or floating-point numbers."""
    types = require("pyarrow", "arrow").types
    return bool(types.is_integer(kind) or types.is_floating(kind))


def is_list(kind: Any) -> bool:
    """Return whether an Arrow type is of lists."""
    types = require("pyarrow", "arrow").types
    return any(is_kind(kind) for is_kind in (types.is_list, types.is_large_list, types.is_fixed_size_list))


def list_lengths(column: Any, name: str) -> Integers:
    """Return the length of each list, 0 for null."""
    if not is_list(column.type):
        raise TypeError(f"column {name!r} must hold lists, got {column.type}")
    lengths = require("pyarrow.compute", "arrow").list_value_length(column).fill_null(0)
    found: Integers = lengths.to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def numbers_of(column: Any, name: str) -> NDArray[Any]:
    """Return the real numbers of a column, without a copy if possible; NaN for null."""
    if not is_numeric(column.type):
        raise TypeError(f"column {name!r} must hold numbers, got {column.type}")
    if column.null_count:
        column = column.cast(require("pyarrow", "arrow").float64(), safe=False)
    values: NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def matrix_of(column: Any, name: str, width: int) -> Doubles:
    """Return (N, width) numbers of N lists; NaN for null."""
    lengths = list_lengths(column, name)
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    if (lengths[valid] != width).any():
        raise ValueError(f"column {name!r} must hold lists of {width} numbers")
    held = numbers_of((column.drop_null() if column.null_count else column).flatten(), name)
    rows = np.ascontiguousarray(held.reshape(-1, width), dtype=np.float64)
    if valid.all():
        return rows
    found = np.full((len(column), width), np.nan)
    found[valid] = rows
    return found


def polygons_of(column: Any, name: str) -> Polygons:
    """Return the polygons of lists of coordinates ``[x1, y1, x2, …]``, or of lists of such rings."""
    lengths, inner = list_lengths(column, name), column.flatten()
    annotations = None
    if is_list(inner.type):
        annotations = offsets_of(lengths)
        lengths, inner = list_lengths(inner, name), inner.flatten()
    if (lengths % 2).any():
        raise ValueError(f"column {name!r} must hold pairs of x and y, got a ring of an odd number of values")
    coords = np.ascontiguousarray(numbers_of(inner, name).reshape(-1, 2), dtype=np.float64)
    rings = offsets_of(lengths // 2)
    parts = np.arange(len(rings), dtype=np.int64)  # every ring is a part of its own
    return Polygons(coords, rings, parts, parts if annotations is None else annotations)
