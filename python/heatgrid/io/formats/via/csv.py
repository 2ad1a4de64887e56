"""VIA's CSV tables: a row a region, with JSON in the cells, as the object that its JSON files hold."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.files import decode, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

HEADER = b"region_shape_attributes"

# The standard library's reader takes cells of 131,072 characters at most, which long polygons exceed.
_CELL = re.compile(r'(?:"((?:[^"]++|"")*+)"?|([^,\r\n]*+))[^,\r\n]*+(,|\r\n|\n|\r|\Z)')


def read_table(path: Path, options: ReadOptions) -> dict[str, Any]:
    """Return a table's images by name and size, each with its regions and their rows.

    Raises
    ------
    FormatError
        The file cannot be read, or has no column of regions.
    """
    rows = _rows(decode(read_bytes(path, options)))
    header = [cell.strip().lstrip("#") for cell in next(rows, [])]
    if "filename" not in header or HEADER.decode() not in header:
        message = f"expected a table with the columns filename and {HEADER.decode()}"
        raise FormatError(message, path)
    images: dict[str, dict[str, Any]] = {}
    for number, cells in enumerate(rows, 2):
        row = dict(zip(header, cells, strict=False))
        if not row.get("filename"):
            continue
        key = f"{row['filename']}{row.get('file_size', '')}"
        image = images.setdefault(key, {"filename": row["filename"], "regions": [], "rows": []})
        shape = _json(row.get(HEADER.decode(), ""))
        if shape != {}:
            attributes = _json(row.get("region_attributes", ""))
            image["regions"].append({"shape_attributes": shape, "region_attributes": attributes})
            image["rows"].append(number)
    return images


def _rows(table: str) -> Iterator[list[str]]:
    """Yield the cells of each row that has any."""
    row: list[str] = []
    for cell in _CELL.finditer(table):
        row.append(cell[2] if cell[1] is None else cell[1].replace('""', '"'))
        if cell[3] != ",":
            if row != [""]:
                yield row
            row = []


def _json(cell: str) -> object:
    """Return the value in a cell; an empty one is an empty object, and a broken one is none at all."""
    try:
        return json.loads(cell) if cell.strip() else {}
    except (ValueError, RecursionError):
        return None
