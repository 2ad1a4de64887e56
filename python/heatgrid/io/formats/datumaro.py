"""Datumaro: one JSON file per subset, items with annotations of many types in pixels.

The format is described at https://openvinotoolkit.github.io/datumaro (formats, Datumaro). Image sizes are
height and width; masks are run-length codes as in COCO; polygons of one class and one ``group`` are parts of
one object.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Flag
from heatgrid.io import parse
from heatgrid.io.curves import ellipse, rotated_box
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.files import UNKNOWN
from heatgrid.io.options import Size, split_in
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, run_lengths

TITLE = "Datumaro JSON"
SIGNATURE = Signature(
    json_keys=(
        {"dm_format_version"},
        {"categories.label.labels"},
        {"items", "categories.label"},
        {"items[].id", "items[].annotations"},
    )
)

_FLAGS = {
    "is_crowd": Flag.CROWD,
    "difficult": Flag.DIFFICULT,
    "truncated": Flag.TRUNCATED,
    "occluded": Flag.OCCLUDED,
}
_IMAGE_LEVEL_TYPES = {"label", "caption", "hash_key"}


def _add_images(document: Document) -> Splits:
    content = document.expect_list("items", "an object with categories and items")
    names = _read_names(content.get("categories"))
    document = replace(document, split=split_in(document.file.stem) or document.file.stem)
    for i, place, item in document.each_object(content["items"], "item", "items[{}]"):
        yield document.split
        document.image(parse.text(item.get("id")) or f"item {i}", _read_size(item), place, holder=item)
        document.add_entries(
            item.get("annotations"),
            lambda entry: _read_label(entry, names),
            _read_annotation,
        )


read = Documents(_add_images, folder="annotations", many=True).read


def _read_names(categories: object) -> list[str]:
    labels = parse.as_list(parse.as_dict(parse.as_dict(categories).get("label")).get("labels"))
    return [
        parse.text(label.get("name")) if isinstance(label, dict) else parse.text(label) for label in labels
    ]


def _read_size(item: dict[str, Any]) -> Size:
    """Return an image's width and height, written as height and width."""
    for key in ("image", "media"):
        sides = parse.as_dict(item.get(key)).get("size")
        if isinstance(sides, list) and len(sides) == 2:
            return parse.size({"width": sides[1], "height": sides[0]})
    return UNKNOWN


def _read_label(entry: dict[str, Any], names: list[str]) -> str:
    """Return the class, an empty string if its number is unknown."""
    key = entry.get("label_id")
    if key is None:
        return NO_CLASS
    number = int(text) if (text := parse.text(key)).isdecimal() and len(text) < 10 else -1
    return names[number] if 0 <= number < len(names) else ""


def _read_annotation(entry: dict[str, Any]) -> Entry | str:
    kind = parse.text(entry.get("type"))
    if kind in _IMAGE_LEVEL_TYPES:
        return WHOLE_IMAGE
    attributes = parse.as_dict(entry.get("attributes"))
    flags: int = sum(flag for name, flag in _FLAGS.items() if attributes.get(name))
    flags |= Flag.OUTSIDE if attributes.get("outside") is True else 0
    return Entry(
        _read_shape(entry, kind, attributes),
        flags=flags,
        score=parse.number(attributes.get("score"), "score is not a number"),
        group=parse.text(entry.get("group") or "") if kind == "polygon" else "",
    )


def _read_shape(entry: dict[str, Any], kind: str, attributes: dict[str, Any]) -> Shape:
    corners = entry.get("points")
    if kind == "bbox":
        box = parse.box_from_size(*parse.numbers_in(entry.get("bbox"), 4))
        rotation = parse.number(attributes.get("rotation") or 0)  # that of CVAT
        return Shape(polygon=[[rotated_box(box, rotation)]]) if rotation else Shape(box=box)
    if kind == "mask":
        return Shape(mask=run_lengths(entry.get("rle")))
    if kind == "rotated_bbox" and len(parse.as_list(corners)) == 5:
        x, y, width, height, degrees = parse.numbers_in(corners, 5)
        box = parse.box_from_size(x - width / 2, y - height / 2, width, height)
        return Shape(polygon=[[rotated_box(box, degrees)]])
    if kind == "skeleton" and parse.as_list(corners):
        return _read_triples(corners)
    if kind == "skeleton":
        return _read_keypoints(parse.as_list(entry.get("elements")))
    if kind == "points":
        return _read_keypoints([entry])
    if kind in {"polygon", "rotated_bbox"}:
        return Shape(polygon=[[parse.points(corners)]])
    if kind == "polyline":
        return Shape(lines=[parse.points(corners)])
    if kind == "ellipse":
        return _read_ellipse(corners)
    raise MisfitError(f"unsupported type: {kind or 'none'}")


def _read_ellipse(corners: object) -> Shape:
    ring = parse.points(corners)
    if len(ring) != 2:
        raise MisfitError("ellipse without two points")
    (x1, y1), (x2, y2) = ring
    return Shape(polygon=[[ellipse(((x1 + x2) / 2, (y1 + y2) / 2), ((x2 - x1) / 2, (y2 - y1) / 2))]])


def _read_triples(values: object) -> Shape:
    """Return the points of a flat list of x, y and visibility, which is 0 for an absent point."""
    flat = [parse.number(value) for value in parse.as_list(values)]
    if len(flat) % 3:
        raise MisfitError("skeleton with an incomplete point")
    marks = list(zip(flat[::3], flat[1::3], strict=True))
    return Shape(points=marks, visible=[v > 0 for v in flat[2::3]])


def _read_keypoints(holders: list[Any]) -> Shape:
    """Return the points of one annotation, or of all elements of a skeleton."""
    marks, visible = [], []
    for holder in holders:
        ring, flags = (
            parse.points(parse.as_dict(holder).get("points")),
            parse.as_list(parse.as_dict(holder).get("visibility")),
        )
        marks += ring
        visible += [bool(v) for v in flags] if len(flags) == len(ring) else [True] * len(ring)
    return Shape(points=marks, visible=visible)
