"""Geometries of GeoJSON, well-known text and binary, and map coordinates as pixels.

Geometries are those of https://www.ogc.org/standards/sfa. The transform of a raster, as in rasterio and in
GDAL's world files, is six numbers a b c d e f that place the pixel at column x and row y at
``(a x + b y + c, d x + e y + f)`` on the map, in the coordinates' reference system.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import accumulate
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.io.files import read_head
from heatgrid.io.formats.tables.columns import ROLES, bare_name
from heatgrid.io.options import WORLD, ReadOptions, invert_transform
from heatgrid.io.parse import NOT_POINTS, MisfitError, Point, Ring, as_list, mapping, number, point, text
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

UNPLACED = "image without a transform, so map coordinates cannot be converted"
_WORLD_SUFFIXES = (".tfw", ".jgw", ".pgw", ".tifw", ".jpgw", ".pngw", ".jp2w", ".wld")


class Georeference:
    """Transforms of a source's images from the map to pixels; none without ``transform``."""

    def __init__(self, options: ReadOptions) -> None:
        transform = options.transform
        self._is_used = transform is not None
        self._common: NDArray[np.float64] | None = None
        self._by_image: dict[str, NDArray[np.float64]] = {}
        self._folder: Path | None = None
        if isinstance(transform, Mapping):
            for name, numbers in transform.items():
                self._by_image[name] = invert_transform(numbers)
                self._by_image.setdefault(PurePosixPath(name).stem, self._by_image[name])
        elif transform == WORLD and options.images is not None:
            self._folder = Path(options.images)
        elif transform is not None:
            self._common = invert_transform(transform)

    def pixels(self, batch: Annotations) -> Annotations:
        """Return a batch with pixel coordinates, NaN for images without a transform."""
        if not self._is_used:
            return batch
        found = [self._find(name) for name in batch.image_names]
        missing = sum(one is None for one in found)
        batch.report.note(UNPLACED, missing, batch.source)
        nowhere = np.full((2, 3), np.nan)
        inverse = np.array([nowhere if one is None else one for one in found]).reshape(-1, 2, 3)[batch.image]
        polygons, lines, points = batch.polygons, batch.lines, batch.points
        if polygons is not None:
            polygons = replace(polygons, coords=_moved(polygons.coords, inverse, polygons.vertices))
        if lines is not None:
            ends = lines.paths[lines.annotations]
            lines = replace(lines, coords=_moved(lines.coords, inverse, ends))
        if points is not None:
            points = replace(points, coords=_moved(points.coords, inverse, points.offsets))
        return replace(batch, polygons=polygons, lines=lines, points=points)

    def _find(self, name: str) -> NDArray[np.float64] | None:
        if self._common is not None:
            return self._common
        path = PurePosixPath(name.replace("\\", "/"))
        if self._folder is None:
            return self._by_image.get(name, self._by_image.get(path.stem))
        for suffix in _WORLD_SUFFIXES:
            for file in (self._folder / f"{path.stem}{suffix}", self._folder / f"{path.name}{suffix}"):
                if file.is_file():
                    return _read_world_file(file)
        return None


