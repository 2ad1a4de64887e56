"""Label Studio's regions: values in hundredths of the image, turned in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.io.entries import UNNAMED, WHOLE_IMAGE, Entry
from heatgrid.io.formats.label_studio.brush import decode_brush
from heatgrid.io.json_values import MisfitError, box_from_size, mapping, number, numbers, points, size, text
from heatgrid.io.shapes import Shape, ellipse, rotated_box

if TYPE_CHECKING:
    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.shapes import Ring

TURNED = "turned shape without its image's size"
_NOMINAL = (1000.0, 1000.0)
"""Stands for the size of an image where only the fineness of a curve depends on it."""


def read_region(result: dict[str, Any], known: Size, options: ReadOptions) -> Entry | str:
    """Return a region, or a note about a result that is none.

    Parameters
    ----------
    result
        The result, all that is of one id in it.
    known
        The image's width and height, where the result has none of its own.
    options
        Give the limits.

    Raises
    ------
    MisfitError
        Its geometry is of another kind, or its numbers are none.
    """
    if "value" not in result:
        return WHOLE_IMAGE  # a relation
    value = mapping(result["value"], "value is not an object")
    own = size(result, "original_width", "original_height")
    sized = own if _is_known(own) else known
    shape = _shape(value, sized, options)
    if shape is None:
        return WHOLE_IMAGE
    return Entry(_label(value), shape, score=number(result.get("score"), "score is not a number"))


def _is_known(sides: Size) -> bool:
    return 0 < sides[0] < float("inf") and 0 < sides[1] < float("inf")


def _label(value: dict[str, Any]) -> str:
    """Return the first label of the first list of labels that has any."""
    for key, names in value.items():
        if key.endswith("labels") and isinstance(names, list) and names and text(names[0]):
            return text(names[0])
    return UNNAMED


def _shape(value: dict[str, Any], sized: Size, options: ReadOptions) -> Shape | None:
    if "sequence" in value:
        raise MisfitError("shape of a video")
    if "vertices" in value:
        raise MisfitError("shape that is not read: vectorlabels")
    if "rle" in value:
        return Shape(mask=decode_brush(value["rle"], sized, options.max_vertices))
    if "points" in value:
        ring = [(x / 100, y / 100) for x, y in points(value["points"])]
        return Shape(lines=[ring]) if value.get("closed") is False else Shape(polygon=[[ring]])
    if "x" not in value or "y" not in value:
        return None
    if "radiusX" in value:
        return _ellipse(value, sized)
    if "width" in value and "height" in value:
        return _rectangle(value, sized)
    x, y = numbers(value, "x", "y")
    return Shape(points=[(x / 100, y / 100)])


def _rectangle(value: dict[str, Any], sized: Size) -> Shape:
    x, y, width, height = numbers(value, "x", "y", "width", "height")
    rotation = number(value.get("rotation") or 0)
    x1, y1, x2, y2 = box_from_size(x, y, width, height)
    if not rotation:
        return Shape(box=(x1 / 100, y1 / 100, x2 / 100, y2 / 100))
    if not _is_known(sized):
        raise MisfitError(TURNED)
    w, h = sized
    box = (x1 * w / 100, y1 * h / 100, x2 * w / 100, y2 * h / 100)
    return Shape(polygon=[[_divided(rotated_box(box, rotation, box[:2]), sized)]])


def _ellipse(value: dict[str, Any], sized: Size) -> Shape:
    x, y, rx, ry = numbers(value, "x", "y", "radiusX", "radiusY")
    rotation = number(value.get("rotation") or 0)
    if rotation and not _is_known(sized):
        raise MisfitError(TURNED)
    w, h = pixels = sized if _is_known(sized) else _NOMINAL
    ring = ellipse((x * w / 100, y * h / 100), (rx * w / 100, ry * h / 100), rotation)
    return Shape(polygon=[[_divided(ring, pixels)]])


def _divided(ring: Ring, sized: Size) -> Ring:
    return [(x / sized[0], y / sized[1]) for x, y in ring]
