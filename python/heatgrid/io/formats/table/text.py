"""Tables as text: comma, semicolon or tab between cells, read some thousand lines at a time."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.io.files import open_text
from heatgrid.io.formats.table.columns import Columns, columns_of, columns_of_row, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions

_DELIMITERS = ",;\t|"
_LINES = 1 << 15
_LONGEST_CELL = 1 << 27
EXCESS = "row of more cells than the table has columns"
NO_COLUMNS = (
    "no columns of images and boxes found (xmin, ymin, xmax, ymax; x, y, width, height; ...): "
    'say which they are, columns={"image": "...", "x1": "...", ...}'
)


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some rows of a table.

    Attributes
    ----------
    cells
        The texts, or the numbers, under each role.
    lines
        (N,) where each row stands in its file, from 1.
    faults
        What is wrong with whole rows, by their number in the chunk.
    """

    cells: Mapping[str, Sequence[str] | NDArray[np.float64]]
    lines: NDArray[np.int64]
    faults: Mapping[int, str]

    def __len__(self) -> int:
        return len(self.lines)

    def part(self, begin: int, end: int) -> Chunk:
        """Return some of the rows."""
        cells = {role: column[begin:end] for role, column in self.cells.items()}
        faults = {row - begin: fault for row, fault in self.faults.items() if begin <= row < end}
        return Chunk(cells, self.lines[begin:end], faults)


def last_image(chunk: Chunk) -> int:
    """Return where the rows of a chunk's last image begin."""
    images, begin = chunk.cells["image"], len(chunk) - 1
    while begin > 0 and images[begin - 1] == images[begin]:
        begin -= 1
    return max(begin, 0)


def head_columns(
    head: str, chosen: Mapping[str, str | int] | None = None
) -> tuple[str, Columns, bool] | None:
    """Find the delimiter and the columns in the beginning of a text, and whether it has a header."""
    lines = [line for line in head.splitlines()[:10] if line.strip()]
    if not lines:
        return None
    for delimiter in sorted(_DELIMITERS, key=lines[0].count, reverse=True):
        row = split_line(lines[0], delimiter)
        by_number = columns_of_row(row, chosen)
        if by_number is not None:
            return delimiter, by_number, not _holds_numbers(row, by_number)
        if len(row) >= 5 and (columns := columns_of(row, _known(chosen, row))) is not None:
            return delimiter, columns, True
    if chosen:  # say what is wrong with the choice
        columns_of(split_line(lines[0], max(_DELIMITERS, key=lines[0].count)), chosen)
    return None


def _known(chosen: Mapping[str, str | int] | None, row: list[str]) -> Mapping[str, str | int] | None:
    """Return the choice of columns if this row has them, else none."""
    if chosen and all(column in row or isinstance(column, int) for column in chosen.values()):
        return chosen
    return None


def _holds_numbers(row: list[str], columns: Columns) -> bool:
    texts = [row[columns.places[role]].strip() for role in columns.box]
    return all(not text or is_number(text) for text in texts)


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line on its own, without the blanks around them."""
    return [cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])]


def allow_long_cells() -> None:
    """Let cells be as long as geometries are; the limit is that of the whole process, and is only raised."""
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)


def read_chunks(path: Path, options: ReadOptions) -> Iterator[tuple[Columns, Chunk]]:
    """Yield the rows of a text file, chunk by chunk.

    Raises
    ------
    FormatError
        The file cannot be read, or has no columns of boxes.
    """
    allow_long_cells()
    with open_text(path, options) as text:
        head = list(islice(text, 10))
        found = head_columns("".join(head), options.columns)
        if found is None:
            raise FormatError(NO_COLUMNS, path)
        delimiter, columns, has_header = found
        lines: Iterator[str] = chain(head, text)
        done = 0
        if has_header:
            done = next(i for i, line in enumerate(head, 1) if line.strip())
            lines = islice(lines, done, None)
            width = len(split_line(head[done - 1], delimiter))
        else:
            width = len(split_line(next(line for line in head if line.strip()), delimiter))
        while part := list(islice(lines, _LINES)):
            try:
                yield columns, chunk_of(split_lines(part, delimiter), columns, width, done + 1)
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


def chunk_of(rows: list[list[str]], columns: Columns, width: int, first: int) -> Chunk:
    """Turn rows into columns; rows of other lengths are filled up or judged."""
    lines = np.arange(first, first + len(rows), dtype=np.int64)
    faults: dict[int, str] = {}
    if set(map(len, rows)) != {width}:
        filled = [i for i, row in enumerate(rows) if any(map(str.strip, row))]
        rows, lines = [rows[i] for i in filled], lines[filled]
        faults = {i: EXCESS for i, row in enumerate(rows) if any(map(str.strip, row[width:]))}
        rows = [(row + [""] * (width - len(row)))[:width] for row in rows]
    cells = list(zip(*rows, strict=True)) or [()] * width
    return Chunk({role: cells[place] for role, place in columns.places.items()}, lines, faults)
