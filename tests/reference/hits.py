"""Hits of one annotation: its status and its share of each cell."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from reference.grid import Cell, Point, Shape, cell_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from fractions import Fraction


class Status(StrEnum):
    """Outcome of an annotation."""

    COUNTED = "counted"
    FALLBACK = "fallback"  # contains no cell center: counted at its representative point
    EMPTY = "empty"
    OUTSIDE = "outside"
    INVALID = "invalid"


class Hits(NamedTuple):
    """The status of an annotation and its share of each cell: 1, or a fraction with ``area``."""

    status: Status
    shares: Mapping[Cell, Fraction | int]


def no_hits(status: Status) -> Hits:
    """Return the hits of an annotation that adds to no cell."""
    return Hits(status, {})


def full_hits(cells: Iterable[Cell], status: Status = Status.COUNTED) -> Hits:
    """Return the hits of an annotation that adds 1 to each of its cells, also if cells are repeated."""
    return Hits(status, dict.fromkeys(cells, 1))


def hit_at(point: Point, shape: Shape, status: Status = Status.COUNTED) -> Hits:
    """Return the hit of a representative point, or no hit if a coordinate is negative."""
    x, y = point
    if x < 0 or y < 0:
        return no_hits(Status.OUTSIDE)
    return full_hits([cell_of(point, shape)], status)
