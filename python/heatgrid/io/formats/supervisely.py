"""Supervisely: one JSON file per image in the folder ``ann``, objects of many shapes in pixels.

The format is described at https://docs.supervisely.com/data-organization/00_ann_format_navi. The corners of a
rectangle are pixels, both included; interiors of polygons are holes; a bitmap is a PNG file, compressed with
zlib, in base64, with its origin in the image. ``meta.json`` is not read, as objects name their class.
"""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.plain import add_plain
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, read_bitmap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.bitmaps import PixelBudget
    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.parse import Box, Ring

TITLE = "Supervisely"
SIGNATURE = Signature(
    json_keys=(
        {"objects[].classTitle"},
        {"size.width", "objects", "tags"},
        {"size.height", "objects", "description"},
    )
)

_PARTS = itemgetter("classTitle", "geometryType", "points")


def _add_image(document: Document) -> Splits:
    content = document.expect_list("objects", "an object with size and objects")
    if "frames" in content:
        raise FormatError("expected objects of an image, got objects of a video", document.file)
    yield document.split
    name = document.file.name.removesuffix(".json")
    document.image(name, parse.size(content.get("size")))
    if not add_plain(document, content["objects"], _parts_of, _read_rectangle):
        document.add_entries(
            content["objects"],
            lambda entry: parse.text(entry.get("classTitle")),
            lambda entry: Entry(_read_shape(entry, document.builder.size, document.bitmaps)),
        )


_DOCUMENTS = Documents(_add_image, folder="ann", position_format="objects[{}]", column_major=False)
read = _DOCUMENTS.read


def read_contents(contents: Iterable[tuple[str, Any]], options: ReadOptions) -> Annotations:
    """Return documents in memory as one batch; ``contents`` are their names and JSON values."""
    builder = _DOCUMENTS.builder("annotations", options)
    for name, content in contents:
        for _ in _add_image(Document(content, Path(name), None, builder, options)):
            builder.report.files += 1
    return builder.build(None)


def _parts_of(entries: list[Any]) -> Iterable[Any]:
    labels, kinds, corners = zip(*map(_PARTS, entries), strict=True)
    if any(own.get("interior") for own in corners):
        raise ValueError
    return labels, kinds, [own["exterior"] for own in corners]


def _read_shape(entry: dict[str, Any], known: Size, budget: PixelBudget) -> Shape:
    kind = parse.text(entry.get("geometryType"))
    if kind == "bitmap" or (not kind and "bitmap" in entry):
        bitmap = parse.mapping(entry.get("bitmap"), "bitmap is not an object")
        left, top = parse.point(bitmap.get("origin"))
        return read_bitmap(bitmap.get("data"), left, top, known, budget, compressed=True)
    if kind == "graph" or (not kind and "nodes" in entry):
        return _read_graph(entry)
    corners = parse.mapping(entry.get("points"), "points are not an object")
    exterior = parse.points(corners.get("exterior"))
    if kind == "polygon":
        return Shape(polygon=[[exterior, *map(parse.points, parse.as_list(corners.get("interior")))]])
    if kind == "rectangle":
        return Shape(box=_read_rectangle(exterior))
    if kind in {"line", "polyline"}:
        return Shape(lines=[exterior])
    if kind == "point":
        return Shape(points=exterior)
    raise MisfitError(f"unsupported geometryType: {kind or 'none'}")


def _read_rectangle(ring: Ring) -> Box:
    x1, y1, x2, y2 = parse.box_around(ring)
    return x1, y1, x2 + 1, y2 + 1


def _read_graph(entry: dict[str, Any]) -> Shape:
    """Return the nodes of a graph as keypoints; disabled nodes are not visible."""
    nodes = [
        parse.mapping(node) for node in parse.mapping(entry.get("nodes"), "nodes are not an object").values()
    ]
    marks = [parse.point(node.get("loc")) for node in nodes]
    return Shape(points=marks, visible=[not node.get("disabled") for node in nodes])
