"""Arrow: tables, arrays and streams by their PyCapsules, of pandas, polars, DuckDB and pyarrow alike.

The interface is https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html. Columns are
known by the names that tables in files go by; a column of nested lists, of GeoArrow or of well-known text or
binary is geometry, and one of four numbers is a box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.errors import require
from heatgrid.io.objects.arrow_boxes import batch_of_boxes, is_box, rows_of
from heatgrid.io.objects.arrow_geometry import batch_of_geometry, geometry_column
from heatgrid.io.objects.plain import convert as convert_array

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

NAME = "arrow"
TITLE = "Arrow tables, arrays and streams (pandas, polars, DuckDB, pyarrow; GeoArrow)"
SEVERAL = False
TAKES: tuple[str, ...] = ("columns", "transform")

_ALONE = "geometry"


def accepts(value: Any) -> bool:
    """Tell whether an object exports Arrow data."""
    return hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__")


def convert(value: Any, given: Given) -> Annotations:
    """Return the rows of a table, or the values of an array, as annotations.

    Raises
    ------
    ImportError
        pyarrow is not installed.
    TypeError
        No column holds geometry or makes a box, or it is open what one means.
    """
    arrow = require("pyarrow", "arrow")
    table = _table(arrow, value)
    geometry = geometry_column(arrow, table, given)
    if geometry is not None:
        return batch_of_geometry(arrow, table, geometry, given)
    if table.column_names == [_ALONE]:
        if not is_box(arrow, table.column(_ALONE).type):
            raise TypeError(f"an array of {table.column(_ALONE).type} is neither boxes nor GeoArrow geometry")
        return convert_array(rows_of(table.column(_ALONE)), given)
    return batch_of_boxes(arrow, table, given)


def _table(arrow: Any, value: Any) -> Any:
    """Return the rows as a pyarrow Table; those of an array are its only column."""
    if isinstance(value, (arrow.Array, arrow.ChunkedArray)) and not arrow.types.is_struct(value.type):
        return arrow.table({_ALONE: value})
    try:
        return arrow.table(value)
    except (arrow.ArrowException, TypeError, ValueError):
        has_stream = hasattr(value, "__arrow_c_stream__")
        return arrow.table({_ALONE: arrow.chunked_array(value) if has_stream else arrow.array(value)})
