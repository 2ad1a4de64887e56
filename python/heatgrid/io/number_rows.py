"""Text files of nothing but numbers, separated by commas or blanks: parsed into one table, bad rows named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.report import describe
from heatgrid.errors import FormatError
from heatgrid.io.files import decode, read_bytes
from heatgrid.io.formats.yolo.rows import BadLine, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions

NO_FRAME = "frame that is no whole number"

_EMPTY_CELL = re.compile(rb"(?m)^[ \t]*(?=,)|,[ \t]*(?=,)")
_FIRST = 20  # rows of a first look
_WHOLE = float(1 << 53)  # from here on not every whole number has its double


@dataclass(frozen=True, slots=True, eq=False)
class NumberTable:
    """Rows of several files.

    Attributes
    ----------
    cells
        (N, width) float64, NaN where a row is shorter.
    counts
        (N,) how many numbers each row has, be they more than ``width``.
    file
        (N,) the number of each row's file.
    line
        (N,) each row's line in its file, from 1.
    """

    cells: NDArray[np.float64]
    counts: NDArray[np.int64]
    file: NDArray[np.int64]
    line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.file)

    def take(self, which: NDArray[np.bool_]) -> NumberTable:
        """Return some of the rows."""
        return NumberTable(self.cells[which], self.counts[which], self.file[which], self.line[which])


@dataclass(frozen=True, slots=True, eq=False)
class NumberFiles:
    """Files that were read: rows name them by their place among ``paths``.

    Attributes
    ----------
    paths
        The files.
    table
        Their rows of numbers.
    bad
        Their other rows.
    """

    paths: Sequence[Path]
    table: NumberTable
    bad: Sequence[BadLine]

    def right_rows(
        self, faults: Iterable[tuple[str, NDArray[np.bool_]]], options: ReadOptions, report: Report
    ) -> NumberTable:
        """Return the rows without fault, and report the others with the first reason that applies.

        Raises
        ------
        FormatError
            With ``on_error="raise"``, at the first row that would be left out.
        """
        table = self.table
        wrong = np.zeros(len(table), dtype=bool)
        lost = list(self.bad)
        for reason, applies in faults:
            index = np.flatnonzero(applies & ~wrong)
            places = zip(table.file[index].tolist(), table.line[index].tolist(), strict=True)
            lost += [BadLine(file, line, reason) for file, line in places]
            wrong |= applies
        report.annotations += len(table) + len(self.bad)
        for row in sorted(lost, key=lambda row: (row.file, row.line)):
            path, place = self.paths[row.file], f"line {row.line}"
            if options.strict:
                raise FormatError(row.reason, path, place)
            wanted = report.room_for_example(row.reason)
            report.skip(row.reason, describe(str(path), place) if wanted else None)
        return table.take(~wrong)


def parse_table(contents: Sequence[bytes], width: int) -> tuple[NumberTable, list[BadLine]]:
    """Parse files of rows of up to ``width`` numbers; more are passed over."""
    rows, bad = parse([_blank_separated(content) for content in contents])
    counts = np.diff(rows.offsets)
    place = np.arange(len(rows.values)) - np.repeat(rows.offsets[:-1], counts)
    cells = np.full((len(rows), width), np.nan)
    cells[np.arange(width) < counts[:, np.newaxis]] = rows.values[place < width]
    return NumberTable(cells, counts, rows.file, rows.line), bad


def _blank_separated(content: bytes) -> bytes:
    """Turn commas into blanks; a cell without a number becomes something that is none."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = decode(content).encode()
    return _EMPTY_CELL.sub(rb"\g<0> ? ", content).replace(b",", b" ")


def read_table(files: Sequence[Path], width: int, options: ReadOptions, report: Report) -> NumberFiles:
    """Read and parse files; one that cannot be read is refused.

    Raises
    ------
    FormatError
        With ``on_error="raise"``, or with one file only, at a file that cannot be read.
    """
    done: list[Path] = []
    contents: list[bytes] = []
    for file in files:
        try:
            contents.append(read_bytes(file, options, blank=True))
        except FormatError as error:
            if options.strict or len(files) == 1:
                raise
            report.refuse(error.text, error.path)
        else:
            done.append(file)
    report.files += len(done)
    return NumberFiles(done, *parse_table(contents, width))


def is_whole(cells: NDArray[np.float64], least: int = 0) -> NDArray[np.bool_]:
    """Tell which numbers are whole, not less than ``least`` and of a size that doubles can hold."""
    with np.errstate(invalid="ignore"):
        return np.asarray((cells >= least) & (cells < _WHOLE) & (np.floor(cells) == cells))


def first_rows(head: bytes) -> list[list[float]]:
    """Return the first rows of a text, as far as they are numbers between commas."""
    lines = decode(head).splitlines()
    if len(lines) > 1 and not head.endswith((b"\n", b"\r")):
        lines.pop()  # it may break off
    rows: list[list[float]] = []
    for line in lines[: 2 * _FIRST]:
        if line.strip() and len(rows) < _FIRST:
            try:
                rows.append([float(cell) for cell in line.strip().removesuffix(",").split(",")])
            except ValueError:
                break
    return rows
