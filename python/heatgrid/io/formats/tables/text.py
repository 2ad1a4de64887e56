"""CSV and TSV files as column batches."""

from __future__ import annotations

import csv
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.io.files import open_text
from heatgrid.io.formats.tables.batches import Categories, ColumnBatch
from heatgrid.io.formats.tables.columns import (
    NO_COLUMNS,
    TEXT_ROLES,
    Layout,
    is_number,
    layout_of_header,
    layout_of_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

_DELIMITERS = ",;\t|"
_LINES = 1 << 15
_LONGEST_CELL = 1 << 27
EXCESS = "row of more cells than the table has columns"


def find_layout(head: str, chosen: Mapping[str, str | int] | None = None) -> tuple[str, Layout, bool] | None:
    """Find the delimiter and the layout in the beginning of a text, and whether it has a header."""
    lines = [line for line in head.splitlines()[:10] if line.strip()]
    if not lines:
        return None
    for delimiter in sorted(_DELIMITERS, key=lines[0].count, reverse=True):
        row = split_line(lines[0], delimiter)
        by_number = layout_of_row(row, chosen)
        if by_number is not None:
            return delimiter, by_number, not _holds_numbers(row, by_number)
        if len(row) >= 5 and (layout := layout_of_header(row, _known(chosen, row))) is not None:
            return delimiter, layout, True
    if chosen:  # raises an error that names what is wrong with the choice
        layout_of_header(split_line(lines[0], max(_DELIMITERS, key=lines[0].count)), chosen)
    return None


def _known(chosen: Mapping[str, str | int] | None, row: list[str]) -> Mapping[str, str | int] | None:
    """Return the choice of columns if this row has them, else None."""
    if chosen and all(column in row or isinstance(column, int) for column in chosen.values()):
        return chosen
    return None


def _holds_numbers(row: list[str], layout: Layout) -> bool:
    texts = [row[layout.places[role]].strip() for role in layout.box]
    return all(not text or is_number(text) for text in texts)


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the stripped cells of a single line."""
    return [cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])]


def allow_long_cells() -> None:
    """Raise the process-wide limit on the length of a cell to that of long geometries."""
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)


def read_text(path: Path, options: ReadOptions) -> Iterator[ColumnBatch]:
    """Yield the rows of a text file; raise FormatError if it is broken or has no columns of boxes."""
    allow_long_cells()
    with open_text(path, options) as text:
        head = list(islice(text, 10))
        found = find_layout("".join(head), options.columns)
        if found is None:
            raise FormatError(NO_COLUMNS, path)
        delimiter, layout, has_header = found
        first = next(i for i, line in enumerate(head) if line.strip())
        width = len(split_line(head[first], delimiter))
        done = first + 1 if has_header else 0
        lines: Iterator[str] = islice(chain(head, text), done, None)
        while part := list(islice(lines, _LINES)):
            try:
                yield _batch(split_lines(part, delimiter), layout, width, done + 1)
            except csv.Error as error:
                message = f"broken table: {error}"
                raise FormatError(message, path, f"line {done + 1} or later") from error
            done += len(part)


def split_lines(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return the cells of each line; a quote that is not closed in its line ends with it."""
    rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    if len(rows) == len(lines):
        return rows
    return [next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), []) for line in lines]


def _batch(rows: list[list[str]], layout: Layout, width: int, first: int) -> ColumnBatch:
    """Turn rows into columns; short rows are filled up, blank ones dropped, long ones marked."""
    lines = np.arange(first, first + len(rows), dtype=np.int64)
    faults: dict[int, str] = {}
    if set(map(len, rows)) != {width}:
        filled = [i for i, row in enumerate(rows) if any(map(str.strip, row))]
        rows, lines = [rows[i] for i in filled], lines[filled]
        faults = {i: EXCESS for i, row in enumerate(rows) if any(map(str.strip, row[width:]))}
        rows = [(row + [""] * (width - len(row)))[:width] for row in rows]
    cells = list(zip(*rows, strict=True)) or [()] * width
    columns = {
        role: Categories.encode(cells[place]) if role in TEXT_ROLES else cells[place]
        for role, place in layout.places.items()
    }
    return ColumnBatch(columns, layout.box, lines, faults)
