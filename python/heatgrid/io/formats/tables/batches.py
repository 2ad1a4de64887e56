"""Column batches: rows of a table as numbers, dictionary-encoded text or cells, one column per role."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.errors import require
from heatgrid.io.build import NO_GEOMETRY
from heatgrid.io.files import clean
from heatgrid.io.formats.tables.columns import (
    ATTRIBUTE,
    CENTER_AND_SIZE,
    CORNERS,
    FLAG_ROLES,
    LISTS,
    POINTS,
    TEXT_ROLES,
)
from heatgrid.io.parse import NEGATIVE, NOT_NUMBERS, ROTATED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

NO_IMAGE = "row without an image"
MISSING = "coordinate missing"
NOT_FOUR = "bbox is not 4 numbers"

_BRACKETS = "[](){} \t"
_SEPARATOR = re.compile(r"[\s,;]+")

EMPTY, NOT_A_NUMBER, DECIMAL_COMMA = 1, 2, 4
"""Bits for cells that are not plain numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """Dictionary-encoded text: row ``i`` is ``values[codes[i]]``.

    ``values`` are in the order of their first row: a list, or an Arrow array of strings without nulls.
    """

    codes: NDArray[np.integer[Any]]
    values: Any

    @classmethod
    def encode(cls, cells: Sequence[str]) -> Self:
        """Encode the texts of all rows."""
        values = list(dict.fromkeys(cells))
        index = {value: i for i, value in enumerate(values)}
        codes = np.fromiter(map(index.__getitem__, cells), dtype=np.int64, count=len(cells))
        return cls(codes, values)

    @classmethod
    def constant(cls, value: str, count: int) -> Self:
        """Encode ``count`` rows of one text."""
        return cls(np.zeros(count, dtype=np.int8), [value])

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice | Integers) -> Categories:
        codes, used = renumber(self.codes[rows], len(self.values))
        is_list = isinstance(self.values, list)
        return Categories(
            codes, [self.values[i] for i in used.tolist()] if is_list else self.values.take(used)
        )

    def texts(self) -> list[str]:
        """Return the values as Python strings."""
        return self.values if isinstance(self.values, list) else self.values.to_pylist()

    def is_blank(self) -> NDArray[np.bool_]:
        """Return which rows have no text."""
        if isinstance(self.values, list):
            blank = np.array([not value.strip() for value in self.values], dtype=bool)
        else:
            compute = require("pyarrow.compute", "arrow")
            trimmed = compute.utf8_trim_whitespace(self.values)
            blank = compute.equal(compute.binary_length(trimmed), 0).to_numpy(zero_copy_only=False)
        return blank[self.codes] if blank.any() else np.zeros(len(self), dtype=bool)

    def value(self, row: int) -> str:
        """Return the text of a row."""
        return str(self.values[int(self.codes[row])])


def renumber(codes: NDArray[np.integer[Any]], count: int) -> tuple[Integers, Integers]:
    """Return codes below ``count`` renumbered by first appearance, and the used codes in that order."""
    rows = len(codes)
    first = np.full(count, rows, dtype=np.int64)
    first[codes[::-1]] = np.arange(rows - 1, -1, -1)
    used = np.flatnonzero(first < rows)
    used = used[np.argsort(first[used])]
    number = np.empty(count, dtype=np.int64)
    number[used] = np.arange(len(used))
    return number[codes], used


Column = Any
"""A float64 array with NaN for missing numbers, `Categories`, or a sequence of cells as text."""


def column_of(array: Any, role: str) -> Column:
    """Return an Arrow array as the column of a role."""
    if role in TEXT_ROLES:
        return categories_of(array)
    arrow = require("pyarrow", "arrow")
    if arrow.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    is_flag = role in FLAG_ROLES and arrow.types.is_boolean(array.type)
    if role != "id" and not role.startswith(ATTRIBUTE) and (is_flag or is_numeric(array.type)):
        values: Doubles = array.cast(arrow.float64(), safe=False).to_numpy(zero_copy_only=False)
        return values
    return [cell_text(cell) for cell in array.to_pylist()]


def cell_text(cell: Any) -> str:
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
            return Categories.encode([cell_text(cell) for cell in array.to_pylist()])
        array = array.dictionary_encode()
        if not array.null_count and is_text(array.dictionary.type):  # in the order of the first rows
            return Categories(array.indices.to_numpy(), array.dictionary)
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
    return Categories(numbers, list(map(cell_text, dictionary.to_pylist())))


def is_text(kind: Any) -> bool:
    """Return whether an Arrow type is text."""
    types = require("pyarrow", "arrow").types
    return any(is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view))


def is_numeric(kind: Any) -> bool:
    """Return whether an Arrow type is of integers or floating-point numbers."""
    types = require("pyarrow", "arrow").types
    return bool(types.is_integer(kind) or types.is_floating(kind))


