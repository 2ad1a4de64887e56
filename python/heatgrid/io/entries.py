"""Objects of JSON documents: each is added to a batch, or skipped with a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.json_values import MisfitError, as_dict, as_list, mapping
from heatgrid.io.shapes import Shape, rotated_box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from heatgrid.io.build import BatchBuilder
    from heatgrid.io.documents import Document
    from heatgrid.io.shapes import Point

NO_LABEL = "object without a class"
WHOLE_IMAGE = "image-level label ignored"
JOINED = "shapes of one group joined"
UNNAMED = "object"
"""The class of objects in formats that need not name one."""


def expect_list(document: Document, key: str, expected: str) -> dict[str, Any]:
    """Return a document's content, an object with a list under ``key``.

    Raises
    ------
    FormatError
        The content is something else; the message names what was ``expected``.
    """
    content = document.content
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        message = f"expected {expected}"
        raise FormatError(message, document.file)
    return content


def each_object(
    document: Document, values: list[Any] | dict[str, Any], noun: str, place: str = "[{}]"
) -> Iterator[tuple[Any, str, dict[str, Any]]]:
    """Yield the key, the place and the value of each object; nothing if the document's split is not wanted.

    Parameters
    ----------
    document
        The document that holds the objects.
    values
        The objects by number or by name. Values that are no objects are noted.
    noun
        The name of an object in that note.
    place
        The format of a place in the document.
    """
    if not document.options.wants(document.split):
        return
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        where = place.format(key)
        if isinstance(value, dict):
            yield key, where, value
        else:
            report = document.builder.report
            report.note(f"{noun} ignored: not an object", where=f"{document.file}: {where}")


@dataclass(frozen=True, slots=True)
class Entry:
    """An object to add.

    Attributes
    ----------
    shape
        Its geometry.
    flags
        `Flag` bits.
    score
        Its confidence.
    group
        Objects of one class with the same group are parts of one object; empty if there is no group.
    """

    shape: Shape
    flags: int = 0
    score: float | None = None
    group: str = ""


def add_entries(
    builder: BatchBuilder,
    values: object,
    read_label: Callable[[dict[str, Any]], str],
    read_entry: Callable[[dict[str, Any]], Entry | str],
    positions: Sequence[int] | None = None,
) -> None:
    """Add the objects of a list to the current image.

    Parameters
    ----------
    builder
        The batch that is built.
    values
        The list; any other value has no objects.
    read_label
        Returns an object's class, or an empty string if it has none.
    read_entry
        Returns an object, or a note if the value does not describe an object; raises `MisfitError` with the
        reason for skipping it.
    positions
        The places of the objects in the file, if these are not 0, 1, 2, ...

    Raises
    ------
    FormatError
        An object must be skipped, with ``on_error="raise"``.
    """
    groups: dict[tuple[str, str], list[tuple[int, object, Entry]]] = {}
    listed = as_list(values)
    for position, value in zip(positions or range(len(listed)), listed, strict=True):
        key = as_dict(value).get("id")
        label = ""
        try:
            holder = mapping(value)
            label = read_label(holder)
            entry = read_entry(holder)
        except MisfitError as misfit:
            builder.skip(str(misfit), position, key, label=label or None)
            continue
        if isinstance(entry, str):
            builder.note(entry, position, key)
        elif not label:
            builder.skip(NO_LABEL, position, key)
        elif entry.group:
            groups.setdefault((label, entry.group), []).append((position, key, entry))
        else:
            _add(builder, label, position, key, entry)
    for (label, _), members in groups.items():
        position, key, first = members[0]
        if len(members) > 1:
            builder.note(JOINED, position, key)
            first = replace(first, shape=_join([entry.shape for _, _, entry in members]))
        _add(builder, label, position, key, first)


def _add(builder: BatchBuilder, label: str, position: int, key: object, entry: Entry) -> None:
    builder.add_shape(label, position, entry.shape, flags=entry.flags, key=key, score=entry.score)


def _join(shapes: list[Shape]) -> Shape:
    """Return one polygon of all shapes; a box becomes a part with four corners."""
    parts: list[Sequence[Sequence[Point]]] = []
    for shape in shapes:
        parts += [[rotated_box(shape.box, 0)]] if shape.box is not None else shape.polygon
    return Shape(polygon=parts)
