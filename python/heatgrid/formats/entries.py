"""A document's objects, added one by one; each that cannot be is left out with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heatgrid.formats.json_shapes import MisfitError, mapping, objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from heatgrid.formats.builder import BatchBuilder
    from heatgrid.formats.shapes import Shape

NO_LABEL = "object without a class"
WHOLE_IMAGE = "label of a whole image, which has no place in it, left out"
UNNAMED = "object"
"""The class of objects in formats that need not name one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as it is to be added."""

    label: str
    shape: Shape
    flags: int = 0
    score: float | None = None


def add_entries(
    builder: BatchBuilder, values: object, read_entry: Callable[[dict[str, Any]], Entry | str]
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

    Raises
    ------
    FormatError
        With ``on_error="raise"``, at the first that is left out.
    """
    for position, value in enumerate(objects(values)):
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
        builder.add_shape(entry.label, position, entry.shape, flags=entry.flags, key=key, score=entry.score)