@dataclass(frozen=True, slots=True, eq=False)
class ColumnBatch:
    """N rows of a table: columns by role, the roles that make the box or the point, and each row's position.

    Columns of image, class and split are `Categories`. ``faults`` are reasons by row.
    """

    columns: Mapping[str, Column]
    box: tuple[str, ...]
    positions: Integers
    faults: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.positions)

    def slice(self, begin: int, end: int) -> ColumnBatch:
        """Return the rows from ``begin`` up to ``end``."""
        columns = {role: column[begin:end] for role, column in self.columns.items()}
        faults = {row - begin: fault for row, fault in self.faults.items() if begin <= row < end}
        return ColumnBatch(columns, self.box, self.positions[begin:end], faults)

    def take(self, rows: Integers) -> ColumnBatch:
        """Return the rows at these indices, without their faults."""
        columns = {role: _take(column, rows) for role, column in self.columns.items()}
        return ColumnBatch(columns, self.box, self.positions[rows])

    def last_image(self) -> int:
        """Return the first row of the trailing run of rows with one image."""
        codes = self.columns["image"].codes
        others = np.flatnonzero(codes != codes[-1])
        return int(others[-1]) + 1 if len(others) else 0


def spread_lists(batch: ColumnBatch) -> ColumnBatch:
    """Return a batch with one column per number of the box, in place of a column of lists."""
    role = batch.box[0]
    if role not in LISTS:
        return batch
    box = LISTS[role]
    cells = [_SEPARATOR.split(cell.strip(_BRACKETS)) for cell in batch.columns[role]]
    faults = {i: NOT_FOUR for i, own in enumerate(cells) if len(own) != 4 and own != [""]}
    rows = [own if len(own) == 4 else [""] * 4 for own in cells]
    numbers = zip(*rows, strict=True) if rows else ((),) * 4
    columns = {name: column for name, column in batch.columns.items() if name not in (role, *box)}
    return ColumnBatch(
        columns | dict(zip(box, numbers, strict=True)), box, batch.positions, faults | {**batch.faults}
    )


def _take(column: Column, rows: Integers) -> Column:
    if isinstance(column, (np.ndarray, Categories)):
        return column[rows]
    return [column[i] for i in rows.tolist()]


def numbers(column: Column) -> tuple[Doubles, NDArray[np.uint8] | None]:
    """Return a column's numbers, NaN where missing, and the bits of unusual cells; None if there are none."""
    if isinstance(column, np.ndarray):
        missing = np.isnan(column)
        return column, missing.astype(np.uint8) * np.uint8(EMPTY) if missing.any() else None
    joined = "".join(column)
    if joined.isascii() and "_" not in joined:  # Python's float reads 1_000, which no table means
        try:
            return np.fromiter(map(float, column), dtype=np.float64, count=len(column)), None
        except ValueError:
            pass
    return parse_cells(column)


def parse_cells(cells: Sequence[str]) -> tuple[Doubles, NDArray[np.uint8]]:
    """Return the same as `numbers`, cell by cell; a decimal comma is read as a point."""
    parsed = [_parse(cell.strip()) for cell in cells]
    values = np.array([value for value, _ in parsed], dtype=np.float64)
    return values, np.array([bits for _, bits in parsed], dtype=np.uint8)


def _parse(text: str) -> tuple[float, int]:
    if not text:
        return math.nan, EMPTY
    comma = text.count(",") == 1 and "." not in text
    plain = text.replace(",", ".") if comma else text
    try:
        if "_" not in text and text.isascii():
            return float(plain), DECIMAL_COMMA if comma else 0
    except ValueError:
        pass
    return math.nan, NOT_A_NUMBER


def marks(column: Column) -> NDArray[np.bool_]:
    """Return which cells of a column are true."""
    if isinstance(column, np.ndarray):
        return np.asarray(column > 0)
    true = {cell for cell in set(column) if _is_true(cell.strip().lower())}
    return np.fromiter(map(true.__contains__, column), dtype=bool, count=len(column))


def _is_true(text: str) -> bool:
    value, bits = _parse(text)
    return text in {"true", "yes", "t", "y"} or (not bits & NOT_A_NUMBER and value > 0)


@dataclass(frozen=True, slots=True, eq=False)
class CheckedRows:
    """Boxes of N rows, and the reason for each row without one."""

    boxes: Doubles
    fault: NDArray[np.uint8]  # index into reasons from 1, 0 for correct rows
    reasons: Sequence[str]
    background: Bools  # rows of images without objects
    swapped: Bools  # rows whose corners had to be ordered
    commas: Bools  # rows with a decimal comma
    unlabeled: Bools  # rows of a box without a class


