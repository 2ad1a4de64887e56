"""Tables in Parquet files, by way of pyarrow: numbers never become Python objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import FormatError, require
from heatgrid.io.files import open_binary
from heatgrid.io.formats.table.columns import Columns, columns_of
from heatgrid.io.formats.table.text import NO_COLUMNS, Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions

MAGIC = b"PAR1"

_ROWS = 1 << 16


def read_parquet(path: Path, options: ReadOptions) -> Iterator[tuple[Columns, Chunk]]:
    """Yield the rows of a Parquet file, chunk by chunk.

    Raises
    ------
    FormatError
        The file is broken, or has no columns of boxes.
    ImportError
        pyarrow is not installed.
    """
    arrow = require("pyarrow", "arrow")
    parquet = require("pyarrow.parquet", "arrow")
    with open_binary(path, options) as content:
        try:
            file = parquet.ParquetFile(content, pre_buffer=False)  # which would keep all of the file
            header = list(file.schema_arrow.names)
            columns = columns_of(header, options.columns)
            if columns is None:
                raise FormatError(NO_COLUMNS, path)
            names = {role: header[place] for role, place in columns.places.items()}
            done = 0
            for rows in file.iter_batches(_ROWS, columns=sorted(set(names.values()))):
                cells = {role: cells_of(arrow, rows.column(name)) for role, name in names.items()}
                lines = np.arange(done + 1, done + 1 + rows.num_rows, dtype=np.int64)
                yield columns, Chunk(cells, lines, {})
                done += rows.num_rows
        except (arrow.ArrowException, OSError) as error:
            message = f"broken Parquet: {error}"[:1000]
            raise FormatError(message, path) from error


def cells_of(arrow: Any, column: Any) -> Sequence[str] | NDArray[np.float64]:
    """Return a column as numbers, or as texts."""
    if arrow.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if arrow.types.is_integer(column.type) or arrow.types.is_floating(column.type):
        values: NDArray[np.float64] = column.cast(arrow.float64(), safe=False).to_numpy(zero_copy_only=False)
        return values
    return ["" if cell is None else str(cell) for cell in column.to_pylist()]
