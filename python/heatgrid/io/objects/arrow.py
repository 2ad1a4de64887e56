"""Arrow tables, arrays and streams by their PyCapsules, of pandas, polars, DuckDB and pyarrow.

The interface is https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html. Columns have
the names of columns in table files. Geometry is a column of nested lists, of GeoArrow
(https://geoarrow.org/extension-types), of well-known text or of well-known binary; a column of four numbers
is a box.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import as_array
from heatgrid.core.limits import DEFAULT
from heatgrid.core.ragged import Polygons, offsets_of
from heatgrid.errors import require
from heatgrid.io.files import clean
from heatgrid.io.formats.tables.batches import Categories, ColumnBatch, column_of, is_numeric, is_text
from heatgrid.io.formats.tables.build import TableBuilder
from heatgrid.io.formats.tables.columns import LISTS, NO_COLUMNS, ROLES, bare_name, layout_of_header
from heatgrid.io.formats.wkt import read_wkb, read_wkt
from heatgrid.io.images import ImageSizes
from heatgrid.io.objects.batch import NO_SIZE, Overrides, from_arrays, make_batch, number_labels
from heatgrid.io.objects.geometry import LEVELS, geometry_of, parse_geometries, row_properties
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.shapes import GeometryColumns

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

_ARRAY = "geometry"  # name of the only column if the object is not a table
_EXTENSIONS = (b"geoarrow.", b"ogc.")
_KIND_OF_LEVELS = {1: "ring", 2: "polygon", 3: "multipolygon"}
_NOT_GEOMETRY = "a table's geometry must be GeoArrow, nested lists of x and y, or well-known text or binary"


def is_arrow(value: Any) -> bool:
    """Return whether an object exports Arrow data."""
    return hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__")


def from_arrow(value: Any, overrides: Overrides) -> Annotations:
    """Return the rows of a table, or the values of an array, as annotations."""
    table = _table(value)
    geometry = _geometry_column(table, overrides)
    if geometry is not None:
        return _from_geometry(table, geometry, overrides)
    if table.column_names == [_ARRAY]:
        column = table.column(_ARRAY).combine_chunks()
        if not _is_box(column.type):
            raise TypeError(f"an array of {column.type} is neither boxes nor GeoArrow geometry")
        return from_arrays(matrix_of(column, _ARRAY, 4), overrides)
    return _from_boxes(table, overrides)


def _table(value: Any) -> Any:
    """Return the rows as a pyarrow Table; an array is its only column."""
    arrow = require("pyarrow", "arrow")
    if isinstance(value, (arrow.Array, arrow.ChunkedArray)) and not arrow.types.is_struct(value.type):
        return arrow.table({_ARRAY: value})
    try:
        return arrow.table(value)
    except (arrow.ArrowException, TypeError, ValueError):
        is_stream = hasattr(value, "__arrow_c_stream__")
        return arrow.table({_ARRAY: arrow.chunked_array(value) if is_stream else arrow.array(value)})


# Boxes


def _is_box(kind: Any) -> bool:
    """Return whether a type is of four numbers."""
    if not (is_list(kind) and is_numeric(kind.value_type)):
        return False
    return getattr(kind, "list_size", 4) == 4


def _from_boxes(table: Any, overrides: Overrides) -> Annotations:
    """Return a table's rows by the path of tables in files."""
    passed = {"class": overrides.labels, "image": overrides.images}
    by_column = {
        role: name for role, name in passed.items() if isinstance(name, str) and name in table.column_names
    }
    chosen = dict(overrides.columns or {}) | by_column
    table = _flattened(table, chosen)
    header = list(table.column_names)
    layout = layout_of_header(header, chosen) or layout_of_header([*header, "image"], chosen)
    if layout is None:
        raise TypeError(f"{NO_COLUMNS}; the table has {', '.join(map(repr, header)) or 'no columns'}")
    attributes = overrides.attributes or ()
    layout = layout.with_attributes(header, attributes)
    count = table.num_rows
    if not count:
        return make_batch("table", 0, overrides, {})
    columns = {
        role: column_of(table.column(index).combine_chunks(), role)
        for role, index in layout.indices.items()
        if index < len(header) and role != "split"  # one object is one batch
    }
    if "image" not in columns or overrides.images is not None:
        columns["image"] = _passed(overrides.images, "images", count, columns.get("image"))
    if overrides.labels is not None and not isinstance(overrides.labels, str):
        columns["class"] = _passed(overrides.labels, "labels", count, None)
    if "class" not in columns:
        number_labels(count, overrides)  # raises an error if there must be labels
    normalized = None if overrides.size is None else False
    options = ReadOptions(size=overrides.size, normalized=normalized, attributes=attributes)
    class_name = _class_names(overrides)
    builder = TableBuilder("table", options, position_format="row {}", class_name=class_name, is_file=False)
    builder.add(ColumnBatch(columns, layout.box, np.arange(count, dtype=np.int64)))
    (batch,) = builder.build("table", None, usually_divided="image_width" not in columns)
    batch = replace(batch, sizes=ImageSizes(options).complete(batch))
    if len(batch) and not batch.normalized and batch.sizes is not None and np.isnan(batch.sizes).all():
        raise ValueError(NO_SIZE.format("the table"))
    return batch


