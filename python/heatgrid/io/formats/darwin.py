"""V7 Darwin: one JSON file per image, annotations in pixels.

The format is described at https://docs.v7labs.com/reference/darwin-json. A polygon has several paths, whose
inner ones are holes; the angle of an ellipse is in radians. The first version names the file in ``image``.
"""

from __future__ import annotations

import math
from typing import Any

from heatgrid.io import parse
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, ellipse

TITLE = "V7 Darwin JSON"
SIGNATURE = Signature(
    json_keys=(
        {"item.slots", "annotations"},
        {"item.name", "annotations"},
        {"image.filename", "annotations", "dataset"},
        {"annotations[].bounding_box", "annotations[].name"},
        {"annotations[].polygon", "annotations[].name"},
    )
)

VIDEO = "video annotation, not read"
LAYER = "mask in a raster layer, not read"


def _add_image(document: Document) -> Splits:
    content = document.expect_list("annotations", "an object with item and annotations")
    item, image = parse.as_dict(content.get("item")), parse.as_dict(content.get("image"))
    slots = parse.as_list(item.get("slots"))
    name = parse.text(item.get("name")) or parse.text(image.get("filename"))
    yield document.split
    document.image(name or document.file.stem, parse.size(slots[0] if slots else image))
    document.add_entries(
        content["annotations"], lambda entry: parse.text(entry.get("name")), _read_annotation
    )


read = Documents(_add_image, check=SIGNATURE.matches).read


def _read_annotation(entry: dict[str, Any]) -> Entry | str:
    if "tag" in entry:
        return WHOLE_IMAGE
    if "frames" in entry:
        raise MisfitError(VIDEO)
    box = entry.get("bounding_box")
    shape = Shape(
        box=None if box is None else _read_box(box),
        polygon=_read_polygon(entry),
        lines=[parse.points(parse.as_dict(entry["line"]).get("path"))] if "line" in entry else (),
        points=_read_points(entry),
    )
    if not shape.kinds and ("mask" in entry or "raster_layer" in entry):
        raise MisfitError(LAYER)
    return Entry(shape)


def _read_box(value: object) -> parse.Box:
    holder = parse.mapping(value, "bounding_box is not an object")
    return parse.box_from_size(*parse.numbers(holder, "x", "y", "w", "h"))


def _read_polygon(entry: dict[str, Any]) -> list[list[parse.Ring]]:
    """Return the rings of a polygon of either version, or those of an ellipse."""
    if "ellipse" in entry:
        holder = parse.mapping(entry["ellipse"], "ellipse is not an object")
        center, radii = parse.point(holder.get("center")), parse.point(holder.get("radius"))
        return [[ellipse(center, radii, math.degrees(parse.number(holder.get("angle") or 0)))]]
    holder = parse.as_dict(entry.get("polygon", entry.get("complex_polygon")))
    path, paths = holder.get("path"), holder.get("paths")
    if path is not None and paths is None:
        paths = path if isinstance(path, list) and path and isinstance(path[0], list) else [path]
        paths = [*paths, *parse.as_list(holder.get("additional_paths"))]
    rings = [parse.points(one) for one in parse.as_list(paths)]
    return [rings] if rings else []


def _read_points(entry: dict[str, Any]) -> parse.Ring:
    if "keypoint" in entry:
        return [parse.point(parse.as_dict(entry["keypoint"]))]
    return [parse.point(node) for node in parse.as_list(parse.as_dict(entry.get("skeleton")).get("nodes"))]
