"""VIA 3's projects: tables of files, views of them, and metadata, each a shape in a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.entries import WHOLE_IMAGE, Entry, add_entries
from heatgrid.io.formats.via.regions import class_of
from heatgrid.io.json_values import NOT_POINTS, MisfitError, box_around, box_from_size, number, objects, text
from heatgrid.io.shapes import Shape, ellipse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.io.documents import Document

_COUNTS = {1: 2, 2: 4, 3: 3, 4: 4, 5: 4}
"""How many numbers points, rectangles, circles, ellipses and lines have."""


def add_project(document: Document) -> Iterator[str | None]:
    """Add a project's views, and of videos the moments that have shapes; yield the split before each."""
    tables: dict[str, dict[str, Any]] = {}
    for name in ("file", "view", "metadata", "attribute"):
        table = document.content.get(name, {})
        if not isinstance(table, dict):
            raise FormatError("expected an object", document.file, name)
        tables[name] = table
    shapes = _shapes_by_view(tables)
    for (view, moment), entries in shapes.items() if document.options.wants(document.split) else ():
        yield document.split
        name = _name(view, tables) + (f"#{moment}" if moment else "")
        document.builder.image(name, str(document.file), place=f"view.{view}")
        add_entries(document.builder, entries, lambda entry: _entry(entry, tables["attribute"]))


def _shapes_by_view(tables: dict[str, dict[str, Any]]) -> dict[tuple[str, str], list[Any]]:
    """Return the metadata of each view and moment, views without any among them."""
    shapes: dict[tuple[str, str], list[Any]] = {(view, ""): [] for view in tables["view"]}
    for key, value in tables["metadata"].items():
        view, moment = "", ""
        if isinstance(value, dict):
            moments = objects(value.get("z"))
            view, moment = text(value.get("vid")), text(moments[0]) if len(moments) == 1 else ""
            value = {"id": key} | value  # noqa: PLW2901
        shapes.setdefault((view, moment), []).append(value)
    videos = {view for view, moment in shapes if moment}
    return {key: values for key, values in shapes.items() if values or key[0] not in videos}


def _name(view: str, tables: dict[str, dict[str, Any]]) -> str:
    held = tables["view"].get(view)
    listed = objects(held.get("fid_list")) if isinstance(held, dict) else []
    file = tables["file"].get(text(listed[0])) if listed else None
    return (text(file.get("fname")) if isinstance(file, dict) else "") or f"view {view}"


def _entry(entry: dict[str, Any], attributes: dict[str, Any]) -> Entry | str:
    xy = objects(entry.get("xy"))
    if not xy:
        return WHOLE_IMAGE
    shape = _shape(xy[0], [number(value) for value in xy[1:]])
    return Entry(class_of(_values(entry.get("av"), attributes)), shape)


def _values(chosen: object, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes' values by their names; an option's number stands for its text."""
    values: dict[str, Any] = {}
    for key, value in chosen.items() if isinstance(chosen, dict) else ():
        attribute = attributes.get(key)
        named = attribute if isinstance(attribute, dict) else {}
        options = named.get("options")
        first = text(value).split(",")[0]
        values[text(named.get("aname")) or key] = (
            options.get(first, first) if isinstance(options, dict) else value
        )
    return values


def _shape(kind: object, values: list[float]) -> Shape:
    if (
        not isinstance(kind, int)
        or (kind in _COUNTS and len(values) != _COUNTS[kind])
        or len(values) % 2 > (kind == 3)
    ):
        raise MisfitError(NOT_POINTS)
    ring = list(zip(values[::2], values[1::2], strict=False))
    if kind == 1:
        return Shape(points=ring)
    if kind == 2:
        return Shape(box=box_from_size(*values))
    if kind in {3, 4}:
        radii = (values[2], values[-1])
        return Shape(polygon=[[ellipse(ring[0], radii)]])
    if kind in {5, 6}:
        return Shape(lines=[ring])
    if kind == 7:
        return Shape(polygon=[[ring]])
    if kind == 8:
        return Shape(box=box_around(ring))
    message = f"shape that is not read: {kind}"
    raise MisfitError(message)
