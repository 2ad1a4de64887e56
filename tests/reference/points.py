"""Points: the cell that holds one."""

from __future__ import annotations

from reference.grid import Point, Shape, Size, cell_of, cut, normalise
from reference.hits import Hits, Status, nothing, whole


def point_hits(point: Point, shape: Shape, *, size: Size | None = None, outside: str = "drop") -> Hits:
    """Return the hit of a point; one outside [0, 1] is dropped, or moved to the nearest cell."""
    unit = normalise([point], size)
    if unit is None:
        return nothing(Status.INVALID)
    x, y = unit[0]
    if outside == "clamp":
        x, y = cut(x), cut(y)
    elif not (0 <= x <= 1 and 0 <= y <= 1):
        return nothing(Status.OUTSIDE)
    return whole([cell_of((x, y), shape)])
