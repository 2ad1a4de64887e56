"""Scalabel's outlines, closed or open, of corners (L) and control points of cubic curves (C)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.io.json_values import NOT_POINTS, MisfitError, mapping, number, points
from heatgrid.io.shapes import bezier

if TYPE_CHECKING:
    from heatgrid.io.shapes import Ring

NO_END = "curve without both control points and its end"


def read_poly2d(value: object, *, open_by_default: bool) -> tuple[list[list[Ring]], list[Ring]]:
    """Return the closed outlines, each a part of its own, and the open ones.

    Parameters
    ----------
    value
        A list of objects with ``vertices``, ``types`` and ``closed``, or, in the first BDD100K files, one
        outline as a list of ``[x, y, type]``.
    open_by_default
        Whether an outline that does not say so is open.

    Raises
    ------
    MisfitError
        It is something else.
    """
    if value is None or value == []:
        return [], []
    if not isinstance(value, list):
        raise MisfitError(NOT_POINTS)
    outlines: list[tuple[Ring, object, bool]] = []
    if isinstance(value[0], list):
        ring, types = _of_triples(value)
        outlines.append((ring, types, not open_by_default))
    else:
        for outline in value:
            held = mapping(outline, "poly2d is not an object")
            ring = points(held.get("vertices"))
            closed = held.get("closed")
            outlines.append(
                (ring, held.get("types"), not open_by_default if closed is None else bool(closed))
            )
    polygon: list[list[Ring]] = []
    lines: list[Ring] = []
    for corners, kinds, is_closed in outlines:
        curved = isinstance(kinds, str) and "C" in kinds
        flat = _flattened(corners, str(kinds), closed=is_closed) if curved else corners
        if is_closed:
            polygon.append([flat])
        else:
            lines.append(flat)
    return polygon, lines


def _of_triples(value: list[object]) -> tuple[Ring, str]:
    ring: Ring = []
    types = ""
    for triple in value:
        if not isinstance(triple, list) or len(triple) < 2:
            raise MisfitError(NOT_POINTS)
        ring.append((number(triple[0]), number(triple[1])))
        types += "C" if triple[2:] == ["C"] else "L"
    return ring, types


def _flattened(ring: Ring, types: str, *, closed: bool) -> Ring:
    """Return corners and curves as corners: two control points lead from the vertex before to that after."""
    if len(types) != len(ring) or types[0] == "C":
        raise MisfitError("types of vertices do not fit the vertices")
    path = [*ring, ring[0]] if closed else ring
    flat = [path[0]]
    i = 1
    while i < len(path):
        if i < len(ring) and types[i] == "C":
            if i + 2 >= len(path):
                raise MisfitError(NO_END)
            flat += bezier(path[i - 1], *path[i : i + 3])
            i += 3
        else:
            flat.append(path[i])
            i += 1
    return flat[:-1] if closed else flat