def _flattened(table: Any, chosen: dict[str, str | int]) -> Any:
    """Return a table with one column per coordinate in place of structs or columns of four numbers."""
    arrow = require("pyarrow", "arrow")
    for field in list(table.schema):
        name = field.name
        role = next(
            (role for role in LISTS if chosen.get(role) == name or bare_name(name) in ROLES[role]), None
        )
        if role is not None and _is_box(field.type):
            chosen.pop(role, None)
            boxes = matrix_of(table.column(name).combine_chunks(), name, 4)
            for i, corner in enumerate(LISTS[role]):
                table = table.append_column(f"box {corner}", arrow.array(boxes[:, i]))
                chosen[corner] = f"box {corner}"
    return table.flatten()


def _passed(values: Any, name: str, count: int, own: Categories | None) -> Categories:
    """Return the caller's column; or the table's own, or that of one image."""
    if values is None or isinstance(values, str):
        return own if own is not None else Categories.constant(values or "image", count)
    passed = as_array(values, name)
    if passed.shape != (count,):
        raise ValueError(f"{name} must have shape ({count},), one per row, got {passed.shape}")
    return Categories.encode(list(map(str, passed.tolist())))


def _class_names(overrides: Overrides) -> Callable[[str], str] | None:
    """Return the function that names a cell of the class column, which may hold numbers."""
    classes = overrides.classes
    if classes is None:
        return None
    numbered = enumerate(classes) if isinstance(classes, tuple) else classes.items()
    names = {str(number): name for number, name in numbered}
    return lambda cell: names.get(cell, clean(cell))


# Geometry


def _geometry_column(table: Any, overrides: Overrides) -> str | None:
    """Return the name of the column that holds geometry; None if there is none."""
    chosen = (overrides.columns or {}).get("geometry")
    if chosen is not None:
        names = table.column_names
        if chosen not in names and not isinstance(chosen, int):
            raise ValueError(f"columns: no column {chosen!r} for 'geometry'; there are {', '.join(names)}")
        return str(names[chosen] if isinstance(chosen, int) else chosen)
    marked = [field.name for field in table.schema if _extension(field) not in {"", "box"}]
    named = [field.name for field in table.schema if bare_name(field.name) in ROLES["geometry"]]
    kinds = {name: table.schema.field(name).type for name in named}
    fitting = [name for name, kind in kinds.items() if is_text(kind) or _is_binary(kind) or _levels(kind) > 0]
    return next(iter([*marked, *fitting]), None)


