"""Geometries of GeoJSON and of well-known text: two ways to write the same, told of here once."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from heatgrid.io.formats.table.columns import ROLES, bare_name
from heatgrid.io.json_values import NOT_POINTS, MisfitError, as_list, mapping, point, text
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from heatgrid.io.shapes import Point, Ring

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
_LEVELS = 3  # of parentheses, that a multi-polygon has
# What a street or a district is called is hardly a class: of features, fewer names are taken for one.
_NO_CLASSES = {"name", "type", "object", "tag", "cls"}
_PIECE = re.compile(r"[()]|[^()]+")


def shape_of(geometry: object, max_depth: int) -> Shape:
    """Return the shape of a GeoJSON geometry; one without coordinates has none.

    Parameters
    ----------
    geometry
        The geometry's object.
    max_depth
        How deep collections may lie in each other.

    Raises
    ------
    MisfitError
        It is no geometry, or of a type that there is not.
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
            message = f"geometry that is not read: {kind or 'none'}"
            raise MisfitError(message)
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
    """Return the GeoJSON geometry of a well-known text; third and fourth coordinates may stand.

    Parameters
    ----------
    written
        The text.
    max_depth
        How deep collections may lie in each other.

    Raises
    ------
    MisfitError
        It is none.
    """
    steps = (1 if mark == "(" else -1 for mark in re.findall(r"[()]", written))
    if max(accumulate(steps), default=0) > max_depth + _LEVELS:  # asked once: each level is read anew
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
    """Return the geometries of a collection: the pieces between the commas of its own level."""
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
    """Return parentheses as lists, and what stands between commas in them as vertices."""
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


def pick_property(
    properties: Mapping[str, Any], role: str, chosen: Mapping[str, str | int] | None = None
) -> str:
    """Return the property that plays a role: the user's choice, or one of the names that it is known by."""
    if chosen and role in chosen:
        return text(properties.get(str(chosen[role])))
    known = [name for name in ROLES[role] if role != "class" or name not in _NO_CLASSES]
    named = {bare_name(name): value for name, value in properties.items()}
    return next((found for name in known if (found := text(named.get(name)))), "")
