"""Points: the cell that contains the point."""

from __future__ import annotations

from reference.grid import Point, Shape, Size, cell_of, clamp, normalize
from reference.hits import Hits, Status, full_hits, no_hits


def point_hits(point: Point, shape: Shape, *, size: Size | None = None, outside: str = "drop") -> Hits:
    """Return the hit of a point; a point outside [0, 1] is dropped, or moved to the nearest cell."""
    unit = normalize([point], size)
    if unit is None:
        return no_hits(Status.INVALID)
    x, y = unit[0]
    if outside == "clamp":
        x, y = clamp(x), clamp(y)
    elif not (0 <= x <= 1 and 0 <= y <= 1):
        return no_hits(Status.OUTSIDE)
    return full_hits([cell_of((x, y), shape)])