def _extension(field: Any) -> str:
    """Return GeoArrow's name for the kind of a column; empty for others."""
    name = (field.metadata or {}).get(b"ARROW:extension:name", b"")
    name = name or str(getattr(field.type, "extension_name", "")).encode()
    return next((name[len(prefix) :].decode() for prefix in _EXTENSIONS if name.startswith(prefix)), "")


def _is_binary(kind: Any) -> bool:
    types = require("pyarrow", "arrow").types
    return any(is_kind(kind) for is_kind in (types.is_binary, types.is_large_binary, types.is_binary_view))


def _levels(kind: Any) -> int:
    """Return the number of levels of lists around pairs of x and y; -1 if there are no pairs."""
    types = require("pyarrow", "arrow").types
    levels = 0
    while types.is_list(kind) or types.is_large_list(kind):
        kind, levels = kind.value_type, levels + 1
    if types.is_struct(kind):
        return levels if {"x", "y"} <= {field.name for field in kind} else -1
    return levels if types.is_fixed_size_list(kind) and kind.list_size in {2, 3} else -1


def _from_geometry(table: Any, name: str, overrides: Overrides) -> Annotations:
    """Return a table's rows with their geometry in one column: pixels if a size is passed."""
    names = [column for column in table.column_names if column != name]
    overrides, properties = row_properties(names, lambda column: _values(table.column(column)), overrides)
    column = table.column(name)
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()  # which would copy
    geometry = _geometry_in(array, table.schema.field(name))
    return make_batch(
        "table", table.num_rows, overrides, geometry, normalized=overrides.is_normalized, **properties
    )


def _values(column: Any) -> Any:
    return column.to_numpy() if is_numeric(column.type) and not column.null_count else column.to_pylist()


def _geometry_in(array: Any, field: Any) -> GeometryColumns:
    """Return the geometry of a column."""
    kind = _extension(field)
    array = getattr(array, "storage", array)
    if is_text(array.type) or _is_binary(array.type):
        return parse_geometries(array.to_pylist(), _parse)
    levels = _levels(array.type)
    kind = kind or _KIND_OF_LEVELS.get(levels, "")
    if levels < 0 or kind not in {*LEVELS, "ring"}:
        raise TypeError(f"{_NOT_GEOMETRY}, got column {field.name!r} of {field.type}")
    offsets: list[Integers] = []
    for _ in range(levels):
        offsets.insert(0, offsets_of(list_lengths(array, field.name)))
        array = array.flatten()
    coords = _coordinates(array)
    if kind == "ring":  # a list of points in a column of polygons: one ring each
        kind, offsets = "polygon", [offsets[0], np.arange(len(offsets[0]), dtype=np.int64)]
    if len(offsets) != LEVELS[kind]:
        raise TypeError(f"{_NOT_GEOMETRY}, got {kind} with {len(offsets)} levels of lists")
    return geometry_of(kind, coords, offsets)


def _coordinates(array: Any) -> NDArray[np.float64]:
    """Return (M, 2) coordinates of pairs, or of one array per axis; NaN for missing points."""
    if require("pyarrow", "arrow").types.is_struct(array.type):
        axes = [array.field(axis).to_numpy(zero_copy_only=False) for axis in ("x", "y")]
        coords = np.stack(axes, axis=1).astype(np.float64)
    else:
        width, begin = array.type.list_size, array.offset * array.type.list_size
        flat = array.values.slice(begin, len(array) * width).to_numpy(zero_copy_only=False)
        coords = np.ascontiguousarray(flat.reshape(-1, width)[:, :2], dtype=np.float64)
    if array.null_count:
        coords = coords.copy()
        coords[array.is_null().to_numpy(zero_copy_only=False)] = np.nan
    return coords


def _parse(value: str | bytes | None) -> dict[str, Any] | None:
    """Return the GeoJSON geometry of well-known text or binary."""
    if not value:
        return None
    return read_wkt(value, DEFAULT.depth) if isinstance(value, str) else read_wkb(value)


# Columns as numpy arrays


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