def _moved(
    coords: NDArray[np.float64], inverse: NDArray[np.float64], ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return coordinates, each transformed by that of its annotation."""
    own = inverse[np.repeat(np.arange(len(inverse)), np.diff(ends))]
    moved: NDArray[np.float64] = np.einsum("nij,nj->ni", own[:, :, :2], coords) + own[:, :, 2]
    return moved


def _read_world_file(file: Path) -> NDArray[np.float64]:
    """Return the transform of a world file, whose c and f are those of the first pixel's center."""
    try:
        a, d, b, e, c, f = map(float, read_head(file, 4096).split())
        return invert_transform((a, b, c - (a + b) / 2, d, e, f - (d + e) / 2))
    except ValueError as error:
        raise FormatError("expected a world file of six numbers", file) from error


NESTED = "geometries nested too deeply"
UNBALANCED = "parentheses that do not match"
WKT_START = re.compile(
    r"\s*(?:SRID=\d+\s*;\s*)?(?P<kind>(?:MULTI)?(?:POLYGON|POINT|LINESTRING)|GEOMETRYCOLLECTION)"
    r"\s*(?:ZM|Z|M)?\s*(?=\(|EMPTY)",
    re.IGNORECASE,
)

_KINDS = {
    kind.upper(): kind
    for kind in ("Polygon", "MultiPolygon", "Point", "MultiPoint", "LineString", "MultiLineString")
}
_COLLECTION = "GeometryCollection"
_LEVELS = 3  # of parentheses in a multi-polygon
# Names of features such as streets are no classes.
_NO_CLASSES = {"name", "type", "object", "tag", "cls"}
_PIECE = re.compile(r"[()]|[^()]+")

_WKB_KINDS = ("", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
_WKB_COLLECTION = 7
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000  # PostGIS has flags where others add thousands
_MAX_WKB_DEPTH = 20


def shape_of(geometry: object, max_depth: int) -> Shape:
    """Return the shape of a GeoJSON geometry; raise MisfitError if it is none.

    ``max_depth`` is the maximum nesting of collections; geometries without coordinates have no shape.
    """
    polygon: list[list[Ring]] = []
    lines: list[Ring] = []
    points: list[Point] = []
    for kind, coordinates in _simple(mapping(geometry, "geometry is not an object"), max_depth):
        if kind == "Polygon":
            polygon += [[_ring(ring) for ring in coordinates]] if coordinates else []
        elif kind == "MultiPolygon":
            polygon += [[_ring(ring) for ring in _list(part)] for part in coordinates if part]
        elif kind == "LineString":
            lines += [_ring(coordinates)] if coordinates else []
        elif kind == "MultiLineString":
            lines += [_ring(line) for line in coordinates]
        elif kind == "Point":
            points += [point(coordinates)] if coordinates else []
        elif kind == "MultiPoint":
            points += _ring(coordinates)
        else:
            raise MisfitError(f"geometry that is not read: {kind or 'none'}")
    return Shape(polygon=polygon, lines=lines, points=points)


def _simple(geometry: dict[str, Any], depth: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield type and coordinates of a geometry, or of those in a collection."""
    kind = text(geometry.get("type"))
    if kind != _COLLECTION:
        yield kind, _list(geometry.get("coordinates"))
        return
    if depth <= 0:
        raise MisfitError(NESTED)
    for part in as_list(geometry.get("geometries")):
        yield from _simple(mapping(part, "geometry is not an object"), depth - 1)


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise MisfitError(NOT_POINTS)
    return value


def _ring(value: object) -> Ring:
    return [point(vertex) for vertex in _list(value)]


def read_wkt(written: str, max_depth: int) -> dict[str, Any]:
    """Return the GeoJSON geometry of well-known text, in any number of dimensions; or raise MisfitError."""
    steps = (1 if mark == "(" else -1 for mark in re.findall(r"[()]", written))
    if max(accumulate(steps), default=0) > max_depth + _LEVELS:
        raise MisfitError(NESTED)
    return _geometry(written, max_depth)


def _geometry(written: str, depth: int) -> dict[str, Any]:
    start = WKT_START.match(written)
    if start is None:
        raise MisfitError("text that is no geometry")
    kind, body = start["kind"].upper(), written[start.end() :].strip()
    if kind == _COLLECTION.upper():
        return {"type": _COLLECTION, "geometries": _collected(body, depth)}
    coordinates = [] if body.upper() == "EMPTY" else _nested(body)
    if kind == "POINT" and coordinates:
        coordinates = coordinates[0]
    if kind == "MULTIPOINT":  # MULTIPOINT (1 2, 3 4) and MULTIPOINT ((1 2), (3 4)) are the same
        coordinates = [
            vertex[0] if vertex and isinstance(vertex[0], list) else vertex for vertex in coordinates
        ]
    return {"type": _KINDS[kind], "coordinates": coordinates}


def _collected(body: str, depth: int) -> list[dict[str, Any]]:
    """Return the geometries of a collection, which are separated by the commas of its own level."""
    if body.upper() == "EMPTY":
        return []
    if depth <= 0:
        raise MisfitError(NESTED)
    pieces: list[str] = []
    level, begin = 0, 1
    for mark in re.finditer(r"[(),]", body):
        level += {"(": 1, ")": -1, ",": 0}[mark[0]]
        if (mark[0] == "," and level == 1) or (mark[0] == ")" and level == 0):
            pieces.append(body[begin : mark.start()])
            begin = mark.end()
    if level or not body.startswith("(") or body[begin:].strip():
        raise MisfitError(UNBALANCED)
    return [_geometry(piece, depth - 1) for piece in pieces]


def _nested(body: str) -> list[Any]:
    """Return parentheses as lists, and the texts between commas as vertices."""
    stack: list[list[Any]] = [[]]
    for piece in _PIECE.findall(body):
        if piece == "(":
            stack.append([])
        elif piece == ")":
            if len(stack) < 2:
                raise MisfitError(UNBALANCED)
            inner = stack.pop()
            stack[-1].append(inner)
        elif piece.strip(" \t\r\n,"):
            stack[-1] += [vertex.split() for vertex in piece.split(",") if vertex.strip()]
    if len(stack) != 1 or len(stack[0]) != 1 or not isinstance(stack[0][0], list):
        raise MisfitError(UNBALANCED)
    found: list[Any] = stack[0][0]
    return found


def read_wkb(content: bytes) -> dict[str, Any]:
    """Return the two-dimensional GeoJSON geometry of well-known binary; or raise ValueError."""
    try:
        return _WkbReader(content).geometry(_MAX_WKB_DEPTH)
    except struct.error as error:
        raise ValueError(f"broken well-known binary: {error}") from error


class _WkbReader:
    """Reader of bytes from a moving position."""

    def __init__(self, content: bytes) -> None:
        self._content, self._place = content, 0

    def _take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(form, self._content, self._place)
        self._place += struct.calcsize(form)
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
        if not 4 <= kind <= _WKB_COLLECTION:
            raise ValueError(f"well-known binary of a kind that is not read: {code}")
        parts = [self.geometry(depth - 1) for _ in range(self._fits(count))]
        if kind == _WKB_COLLECTION:
            return {"type": "GeometryCollection", "geometries": parts}
        return {"type": _WKB_KINDS[kind], "coordinates": [part.get("coordinates", []) for part in parts]}

    def _points(self, end: str, width: int, count: int) -> list[list[float]]:
        flat = self._take(f"{end}{self._fits(count) * width}d")
        return [list(flat[i : i + 2]) for i in range(0, len(flat), width)]

    def _fits(self, count: int) -> int:
        """Return a count, or raise ValueError if the bytes cannot hold so many."""
        if count > len(self._content):
            raise ValueError(f"broken well-known binary: {count} parts in {len(self._content)} bytes")
        return count


def pick_property(
    properties: Mapping[str, Any], role: str, chosen: Mapping[str, str | int] | None = None
) -> str:
    """Return the property of a role: the user's choice, or the first with one of the role's names."""
    if chosen and role in chosen:
        return text(properties.get(str(chosen[role])))
    known = [name for name in ROLES[role] if role != "class" or name not in _NO_CLASSES]
    named = {bare_name(name): value for name, value in properties.items()}
    return next((found for name in known if (found := text(named.get(name)))), "")


def read_score(properties: Mapping[str, Any], chosen: Mapping[str, str | int] | None) -> float | None:
    """Return the score among the properties, None if there is none; or raise MisfitError."""
    score = pick_property(properties, "score", chosen)
    return number(score, "score is not a number") if score else None
