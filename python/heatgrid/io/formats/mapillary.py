"""Mapillary Vistas 2.0: one JSON file per image in the folder ``polygons``, polygons in pixels.

The format is described at https://www.mapillary.com/dataset/vistas. Its panoptic files are in COCO format.
"""

from __future__ import annotations

from typing import Any

from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import NOT_POINTS, MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "Mapillary Vistas polygons"
SIGNATURE = Signature(json_keys=({"objects", "width", "height"}, {"objects", "width", "heigth"}))


def _add_image(document: Document) -> Splits:
    content = document.expect_list("objects", "an object with width, height and objects")
    yield document.split
    height = "height" if "height" in content else "heigth"  # some files misspell it
    document.image(document.file.stem, parse.size(content, height=height))
    document.add_entries(content["objects"], lambda entry: parse.text(entry.get("label")), _read_polygon)


read = Documents(_add_image, folder="polygons", position_format="objects[{}]").read


def _read_polygon(entry: dict[str, Any]) -> Entry:
    """Return a polygon of a list of points, or of a list of flat lists, each a ring."""
    rings = entry.get("polygon")
    if not isinstance(rings, list) or not rings:
        raise MisfitError(NOT_POINTS)
    if not isinstance(rings[0], list) or len(rings[0]) <= 2:
        rings = [rings]
    return Entry(Shape(polygon=[[parse.points(ring)] for ring in rings]))
