"""LabelMe: one JSON file per image, shapes in pixels.

The format is that of https://github.com/wkentaro/labelme. Files of X-AnyLabeling, with rectangles of four
corners and rotated ones, belong to the same family. Shapes of one label and one ``group_id`` are parts of one
object. The image itself, in base64, is not decoded.
"""

from __future__ import annotations

import math
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from heatgrid.io import parse
from heatgrid.io.curves import ellipse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.plain import add_plain
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, read_bitmap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heatgrid.io.bitmaps import PixelBudget
    from heatgrid.io.options import Size
    from heatgrid.io.parse import Ring

TITLE = "LabelMe and X-AnyLabeling"
SIGNATURE = Signature(
    json_keys=(
        {"shapes", "imagePath"},
        {"shapes", "imageData"},
        {"imagePath", "imageData"},
        {"shapes[].points", "shapes[].label"},
    )
)

_PARTS = itemgetter("label", "shape_type", "points")
_KINDS_WITH_GROUPS = {"polygon", "circle", "rotation", "rectangle"}


def _add_image(document: Document) -> Splits:
    content = document.expect_list("shapes", "an object with shapes")
    yield document.split
    name = parse.text(content.get("imagePath")).replace("\\", "/").rsplit("/", 1)[-1] or document.file.stem
    document.image(name, parse.size(content, "imageWidth", "imageHeight"))

    def read_entry(entry: dict[str, Any]) -> Entry:
        kind = parse.text(entry.get("shape_type")) or "polygon"  # the first versions had polygons only
        group = parse.text(entry.get("group_id")) if kind in _KINDS_WITH_GROUPS else ""
        return Entry(_read_shape(entry, kind, document.builder.size, document.bitmaps), group=group)

    if not add_plain(document, content["shapes"], _parts_of, lambda ring: _read_rectangle(ring).box):
        document.add_entries(content["shapes"], lambda entry: parse.text(entry.get("label")), read_entry)


read = Documents(_add_image, position_format="shapes[{}]", column_major=False).read


def _parts_of(entries: list[Any]) -> Iterable[Any]:
    if any(entry.get("group_id") is not None for entry in entries):
        raise ValueError
    return zip(*map(_PARTS, entries), strict=True)


def _read_shape(entry: dict[str, Any], kind: str, known: Size, budget: PixelBudget) -> Shape:
    ring = parse.points(entry.get("points"))
    if kind in {"polygon", "rotation"}:
        return Shape(polygon=[[ring]])
    if kind == "rectangle":
        return _read_rectangle(ring)
    if kind == "circle":
        if len(ring) != 2:
            raise MisfitError("circle without two points")
        radius = math.dist(*ring)
        return Shape(polygon=[[ellipse(ring[0], (radius, radius))]])
    if kind in {"line", "linestrip"}:
        return Shape(lines=[ring])
    if kind in {"point", "points"}:
        return Shape(points=ring)
    if kind == "mask":
        if not ring:
            raise MisfitError("mask without points")
        left, top = ring[0]  # the place of its upper left pixel
        return read_bitmap(entry.get("mask"), left, top, known, budget, compressed=False)
    raise MisfitError(f"unsupported shape_type: {kind}")


def _read_rectangle(ring: Ring) -> Shape:
    if len(ring) not in {2, 4}:
        raise MisfitError("rectangle without two or four points")
    box = parse.box_around(ring)
    is_upright = all(x in box[::2] and y in box[1::2] for x, y in ring)
    return Shape(box=box) if is_upright or math.isnan(box[0]) else Shape(polygon=[[ring]])
