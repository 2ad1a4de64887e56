"""CVAT's shapes: elements with their coordinates in attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.io.json_values import NOT_NUMBERS, NOT_POINTS, MisfitError, box_around, number, numbers
from heatgrid.io.masks import place_runs
from heatgrid.io.shapes import Shape, ellipse, rotated_box

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.shapes import Ring

NOT_RUNS = "run-length code is not whole numbers"


def read_shape(element: Element, known: Size, options: ReadOptions) -> Shape:
    """Return a shape.

    Parameters
    ----------
    element
        ``<box>``, ``<polygon>``, ...
    known
        Its image's width and height, for masks.
    options
        Give the limits.

    Raises
    ------
    MisfitError
        It is of another kind, or its coordinates are not what they should be.
    """
    if element.tag == "box":
        return _box(element)
    if element.tag == "polygon":
        return Shape(polygon=[[_points(element)]])
    if element.tag == "polyline":
        return Shape(lines=[_points(element)])
    if element.tag == "points":
        return Shape(points=_points(element))
    if element.tag == "ellipse":
        cx, cy, rx, ry = numbers(dict(element.attrib), "cx", "cy", "rx", "ry")
        return Shape(polygon=[[ellipse((cx, cy), (rx, ry), _rotation(element))]])
    if element.tag == "mask":
        return _mask(element, known, options)
    if element.tag == "skeleton":
        return _skeleton(element)
    message = f"shape that is not read: {element.tag[:100]}"
    raise MisfitError(message)


def _box(element: Element) -> Shape:
    """Return a box, or the polygon of one that is turned about its centre."""
    x1, y1, x2, y2 = numbers(dict(element.attrib), "xtl", "ytl", "xbr", "ybr")
    box = box_around([(x1, y1), (x2, y2)])
    rotation = _rotation(element)
    return Shape(polygon=[[rotated_box(box, rotation)]]) if rotation else Shape(box=box)


def _rotation(element: Element) -> float:
    return number(element.get("rotation", "0"))


def _points(element: Element) -> Ring:
    """Return the vertices of ``x,y;x,y``."""
    pairs = element.get("points", "").split(";")
    try:
        ring = [(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)]
    except ValueError as error:
        whole = all(pair.count(",") == 1 for pair in pairs)
        raise MisfitError(NOT_NUMBERS if whole else NOT_POINTS) from error
    if any("_" in pair for pair in pairs):  # Python's own 1_000 is no number
        raise MisfitError(NOT_NUMBERS)
    return ring


def _mask(element: Element, known: Size, options: ReadOptions) -> Shape:
    left, top, width, height = numbers(dict(element.attrib), "left", "top", "width", "height")
    try:
        runs = np.array([int(run) for run in element.get("rle", "").split(",")], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise MisfitError(NOT_RUNS) from error
    mask = place_runs(runs, (left, top, width, height), known, options.max_vertices)
    return Shape(mask=mask, box=(left, top, left + width, top + height))


def _skeleton(element: Element) -> Shape:
    """Return a skeleton's points as keypoints; those outside are not visible."""
    marks: Ring = []
    visible: list[bool] = []
    for child in element.iter("points"):
        ring = _points(child)
        marks += ring
        visible += [child.get("outside") != "1"] * len(ring)
    if not marks:
        raise MisfitError("skeleton without points")
    return Shape(points=marks, visible=visible)
