"""Tables: CSV, TSV, Parquet or JSON Lines with one box or point per row; columns are known by name.

TensorFlow's and Roboflow's CSV (filename, width, height, class, xmin, ymin, xmax, ymax), that of
keras-retinanet (https://github.com/fizyr/keras-retinanet#csv-datasets: no header; an image without objects
has a row of its own), and any other table whose header, or ``columns=``, says which columns make a box or a
point. A box may also be a list of four numbers in one column, such as ``"[x, y, width, height]"``. The
columns of JSON Lines are the keys of their objects, those of inner objects included (``box.x1``).
"""

from __future__ import annotations

import csv
import re
from io import StringIO
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.kernel import scan_table
from heatgrid.core.report import Report
from heatgrid.errors import FormatError, require
from heatgrid.io import places
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import BLANKS, decode_head, files_below, open_binary, open_text
from heatgrid.io.formats.tables.batches import Categories, ColumnBatch, cell_text, column_of, is_text
from heatgrid.io.formats.tables.build import TableBuilder
from heatgrid.io.formats.tables.columns import (
    ATTRIBUTE,
    LISTS,
    NO_COLUMNS,
    POINTS,
    TEXT_ROLES,
    RowLayout,
    layout_of_header,
    layout_of_row,
)
from heatgrid.io.options import ReadOptions, split_of
from heatgrid.io.parse import NOT_AN_OBJECT, collector_paused, is_number
from heatgrid.io.records import BROKEN, JSON_LINES, Broken, parse_line
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.kernel import Table

TITLE = "CSV, TSV, Parquet or JSON Lines with named columns of boxes or points (TensorFlow, Keras)"

_PARQUET = b"PAR1"
_DELIMITERS = ",;\t|"
_HEAD = 32  # lines in which the header is found
_BEFORE_HEADER = re.compile(r'\s*(#.*|"?sep=.?"?\s*)?', re.IGNORECASE)  # Excel writes sep=;
_LINES = 1 << 15
_BLOCK = 1 << 21  # characters
_TALLEST_ROW = 1000  # lines; a quoted cell may contain line ends
_ROWS = 1 << 17  # of Parquet files in memory
_LONGEST_CELL = 1 << 27
EXCESS = "row of more cells than the table has columns"

_CELLS = ("id", "geometry", *LISTS)
"""Roles whose cells stay text."""

_INSPECTED = 100  # records that name the columns

_OPEN_IMAGES = {"imageid", "labelname", "xmin"}


def _check_file(probe: Probe) -> bool:
    """Return whether a table's header, or its first row, has an image and a box."""
    if probe.head.startswith(_PARQUET):
        return True
    head = decode_head(probe.head)
    if probe.suffix in JSON_LINES:
        records = map(parse_line, head.splitlines()[:_INSPECTED])
        return layout_of_header(_keys(map(_flat, records))) is not None
    if probe.fault or (found := find_layout(head)) is None:
        return False
    header = head.splitlines()[found[0]].lower()
    return not all(name in header for name in _OPEN_IMAGES)


_SUFFIXES = (".csv", ".tsv", ".parquet", *JSON_LINES)
SIGNATURE = Signature(suffixes=_SUFFIXES, depth=2, check=_check_file, is_fallback=True, has_columns=True)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield one batch per split of each file."""
    if not places.is_dir(path):
        yield from _read_file(path, path, split_of([path.absolute().parent.name], path.stem), options)
        return
    report = Report()
    files: list[Path] = []
    for probe in map(Probe, files_below(path, SIGNATURE.suffixes, report, SIGNATURE.depth)):
        if options.columns or _check_file(probe):
            files.append(probe.path)
        else:
            report.note("file without columns of boxes, ignored", where=str(probe.path))
    if not files:
        raise FormatError("no tables with columns of boxes", path)
    if report != Report():
        yield empty_batch(report, str(path))
    yield from read_each(
        files, lambda file: _read_file(file, path, split_of([file.parent.name], file.stem), options), options
    )


def _read_file(file: Path, source: Path, split: str | None, options: ReadOptions) -> Iterator[Annotations]:
    """Yield the annotations of a file, about ``options.table_rows`` rows at a time, cut between images."""
    is_parquet = Probe(file).head.startswith(_PARQUET)
    builder = TableBuilder(str(file), options, position_format="row {}" if is_parquet else "line {}")
    is_records = file.suffix.lower() in JSON_LINES
    reader = read_parquet if is_parquet else read_json_lines if is_records else read_delimited
    batches = reader(file, options)
    last: str | None = None
    while True:
        with collector_paused():  # it would visit every cell of each batch
            batch = next(batches, None)
        if batch is None:
            break
        if not len(batch):  # blank lines only
            continue
        images = batch.columns["image"]
        is_full = builder.rows + len(batch) > options.table_rows
        end = batch.last_image() if is_full else 0
        if end:
            builder.add(batch.slice(0, end))
        if is_full and builder.rows and (end or images.value(0) != last):
            yield from builder.build(source, split, more=True)
        builder.add(batch.slice(end, len(batch)) if end else batch)
        last = images.value(-1)
    yield from builder.build(source, split)


# Text files


def find_layout(
    head: str, chosen: Mapping[str, str | int] | None = None
) -> tuple[int, str, RowLayout, bool] | None:
    """Find the first row of a text in its beginning: line, delimiter, layout, and whether it is a header.

    Blank lines, comments (``# …``) and Excel's ``sep=;`` may precede it.
    """
    lines = head.splitlines()[:_HEAD]
    for number, line in enumerate(lines):
        if line.strip() and (found := _layout_of_line(line, chosen)) is not None:
            return number, *found
        if not _BEFORE_HEADER.fullmatch(line):
            if chosen:  # raises an error that names what is wrong with the choice
                layout_of_header(split_line(line, max(_DELIMITERS, key=line.count)), chosen)
            return None
    return None


def _layout_of_line(line: str, chosen: Mapping[str, str | int] | None) -> tuple[str, RowLayout, bool] | None:
    for delimiter in sorted(_DELIMITERS, key=line.count, reverse=True):
        row = split_line(line, delimiter)
        by_number = layout_of_row(row, chosen)
        if by_number is not None:
            texts = [row[by_number.indices[role]].replace(",", ".") for role in by_number.box]
            return delimiter, by_number, not all(not text or is_number(text) for text in texts)
        if not all(column in row or isinstance(column, int) for column in (chosen or {}).values()):
            continue  # another delimiter, or a column that there is not
        layout = layout_of_header(row, chosen)
        if layout is not None and (len(row) >= 5 or layout.box in POINTS):
            return delimiter, layout, True
    return None


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the stripped cells of a single line."""
    return [cell.strip() for cell in next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])]