def check_rows(batch: ColumnBatch) -> CheckedRows:
    """Return the boxes of a batch's rows, and the faults of those without one."""
    count, none = len(batch), np.zeros(len(batch), dtype=bool)
    cells = [numbers(batch.columns[role]) for role in batch.box]
    boxless = missing = unreadable = commas = negative = none
    if any(bits is not None for _, bits in cells):
        bits = np.stack([none.view(np.uint8) if own is None else own for _, own in cells])
        empty = (bits & EMPTY) != 0
        boxless, missing = empty.all(axis=0), empty.any(axis=0)
        unreadable = ((bits & NOT_A_NUMBER) != 0).any(axis=0)
        commas = ((bits & DECIMAL_COMMA) != 0).any(axis=0)
    corners = [values for values, _ in cells]
    if batch.box in POINTS:
        corners *= 2  # boxes without extent
    elif batch.box != CORNERS:
        x, y, width, height = corners
        negative = (width < 0) | (height < 0)
        corners = [x, y, x + width, y + height]
        if batch.box == CENTER_AND_SIZE:
            corners = [x - width * 0.5, y - height * 0.5, x + width * 0.5, y + height * 0.5]
    nameless = batch.columns["image"].is_blank()
    unlabeled = batch.columns["class"].is_blank() if "class" in batch.columns else None
    faults = [
        *((text, _rows_with(batch, text)) for text in sorted(set(batch.faults.values()))),
        (NO_IMAGE, nameless),
        (NO_GEOMETRY, none if unlabeled is None else boxless & ~unlabeled),
        (NOT_NUMBERS, unreadable),
        (MISSING, missing & ~boxless),
        (NEGATIVE, negative),
        (
            ROTATED,
            np.nan_to_num(numbers(batch.columns["angle"])[0]) != 0 if "angle" in batch.columns else none,
        ),
    ]
    fault = np.zeros(count, dtype=np.uint8)
    for number, (_, applies) in reversed(list(enumerate(faults, 1))):
        if applies.any():
            fault[applies] = number
    right = fault == 0
    boxes, swapped = _ordered(corners)
    return CheckedRows(
        boxes,
        fault,
        [text for text, _ in faults],
        background=boxless & right,
        swapped=swapped & right,
        commas=commas & right,
        unlabeled=none if unlabeled is None else unlabeled & ~boxless & right,
    )


def _ordered(corners: Sequence[Doubles]) -> tuple[Doubles, Bools]:
    """Return (N, 4) boxes with ordered corners, and which had to be ordered."""
    x1, y1, x2, y2 = corners
    swapped = (x1 > x2) | (y1 > y2)
    if swapped.any():
        corners = np.minimum(x1, x2), np.minimum(y1, y2), np.maximum(x1, x2), np.maximum(y1, y2)
    return np.stack(list(corners), axis=1), swapped


def _rows_with(batch: ColumnBatch, text: str) -> Bools:
    found = np.zeros(len(batch), dtype=bool)
    found[[i for i, fault in batch.faults.items() if fault == text]] = True
    return found


def flags_of(batch: ColumnBatch) -> NDArray[np.uint8]:
    """Return the `Flag` bits of each row."""
    bits = np.zeros(len(batch), dtype=np.uint8)
    for role, flag in FLAG_ROLES.items():
        if role in batch.columns:
            bits[marks(batch.columns[role])] |= int(flag)
    return bits


class NameTable:
    """Names of a text column, numbered by first appearance; ``name_of`` returns the name of a cell.

    A blank cell is `NO_CLASS`.
    """

    def __init__(self, name_of: Callable[[str], str] | None = None) -> None:
        self._name_of = name_of
        self._values: list[Any] = []
        self._count = 0

    def name(self, cell: str) -> str:
        """Return the name of a cell."""
        return clean(cell.strip()) if self._name_of is None else self._name_of(cell.strip())

    def add(self, column: Categories) -> Integers:
        """Add a batch's column; return a provisional number per row, an index into that of `resolve`."""
        numbers = column.codes + np.int64(self._count)
        self._values.append(column.values)
        self._count += len(column.values)
        return numbers

    def resolve(self) -> tuple[list[str], Integers]:
        """Return the names, and the index of the name of each provisional number."""
        if self._values and not isinstance(self._values[0], list):
            encoded = require("pyarrow", "arrow").concat_arrays(self._values).dictionary_encode()
            cells = Categories(encoded.indices.to_numpy(), encoded.dictionary)
        else:
            cells = Categories.encode(list(chain.from_iterable(self._values)))
        texts = cells.texts()
        is_plain = self._name_of is None and "".join(texts).isascii()
        named = [name or NO_CLASS for name in map(str.strip if is_plain else self.name, texts)]
        if named == texts:
            return texts, cells.codes.astype(np.int64)
        names = Categories.encode(named)
        return names.texts(), names.codes[cells.codes]
