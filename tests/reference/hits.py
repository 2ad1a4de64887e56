"""What one annotation does to the grid: its status, and what it adds to which cell."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from reference.grid import Cell, Point, Shape, cell_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction


class Status(StrEnum):
    """What became of an annotation."""

    COUNTED = "counted"
    FALLBACK = "fallback"  # holds no cell centre: counted at its representative point
    EMPTY = "empty"
    OUTSIDE = "outside"
    INVALID = "invalid"


class Hits(NamedTuple):
    """The status of an annotation and its share of each cell: 1, or under ``area`` a fraction."""

    status: Status
    shares: Mapping[Cell, Fraction | int]


def nothing(status: Status) -> Hits:
    """Return the hits of an annotation that adds to no cell."""
    return Hits(status, {})


def whole(cells: Iterable[Cell], status: Status = Status.COUNTED) -> Hits:
    """Return the hits of an annotation that adds 1 to each of its cells, however often it has them."""
    return Hits(status, dict.fromkeys(cells, 1))


def representative(point: Point, shape: Shape, status: Status = Status.COUNTED) -> Hits:
    """Return the one hit of a representative point, or none where a coordinate is negative."""
    x, y = point
    if x < 0 or y < 0:
        return nothing(Status.OUTSIDE)
    return whole([cell_of(point, shape)], status)