def allow_long_cells() -> None:
    """Raise the process-wide limit on the length of a cell to that of long geometries."""
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)


def read_delimited(path: Path, options: ReadOptions) -> Iterator[ColumnBatch]:
    """Yield the rows of a text file; raise FormatError if it is broken or has no columns of boxes."""
    allow_long_cells()
    with open_text(path, options) as text:
        head = list(islice(text, _HEAD))
        found = find_layout("".join(head), options.columns)
        if found is None:
            raise FormatError(NO_COLUMNS, path)
        done, delimiter, layout, has_header = found
        header = split_line(head[done], delimiter)
        layout = layout.with_attributes(header if has_header else [], options.attributes)
        width = len(header)
        done += has_header
        for block in _blocks(text, "".join(head[done:])):
            if (table := scan_table(block.encode(), delimiter, width)) is not None:
                yield _scanned(table, layout, done + 1, path.stem)
                done += block.count("\n")
                continue
            lines = list(StringIO(block, newline=""))
            try:
                rows, begins = split_rows(lines, delimiter, width)
            except csv.Error as error:
                message = f"broken table: {error}"
                raise FormatError(message, path, f"line {done + 1} or later") from error
            yield _batch(rows, layout, width, done + 1 + begins, path.stem)
            done += len(lines)


def _blocks(text: io.TextIOBase, start: str) -> Iterator[str]:
    """Yield ``start`` and the rest of a text in blocks of whole lines, cut outside of quoted cells."""
    held = [start]
    while part := text.read(_BLOCK):
        if end := part.rfind("\n") + 1:
            block = "".join([*held, part[:end]])
            cut = _begin_of_open_row(block)
            yield block[:cut]
            held = [block[cut:], part[end:]]
        else:
            held.append(part)
    if last := "".join(held):
        yield last


def _begin_of_open_row(block: str) -> int:
    """Return where the last row begins whose quoted cell is not closed, else the length of the block."""
    end = len(block)
    if block.count('"') % 2:
        for _ in range(_TALLEST_ROW):
            begin = block.rfind("\n", 0, end - 1) + 1
            if block.count('"', begin, end) % 2:
                return begin or len(block)
            end = begin
    return len(block)


def _scanned(table: Table, layout: RowLayout, first: int, image: str) -> ColumnBatch:
    """Return a table's columns: numbers where all cells are such, text by role, else cells."""
    columns: dict[str, Any] = {}
    for role, index in layout.indices.items():
        if role in TEXT_ROLES:
            columns[role] = Categories(*table.encode(index))
        elif role in _CELLS or role.startswith(ATTRIBUTE) or (own := table.numbers(index)) is None:
            columns[role] = table.cells(index)
        else:
            columns[role] = own
    columns.setdefault("image", Categories.constant(image, len(table.lines)))
    return ColumnBatch(columns, layout.box, first + table.lines)


