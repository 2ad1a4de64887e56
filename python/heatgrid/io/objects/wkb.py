"""Well-known binary as GeoJSON geometries (https://www.ogc.org/standards/sfa), and PostGIS' kind of it."""

from __future__ import annotations

import struct
from typing import Any

_KINDS = ("", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
_COLLECTION = 7
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000  # PostGIS says in flags what others say in thousands
_DEEPEST = 20


def read_wkb(content: bytes) -> dict[str, Any]:
    """Return the GeoJSON geometry of well-known binary, in two dimensions.

    Raises
    ------
    ValueError
        It breaks off, or is none.
    """
    try:
        return _Reader(content).geometry(_DEEPEST)
    except struct.error as error:
        raise ValueError(f"broken well-known binary: {error}") from error


class _Reader:
    """A place in the bytes that moves on as they are read."""

    def __init__(self, content: bytes) -> None:
        self._content, self._place = content, 0

    def _take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from(form, self._content, self._place)
        self._place += struct.calcsize(form)
        return found

    def geometry(self, depth: int) -> dict[str, Any]:
        """Return the geometry that begins here."""
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
        if not 4 <= kind <= _COLLECTION:
            raise ValueError(f"well-known binary of a kind that is not read: {code}")
        parts = [self.geometry(depth - 1) for _ in range(self._fits(count))]
        if kind == _COLLECTION:
            return {"type": "GeometryCollection", "geometries": parts}
        return {"type": _KINDS[kind], "coordinates": [part.get("coordinates", []) for part in parts]}

    def _points(self, end: str, width: int, count: int) -> list[list[float]]:
        flat = self._take(f"{end}{self._fits(count) * width}d")
        return [list(flat[i : i + 2]) for i in range(0, len(flat), width)]

    def _fits(self, count: int) -> int:
        """Return a count that the bytes can hold; another would only cost memory."""
        if count > len(self._content):
            raise ValueError(f"broken well-known binary: {count} parts in {len(self._content)} bytes")
        return count
