"""Boxes in Arrow tables: a column a coordinate, or one column of four numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.files import clean
from heatgrid.io.formats.table.build import TableBuilder
from heatgrid.io.formats.table.columns import bare_name, columns_of
from heatgrid.io.formats.table.parquet import cells_of
from heatgrid.io.formats.table.text import NO_COLUMNS, Chunk
from heatgrid.io.objects.assembly import NO_SIZE, Geometry, assemble
from heatgrid.io.objects.given import numbered
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

_CORNERS = {"xyxy": ("x1", "y1", "x2", "y2"), "xywh": ("x1", "y1", "width", "height")}
"""What a column of four numbers may be; its name says it, or the caller, since ``bbox`` alone does not."""


def is_box(arrow: Any, kind: Any) -> bool:
    """Tell whether a type is that of four numbers."""
    types = arrow.types
    if not (types.is_fixed_size_list(kind) or types.is_list(kind) or types.is_large_list(kind)):
        return False
    numeric = types.is_integer(kind.value_type) or types.is_floating(kind.value_type)
    return bool(numeric and (not types.is_fixed_size_list(kind) or kind.list_size == 4))


def rows_of(column: Any) -> NDArray[np.float64]:
    """Return (N, 4) numbers of a column of lists of four; a missing row is not a number.

    Raises
    ------
    ValueError
        A list is of another length.
    """
    array = column.combine_chunks()
    if array.null_count == 0:
        flat = array.flatten().to_numpy(zero_copy_only=False)
        if flat.size == 4 * len(array) and _all_four(array):
            return np.ascontiguousarray(flat.reshape(-1, 4), dtype=np.float64)
    values = [[np.nan] * 4 if row is None else row for row in array.to_pylist()]
    if any(len(row) != 4 for row in values):
        raise ValueError("boxes in a table must be lists of four numbers")
    return np.array(values, dtype=np.float64).reshape(-1, 4)


def _all_four(array: Any) -> bool:
    if hasattr(array.type, "list_size"):
        return bool(array.type.list_size == 4)
    return bool((np.diff(array.offsets.to_numpy()) == 4).all())


def batch_of_boxes(arrow: Any, table: Any, given: Given) -> Annotations:
    """Return a table's rows, judged as those of a file are.

    Raises
    ------
    TypeError
        No columns make a box.
    """
    told = {"class": given.labels, "image": given.images}
    named = {
        role: name for role, name in told.items() if isinstance(name, str) and name in table.column_names
    }
    chosen = dict(given.columns or {}) | named
    table = _flattened(arrow, table, chosen)
    header = list(table.column_names)
    columns = columns_of(header, chosen) or columns_of([*header, "image"], chosen)  # all of one image
    if columns is None:
        raise TypeError(f"{NO_COLUMNS}; the table has {', '.join(map(repr, header)) or 'no columns'}")
    count, places = table.num_rows, columns.places
    if not count:
        return assemble("table", 0, given, Geometry())
    places.pop("split", None)  # one object, one batch
    cells = {role: cells_of(arrow, table.column(at)) for role, at in places.items() if at < len(header)}
    if "image" not in cells or given.images is not None:
        cells["image"] = _told(given.images, count, "image", cells)
    if given.labels is not None and not isinstance(given.labels, str):
        places["class"] = len(header)
        cells["class"] = _told(given.labels, count, "class", cells)
    if "class" not in cells:
        numbered(count, given)
    options = ReadOptions(size=given.size, normalized=None if given.size is None else False)
    builder = TableBuilder(Path("table"), options, position_format="row {}", class_name=_class_names(given))
    builder.report.files = 0
    builder.add(columns, Chunk(cells, np.arange(count, dtype=np.int64), {}))
    (batch,) = builder.build(Path("table"), None, usually_divided="image_width" not in cells)
    if len(batch) and not batch.normalized and batch.sizes is not None and np.isnan(batch.sizes).all():
        raise ValueError(NO_SIZE.format("the table"))
    return batch


def _flattened(arrow: Any, table: Any, chosen: dict[str, str | int]) -> Any:
    """Return a table with a column a coordinate, where boxes were structs or four numbers."""
    for name in list(table.column_names):
        kind = table.schema.field(name).type
        role = next((role for role in _CORNERS if chosen.get(role) == name or bare_name(name) == role), None)
        if role is not None and is_box(arrow, kind):
            chosen.pop(role, None)
            boxes = rows_of(table.column(name))
            for i, corner in enumerate(_CORNERS[role]):
                table = table.append_column(f"box {corner}", arrow.array(boxes[:, i]))
                chosen[corner] = f"box {corner}"
    return table.flatten()


def _told(values: Any, count: int, role: str, cells: dict[str, Any]) -> Any:
    """Return the caller's column, or that of a table of one image."""
    if values is None or isinstance(values, str):
        return cells.get(role, [values or "image"] * count)
    told = np.asarray(values)
    if told.shape != (count,):
        name = "labels" if role == "class" else "images"
        raise ValueError(f"{name} must have shape ({count},), one a row, got {told.shape}")
    return [str(value) for value in told.tolist()]


def _class_names(given: Given) -> Callable[[str], str]:
    """Return what gives the name of a cell of the class's column, be it a number."""
    if given.classes is None:
        return clean
    numbered = enumerate(given.classes) if isinstance(given.classes, tuple) else given.classes.items()
    names = {str(number): name for number, name in numbered}
    return lambda cell: names.get(cell, clean(cell))