def split_rows(lines: list[str], delimiter: str, width: int = 1) -> tuple[list[list[str]], NDArray[np.int64]]:
    """Return the cells of each row, and the index of its line; a quoted cell may contain line ends.

    A quote that no row of ``width`` cells closes ends with its line.
    """
    rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    if len(rows) == len(lines):
        return rows, np.arange(len(lines))
    rows, begins, end = [], [], 0
    while (begin := end) < len(lines):
        end, quotes = begin + 1, lines[begin].count('"')
        while quotes % 2 and end < min(len(lines), begin + _TALLEST_ROW):
            quotes += lines[end].count('"')
            end += 1
        row = _quoted_row(lines[begin:end], delimiter)
        if len(row) < width or quotes % 2:
            end = begin + 1
            row = next(csv.reader(lines[begin:end], delimiter=delimiter, skipinitialspace=True), [])
        rows.append(row)
        begins.append(begin)
    return rows, np.array(begins, dtype=np.int64)


def _quoted_row(lines: list[str], delimiter: str) -> list[str]:
    """Return the cells of the one row that all the lines make, else none."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []


def _batch(
    rows: list[list[str]], layout: RowLayout, width: int, lines: NDArray[np.int64], image: str
) -> ColumnBatch:
    """Turn rows into columns; short rows are filled up, blank ones dropped, long ones marked.

    Without a column of images, all rows are of one ``image``.
    """
    faults: dict[int, str] = {}
    if set(map(len, rows)) != {width}:
        filled = [i for i, row in enumerate(rows) if len(row) > 1 or any(map(str.strip, row))]
        rows, lines = [rows[i] for i in filled], lines[filled]
        faults = {i: EXCESS for i, row in enumerate(rows) if any(map(str.strip, row[width:]))}
        rows = [(row + [""] * (width - len(row)))[:width] for row in rows]
    cells = list(zip(*rows, strict=True)) or [()] * width
    columns = {
        role: Categories.encode(cells[index]) if role in TEXT_ROLES else cells[index]
        for role, index in layout.indices.items()
    }
    columns.setdefault("image", Categories.constant(image, len(rows)))
    return ColumnBatch(columns, layout.box, lines, faults)


# JSON Lines


def read_json_lines(path: Path, options: ReadOptions) -> Iterator[ColumnBatch]:
    """Yield the objects of JSON Lines as rows; raise FormatError if they have no boxes."""
    layout: RowLayout | None = None
    with open_text(path, options) as text:
        lines = ((number, line) for number, line in enumerate(text, 1) if line.strip(BLANKS))
        while part := list(islice(lines, _LINES)):
            values = [parse_line(line) for _, line in part]
            rows = list(map(_flat, values))
            if layout is None:
                header = _keys(rows[:_INSPECTED])
                layout = layout_of_header(header, options.columns)
                if layout is None:
                    raise FormatError(NO_COLUMNS, path)
                layout = layout.with_attributes(header, options.attributes)
            cells = {
                role: [cell_text(row.get(header[index])) for row in rows]
                for role, index in layout.indices.items()
            }
            columns = {
                role: Categories.encode(own) if role in TEXT_ROLES else own for role, own in cells.items()
            }
            faults = {
                i: BROKEN if value is Broken else NOT_AN_OBJECT
                for i, value in enumerate(values)
                if not isinstance(value, dict)
            }
            numbers = np.fromiter((number for number, _ in part), dtype=np.int64, count=len(part))
            yield ColumnBatch(columns, layout.box, numbers, faults)


def _keys(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return the keys of all rows in the order of their first appearance."""
    return list(dict.fromkeys(chain.from_iterable(rows)))


def _flat(value: object) -> dict[str, Any]:
    """Return an object with the keys of inner objects; an empty one for any other value."""
    if not isinstance(value, dict):
        return {}
    flat = {key: inner for key, inner in value.items() if not isinstance(inner, dict)}
    for key, inner in value.items():
        if isinstance(inner, dict):
            flat |= {f"{key}.{name}": own for name, own in inner.items()}
    return flat


# Parquet files


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
            layout = layout.with_attributes(schema.names, options.attributes)
            names = {role: schema.names[index] for role, index in layout.indices.items()}
            texts = {names[role] for role in TEXT_ROLES if role in names}
            encoded = [name for name in texts if is_text(schema.field(name).type)]
            # pre_buffer would keep the whole file in memory.
            file = parquet.ParquetFile(content, metadata=metadata, read_dictionary=encoded, pre_buffer=False)
            done = 0
            for rows in _read_ahead(file.iter_batches(_ROWS, columns=sorted(set(names.values())))):
                columns = {role: column_of(rows.column(name), role) for role, name in names.items()}
                columns.setdefault("image", Categories.constant(path.stem, rows.num_rows))
                positions = np.arange(done + 1, done + 1 + rows.num_rows, dtype=np.int64)
                yield ColumnBatch(columns, layout.box, positions)
                done += rows.num_rows
        except (arrow.ArrowException, OSError) as error:
            message = f"broken Parquet: {error}"[:1000]
            raise FormatError(message, path) from error


def _read_ahead(items: Iterator[Any]) -> Iterator[Any]:
    """Yield the items, each fetched by another thread while the one before is in use."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        ahead = pool.submit(next, items, None)
        while (item := ahead.result()) is not None:
            ahead = pool.submit(next, items, None)
            yield item
