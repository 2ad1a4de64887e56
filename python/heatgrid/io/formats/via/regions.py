"""VIA's regions of versions 1 and 2: shapes by name, and a class under any attribute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from heatgrid.io.entries import UNNAMED, Entry
from heatgrid.io.json_values import NOT_POINTS, MisfitError, box_from_size, mapping, number, numbers, text
from heatgrid.io.shapes import Shape, ellipse

if TYPE_CHECKING:
    from heatgrid.io.shapes import Ring

_USUAL = ("class", "label", "name", "category", "type", "object")


def read_region(entry: dict[str, Any]) -> Entry:
    """Return a region.

    Raises
    ------
    MisfitError
        Its shape is unknown, or its numbers are none.
    """
    held = mapping(entry.get("shape_attributes"), "shape_attributes are not an object")
    attributes = entry.get("region_attributes")
    label = class_of(attributes if isinstance(attributes, dict) else {})
    return Entry(label, _shape(held, text(held.get("name"))))


def class_of(attributes: dict[str, Any]) -> str:
    """Return the first value there is, beginning with the attributes usually called class."""
    usual = [key for name in _USUAL for key in attributes if key.strip().lower() == name]
    for key in dict.fromkeys([*usual, *attributes]):
        value = attributes[key]
        if isinstance(value, dict):  # a checkbox: those chosen are true
            value = next((name for name, chosen in value.items() if chosen), "")
        if named := text(value):
            return named
    return UNNAMED


def _shape(held: dict[str, Any], kind: str) -> Shape:
    if kind == "rect":
        return Shape(box=box_from_size(*numbers(held, "x", "y", "width", "height")))
    if kind == "circle":
        x, y, radius = numbers(held, "cx", "cy", "r")
        return Shape(polygon=[[ellipse((x, y), (radius, radius))]])
    if kind == "ellipse":
        x, y, rx, ry = numbers(held, "cx", "cy", "rx", "ry")
        turned = math.degrees(number(held.get("theta", 0)))
        return Shape(polygon=[[ellipse((x, y), (rx, ry), turned)]])
    if kind == "point":
        x, y = numbers(held, "cx", "cy")
        return Shape(points=[(x, y)])
    if kind == "polygon":
        return Shape(polygon=[[_vertices(held)]])
    if kind == "polyline":
        return Shape(lines=[_vertices(held)])
    message = f"shape that is not read: {kind or 'none'}"
    raise MisfitError(message)


def _vertices(held: dict[str, Any]) -> Ring:
    xs, ys = held.get("all_points_x"), held.get("all_points_y")
    if not isinstance(xs, list) or not isinstance(ys, list):
        raise MisfitError(NOT_POINTS)
    if len(xs) != len(ys):
        raise MisfitError("not as many x as y")
    return [(number(x), number(y)) for x, y in zip(xs, ys, strict=True)]
