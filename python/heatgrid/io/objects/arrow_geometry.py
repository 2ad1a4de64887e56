"""Columns of geometry in Arrow tables: GeoArrow, nested lists, well-known text and binary.

GeoArrow's types (https://geoarrow.org/extension-types) are told by the column's metadata; its nested lists
are offsets and coordinates already, and the coordinates are used where they lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import offsets_of
from heatgrid.io.formats.geo.simple_features import read_wkt, shape_of
from heatgrid.io.formats.table.columns import ROLES, bare_name
from heatgrid.io.json_values import MisfitError
from heatgrid.io.objects.assembly import Geometry, assemble
from heatgrid.io.objects.described import described_rows
from heatgrid.io.objects.ragged import LEVELS, geometry_of
from heatgrid.io.objects.wkb import read_wkb
from heatgrid.io.shapes import Shape, ShapeColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

_DEEPEST = 100
_SIGNS = (b"geoarrow.", b"ogc.")
_BY_LEVELS = {1: "ring", 2: "polygon", 3: "multipolygon"}
_NOT_BOXES = "a table's geometry must be GeoArrow, nested lists of x and y, or well-known text or binary"


def geometry_column(arrow: Any, table: Any, given: Given) -> str | None:
    """Return the name of the column that holds geometry; None where there is none."""
    chosen = (given.columns or {}).get("geometry")
    if chosen is not None:
        names = table.column_names
        if chosen not in names and not isinstance(chosen, int):
            raise ValueError(f"columns: no column {chosen!r} for 'geometry'; there are {', '.join(names)}")
        return str(names[chosen] if isinstance(chosen, int) else chosen)
    marked = [field.name for field in table.schema if _extension(field) not in {"", "box"}]
    if marked:
        return str(marked[0])
    nested = [
        field.name
        for field in table.schema
        if bare_name(field.name) in ROLES["geometry"] and _could_be_geometry(arrow, field.type)
    ]
    return str(nested[0]) if nested else None


def _extension(field: Any) -> str:
    """Return what GeoArrow calls the kind of a column; nothing of others."""
    named = (field.metadata or {}).get(b"ARROW:extension:name", b"")
    named = named or str(getattr(field.type, "extension_name", "")).encode()
    return next((named[len(sign) :].decode() for sign in _SIGNS if named.startswith(sign)), "")


def _could_be_geometry(arrow: Any, kind: Any) -> bool:
    return (
        _is_text(arrow, kind)
        or _is_binary(arrow, kind)
        or (_is_list(arrow, kind) and _levels(arrow, kind) > 0)
    )


def _is_text(arrow: Any, kind: Any) -> bool:
    types = arrow.types
    return any(is_(kind) for is_ in (types.is_string, types.is_large_string, types.is_string_view))


def _is_binary(arrow: Any, kind: Any) -> bool:
    types = arrow.types
    return any(is_(kind) for is_ in (types.is_binary, types.is_large_binary, types.is_binary_view))


def _is_list(arrow: Any, kind: Any) -> bool:
    return bool(arrow.types.is_list(kind) or arrow.types.is_large_list(kind))


def _levels(arrow: Any, kind: Any) -> int:
    """Return how many lists lie around pairs of x and y; -1 where there are none such."""
    levels = 0
    while _is_list(arrow, kind):
        kind, levels = kind.value_type, levels + 1
    if arrow.types.is_struct(kind):
        return levels if {"x", "y"} <= {field.name for field in kind} else -1
    return levels if arrow.types.is_fixed_size_list(kind) and kind.list_size in {2, 3} else -1


def batch_of_geometry(arrow: Any, table: Any, name: str, given: Given) -> Annotations:
    """Return a table's rows, their geometry in the column of this name: pixels where a size is given."""
    names = [column for column in table.column_names if column != name]
    given, described = described_rows(names, lambda column: _plain(arrow, table.column(column)), given)
    column = table.column(name)
    whole = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()  # which would copy
    geometry = _geometry_in(arrow, whole, table.schema.field(name))
    return assemble("table", table.num_rows, given, geometry, normalized=given.divided, **described)


def _plain(arrow: Any, values: Any) -> Any:
    numeric = arrow.types.is_integer(values.type) or arrow.types.is_floating(values.type)
    return values.to_numpy() if numeric and not values.null_count else values.to_pylist()


def _geometry_in(arrow: Any, array: Any, field: Any) -> Geometry:
    """Return the geometry of a column."""
    kind = _extension(field)
    array = getattr(array, "storage", array)
    if _is_text(arrow, array.type) or _is_binary(arrow, array.type):
        return _written(array.to_pylist())
    levels = _levels(arrow, array.type)
    kind = kind or _BY_LEVELS.get(levels, "")
    if levels < 0 or kind not in {*LEVELS, "ring"}:
        raise TypeError(f"{_NOT_BOXES}, got column {field.name!r} of {field.type}")
    offsets: list[NDArray[np.int64]] = []
    for _ in range(levels):
        lengths = arrow.compute.list_value_length(array).fill_null(0)
        offsets.insert(0, offsets_of(lengths.to_numpy().astype(np.int64)))
        array = array.flatten()
    coords = _coordinates(arrow, array)
    if kind == "ring":  # a list of points in a column of polygons: one ring each
        kind, offsets = "polygon", [offsets[0], np.arange(len(offsets[0]), dtype=np.int64)]
    if len(offsets) != LEVELS[kind]:
        raise TypeError(f"{_NOT_BOXES}, got {kind} with {len(offsets)} levels of lists")
    return geometry_of(kind, coords, offsets)


def _coordinates(arrow: Any, array: Any) -> NDArray[np.float64]:
    """Return (M, 2) coordinates, of pairs or of one array an axis; of missing points, no numbers."""
    if arrow.types.is_struct(array.type):
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


def _written(values: list[str | bytes | None]) -> Geometry:
    """Return geometries of well-known text or binary; none of what is null."""
    columns = ShapeColumns()
    for i, value in enumerate(values):
        try:
            held = read_wkt(value, _DEEPEST) if isinstance(value, str) else value and read_wkb(value)
            columns.add(shape_of(held, _DEEPEST) if held else Shape())
        except (MisfitError, ValueError) as error:
            raise ValueError(f"geometry {i}: {error}") from error
    return Geometry(polygons=columns.polygons(), points=columns.points(), lines=columns.lines())
