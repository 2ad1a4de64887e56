"""LabelMe: a JSON file an image, shapes in pixels.

The format is that of https://github.com/wkentaro/labelme; files of X-AnyLabeling, with rectangles of four
corners and turned ones, are of the same family. Shapes of one label and one ``group_id`` are parts of one
object. The image itself, in base64, is passed over.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import Entry, add_entries
from heatgrid.io.json_values import MisfitError, box_around, points, size, text
from heatgrid.io.masks import decode_base64, place_bitmap
from heatgrid.io.shapes import Shape, ellipse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.shapes import Ring

TITLE = "LabelMe and X-AnyLabeling"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"shapes", "imagePath"},
        {"shapes", "imageData"},
        {"imagePath", "imageData"},
        {"shapes[].points", "shapes[].label"},
    ),
)

_LAYOUT = Layout(position_format="shapes[{}]", column_major=False)
_PARTS = {"polygon", "circle", "rotation", "rectangle"}


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    """Add one image and its shapes."""
    content, builder = document.content, document.builder
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        raise FormatError("expected an object with shapes", document.file)
    yield document.split
    name = text(content.get("imagePath")).replace("\\", "/").rsplit("/", 1)[-1] or document.file.stem
    known = builder.image(name, str(document.file), size(content, "imageWidth", "imageHeight"))
    add_entries(builder, content["shapes"], lambda entry: _entry(entry, known, document.options))


def _entry(entry: dict[str, Any], known: Size, options: ReadOptions) -> Entry:
    group = text(entry.get("group_id")) if _kind(entry) in _PARTS else ""
    return Entry(text(entry.get("label")), _shape(entry, known, options), group=group)


def _kind(entry: dict[str, Any]) -> str:
    return text(entry.get("shape_type")) or "polygon"  # the first files had polygons only, and said nothing


def _shape(entry: dict[str, Any], known: Size, options: ReadOptions) -> Shape:
    kind, ring = _kind(entry), points(entry.get("points"))
    if kind in {"polygon", "rotation"}:
        return Shape(polygon=[[ring]])
    if kind == "rectangle":
        if len(ring) not in {2, 4}:
            raise MisfitError("rectangle of neither two nor four points")
        return Shape(box=box_around(ring))
    if kind == "circle":
        if len(ring) != 2:
            raise MisfitError("circle of other than two points")
        radius = math.dist(*ring)
        return Shape(polygon=[[ellipse(ring[0], (radius, radius))]])
    if kind in {"line", "linestrip"}:
        return Shape(lines=[ring])
    if kind in {"point", "points"}:
        return Shape(points=ring)
    if kind == "mask":
        return _mask(entry, ring, known, options)
    message = f"shape_type that is not read: {kind}"
    raise MisfitError(message)


def _mask(entry: dict[str, Any], ring: Ring, known: Size, options: ReadOptions) -> Shape:
    """Return a mask; its first point is the pixel in the image where its own first pixel lies."""
    if not ring:
        raise MisfitError("mask without points")
    bitmap = decode_base64(entry.get("mask"), compressed=False, max_pixels=options.max_pixels)
    (left, top), (height, width) = ring[0], bitmap.shape
    return Shape(mask=place_bitmap(bitmap, left, top, known), box=(left, top, left + width, top + height))
