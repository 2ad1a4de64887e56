"""Well-known text: tables with one geometry per row, and files with one per line.

Coordinates are pixels, or those of a map if ``transform=`` is the raster's transform. Geometries are those of
https://www.ogc.org/standards/sfa, as in SpaceNet's tables (ImageId, BuildingId, PolygonWKT_Pix), where
``POLYGON EMPTY`` means an image without objects, and in exports of GeoPandas. Well-known binary is read from
columns of Arrow tables.
"""

from __future__ import annotations

import csv
import re
import struct
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.io.build import NO_GEOMETRY
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.files import decode_head, open_text
from heatgrid.io.formats.geojson import COLLECTION, NESTED, Georeference, add_features, shape_of
from heatgrid.io.formats.tables import allow_long_cells, split_rows
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Probe, Signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.shapes import Shape

TITLE = "WKT (tables and lists of well-known text)"

_DELIMITERS = ",;\t|"
_LOOKS = 20
_LINES = 1 << 12
_PIXELS = "pix"

_KINDS = ("", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", COLLECTION)
"""Kinds of geometry by their number in well-known binary."""
_NAMES = {kind.upper(): kind for kind in _KINDS[1:]}
_NAME = f"(?:{'|'.join(_NAMES)})"
_START = re.compile(rf"\s*(?:SRID=\d+\s*;\s*)?(?={_NAME}\s*(?:ZM|Z|M)?\s*(?:\(|EMPTY))", re.IGNORECASE)
_WORD = re.compile(f"{_NAME}|EMPTY", re.IGNORECASE)
_PIECE = re.compile(r"[()]|[^()]+")
_LEVELS = 3  # of parentheses in a multi-polygon
_NO_GEOMETRY = "text that is no geometry"
_UNBALANCED = "parentheses that do not match"

_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000  # PostGIS has flags where others add thousands
_MAX_WKB_DEPTH = 20

Row = tuple[int, dict[str, str], str]
"""Line, cells by column, and geometry."""


def _check_file(probe: Probe) -> bool:
    """Return whether a table's first rows hold a geometry."""
    allow_long_cells()
    return _layout_of(decode_head(probe.head).splitlines(keepends=True)[:_LOOKS]) is not None


SIGNATURE = Signature(suffixes=(".csv", ".tsv", ".wkt"), check=_check_file, may_be_map=True, has_columns=True)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    documents = Documents(_add, suffixes=SIGNATURE.suffixes, many=True, load=_load, position_format="line {}")
    return map(Georeference(options).pixels, documents.read(path, options))


def _layout_of(lines: Sequence[str], chosen: str = "") -> tuple[str, list[str], str] | None:
    """Return delimiter, header and geometry column of a table; all are empty for a list of geometries."""
    if not lines:
        return None
    if _START.match(lines[0]):
        return "", [], ""
    for delimiter in sorted(_DELIMITERS, key=lines[0].count, reverse=True):
        (header, *rows), _ = split_rows([line.rstrip("\r\n") for line in lines], delimiter)
        held = [
            name
            for i, name in enumerate(header)
            if any(len(row) > i and _START.match(row[i]) for row in rows)
        ]
        if chosen and chosen in header:
            return delimiter, header, chosen
        if held:
            return delimiter, header, next((name for name in held if _PIXELS in name.lower()), held[0])
    return None


def _load(path: Path, options: ReadOptions) -> list[Row]:
    """Return the rows of a file; raise FormatError without a column of geometries."""
    allow_long_cells()
    chosen = str((options.columns or {}).get("geometry", ""))
    found: list[Row] = []
    with open_text(path, options) as text:
        head = list(islice(text, _LOOKS))
        layout = _layout_of(head, chosen)
        if layout is None:
            raise FormatError("no column of well-known text", path)
        delimiter, header, geometry = layout
        first, lines = 1, head
        while lines:
            try:
                rows, begins = split_rows(lines, delimiter) if delimiter else _listed(lines)
            except csv.Error as error:
                raise FormatError(f"broken table: {error}", path, f"line {first} or later") from error
            for line, row in zip((first + begins).tolist(), rows, strict=True):
                if any(map(str.strip, row)) and not (header and line == 1):
                    cells = dict(zip(header, row, strict=False))
                    found.append((line, cells, cells.get(geometry, "") if header else row[0]))
            first += len(lines)
            lines = list(islice(text, _LINES))
    return found


def _listed(lines: Sequence[str]) -> tuple[list[list[str]], NDArray[np.int64]]:
    return [[line.strip()] for line in lines], np.arange(len(lines))


def _add(document: Document) -> Splits:
    """Add the geometries of a file."""
    rows = ((line, {"properties": cells, "geometry": written}) for line, cells, written in document.content)
    yield from add_features(document, rows, _read_row)


def _read_row(row: dict[str, Any], max_depth: int) -> Shape | str:
    written = row["geometry"].strip()
    if written.upper().endswith("EMPTY"):
        return "empty geometry, an image without objects"
    if not written:
        raise MisfitError(NO_GEOMETRY)
    return shape_of(read_wkt(written, max_depth), max_depth)


def read_wkt(written: str, max_depth: int) -> dict[str, Any]:
    """Return the GeoJSON geometry of well-known text, in any number of dimensions; or raise MisfitError."""
    start = _START.match(written)
    if start is None:
        raise MisfitError(_NO_GEOMETRY)
    stack: list[list[Any]] = [[]]  # one list per open parenthesis
    for piece in _PIECE.findall(written, start.end()):
        if piece == "(":
            if len(stack) > max_depth + _LEVELS:
                raise MisfitError(NESTED)
            stack.append([])
        elif piece == ")":
            if len(stack) < 2:
                raise MisfitError(_UNBALANCED)
            inner = stack.pop()
            stack[-1].append(inner)
        elif words := _WORD.findall(piece):
            if _WORD.sub("", piece).strip(" \t\r\n,ZMzm"):
                raise MisfitError(_NO_GEOMETRY)
            stack[-1] += [[] if word.upper() == "EMPTY" else _NAMES[word.upper()] for word in words]
        else:
            stack[-1] += [vertex.split() for vertex in piece.split(",") if vertex.strip()]
    if len(stack) > 1 or len(stack[0]) != 2:
        raise MisfitError(_UNBALANCED)
    return _geometries(stack[0], max_depth + 1)[0]


def _geometries(items: list[Any], depth: int) -> list[dict[str, Any]]:
    """Return the geometries of a list in which each one's kind precedes its contents."""
    if depth <= 0:
        raise MisfitError(NESTED)
    if len(items) % 2 or not all(isinstance(kind, str) for kind in items[::2]):
        raise MisfitError(_UNBALANCED)
    found: list[dict[str, Any]] = []
    for i in range(0, len(items), 2):
        kind, content = items[i : i + 2]
        if kind == COLLECTION:
            found.append({"type": kind, "geometries": _geometries(content, depth - 1)})
            continue
        if kind == "Point" and content:
            content = content[0]
        if kind == "MultiPoint":  # MULTIPOINT (1 2, 3 4) and MULTIPOINT ((1 2), (3 4)) are the same
            content = [vertex[0] if vertex and isinstance(vertex[0], list) else vertex for vertex in content]
        found.append({"type": kind, "coordinates": content})
    return found


def read_wkb(content: bytes) -> dict[str, Any]:
    """Return the two-dimensional GeoJSON geometry of well-known binary; or raise ValueError."""
    try:
        return _WkbReader(content).geometry(_MAX_WKB_DEPTH)
    except struct.error as error:
        raise ValueError(f"broken well-known binary: {error}") from error


class _WkbReader:
    """Reader of bytes of geometries."""

    def __init__(self, content: bytes) -> None:
        self._content, self._begin = content, 0

    def _take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(form, self._content, self._begin)
        self._begin += struct.calcsize(form)
        return found

    def geometry(self, depth: int) -> dict[str, Any]:
        """Return the geometry at the current position."""
        (order,) = self._take("B")
        if order not in {0, 1} or depth <= 0:
            raise ValueError("broken well-known binary: no geometry, or nested too deeply")
        end = "<" if order else ">"
        (code,) = self._take(f"{end}I")
        thousands, kind = divmod(code & 0x0FFFFFFF, 1000)
        width = 2 + bool(code & _Z or thousands in {1, 3}) + bool(code & _M or thousands in {2, 3})
        if code & _SRID:
            self._take(f"{end}I")
        if kind == 1:
            point = self._points(end, width, 1)[0]
            return {"type": "Point", "coordinates": [] if point[0] != point[0] else point}
        (count,) = self._take(f"{end}I")
        if kind == 2:
            return {"type": "LineString", "coordinates": self._points(end, width, count)}
        if kind == 3:
            rings = [self._points(end, width, self._take(f"{end}I")[0]) for _ in range(self._fits(count))]
            return {"type": "Polygon", "coordinates": rings}
        if not 4 <= kind < len(_KINDS):
            raise ValueError(f"well-known binary of a kind that is not read: {code}")
        parts = [self.geometry(depth - 1) for _ in range(self._fits(count))]
        if _KINDS[kind] == COLLECTION:
            return {"type": COLLECTION, "geometries": parts}
        return {"type": _KINDS[kind], "coordinates": [part.get("coordinates", []) for part in parts]}

    def _points(self, end: str, width: int, count: int) -> list[list[float]]:
        flat = self._take(f"{end}{self._fits(count) * width}d")
        return [list(flat[i : i + 2]) for i in range(0, len(flat), width)]

    def _fits(self, count: int) -> int:
        """Return a count, or raise ValueError if the bytes cannot hold so many."""
        if count > len(self._content):
            raise ValueError(f"broken well-known binary: {count} parts in {len(self._content)} bytes")
        return count
