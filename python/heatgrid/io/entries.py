"""A document's objects, added one by one; each that cannot be is left out with its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from heatgrid.io.json_values import MisfitError, mapping, objects
from heatgrid.io.shapes import Shape, rotated_box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from heatgrid.io.build import BatchBuilder
    from heatgrid.io.shapes import Point

NO_LABEL = "object without a class"
WHOLE_IMAGE = "label of a whole image, which has no place in it, left out"
JOINED = "shapes of one group joined"
UNNAMED = "object"
"""The class of objects in formats that need not name one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as it is to be added.

    Attributes
    ----------
    label
        Its class.
    shape
        Its geometry.
    flags
        `Flag` bits.
    score
        Its confidence.
    group
        What it has in common with others of its class that are parts of the same object; empty: nothing.
    """

    label: str
    shape: Shape
    flags: int = 0
    score: float | None = None
    group: str = ""


def add_entries(
    builder: BatchBuilder,
    values: object,
    read_entry: Callable[[dict[str, Any]], Entry | str],
    positions: Sequence[int] | None = None,
) -> None:
    """Add a list's objects to the current image.

    Parameters
    ----------
    builder
        Takes them.
    values
        The list; what is none has no objects.
    read_entry
        Reads an object, raises `MisfitError` with the reason for leaving it out, or returns a note about what
        is no object in an image at all.
    positions
        Their places in the file, where these are not 0, 1, 2, ...

    Raises
    ------
    FormatError
        With ``on_error="raise"``, at the first that is left out.
    """
    groups: dict[tuple[str, str], list[_Placed]] = {}
    listed = objects(values)
    for position, value in zip(positions or range(len(listed)), listed, strict=True):
        key = value.get("id") if isinstance(value, dict) else None
        try:
            entry = read_entry(mapping(value))
            if isinstance(entry, str):
                builder.note(entry, position, key)
                continue
            if not entry.label:
                raise MisfitError(NO_LABEL)  # noqa: TRY301 - one door for all reasons
        except MisfitError as misfit:
            builder.skip(str(misfit), position, key)
            continue
        placed = _Placed(entry, position, key)
        if entry.group:
            groups.setdefault((entry.label, entry.group), []).append(placed)
        else:
            _add(builder, placed)
    for members in groups.values():
        _add(builder, _joined(builder, members))


@dataclass(frozen=True, slots=True)
class _Placed:
    entry: Entry
    position: int
    key: object


def _add(builder: BatchBuilder, placed: _Placed) -> None:
    entry = placed.entry
    builder.add_shape(
        entry.label, placed.position, entry.shape, flags=entry.flags, key=placed.key, score=entry.score
    )


def _joined(builder: BatchBuilder, members: list[_Placed]) -> _Placed:
    """Return one object of many, in the place of the first; a box is a part of four corners."""
    first = members[0]
    if len(members) == 1:
        return first
    builder.note(JOINED, first.position, first.key)
    parts: list[Sequence[Sequence[Point]]] = []
    for member in members:
        shape = member.entry.shape
        parts += [[rotated_box(shape.box, 0)]] if shape.box is not None else shape.polygon
    return replace(first, entry=replace(first.entry, shape=Shape(polygon=parts)))
