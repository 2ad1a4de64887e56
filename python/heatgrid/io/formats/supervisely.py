"""Supervisely: a JSON file an image below ``ann``, objects of many shapes in pixels.

The format is described at https://docs.supervisely.com/data-organization/00_ann_format_navi. A rectangle's
corners are pixels, both included; interiors of polygons are holes; a bitmap is a PNG file, compressed by
zlib, in base64, with its origin in the image. ``meta.json`` is not needed: objects name their class.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.build import BatchBuilder
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Document, Layout, read_documents
from heatgrid.io.entries import Entry, add_entries
from heatgrid.io.json_values import MisfitError, box_around, mapping, objects, point, points, size, text
from heatgrid.io.masks import decode_base64, place_bitmap
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.shapes import Ring

TITLE = "Supervisely"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"objects[].classTitle"},
        {"size.width", "objects", "tags"},
        {"size.height", "objects", "description"},
    ),
)

_LAYOUT = Layout(folder="ann", position_format="objects[{}]", column_major=False)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, _LAYOUT, _add)


def read_contents(contents: Iterable[tuple[str, Any]], options: ReadOptions) -> Annotations:
    """Return documents that are in memory already as one batch.

    Parameters
    ----------
    contents
        A name and the JSON values of each.
    options
        How to read.

    Raises
    ------
    FormatError
        One is no document of an image, or, with ``on_error="raise"``, an object in it is bad.
    """
    builder = BatchBuilder(
        "annotations", options, position_format=_LAYOUT.position_format, column_major=_LAYOUT.column_major
    )
    for name, content in contents:
        for _ in _add(Document(content, Path(name), None, builder, options)):
            builder.report.files += 1
    return builder.build(None)


def _add(document: Document) -> Iterator[str | None]:
    """Add one image and its objects."""
    content, builder = document.content, document.builder
    if not isinstance(content, dict) or not isinstance(content.get("objects"), list):
        raise FormatError("expected an object with size and objects", document.file)
    if "frames" in content:
        raise FormatError("objects of a video, not of an image", document.file)
    yield document.split
    known = builder.image(
        document.file.name.removesuffix(".json"), str(document.file), size(content.get("size"))
    )
    add_entries(builder, content["objects"], lambda entry: _entry(entry, known, document.options))


def _entry(entry: dict[str, Any], known: Size, options: ReadOptions) -> Entry:
    return Entry(text(entry.get("classTitle")), _shape(entry, known, options))


def _shape(entry: dict[str, Any], known: Size, options: ReadOptions) -> Shape:
    kind = _kind(entry)
    if kind == "bitmap":
        return _bitmap(mapping(entry.get("bitmap"), "bitmap is not an object"), known, options)
    if kind == "graph":
        return _graph(entry)
    held = mapping(entry.get("points"), "points are not an object")
    exterior = points(held.get("exterior"))
    if kind == "polygon":
        return Shape(polygon=[[exterior, *map(points, objects(held.get("interior")))]])
    if kind == "rectangle":
        x1, y1, x2, y2 = box_around(exterior)
        return Shape(box=(x1, y1, x2 + 1, y2 + 1))
    if kind in {"line", "polyline"}:
        return Shape(lines=[exterior])
    if kind == "point":
        return Shape(points=exterior)
    message = f"geometry that is not read: {kind or 'none'}"
    raise MisfitError(message)


def _kind(entry: dict[str, Any]) -> str:
    """Return the geometry's type, or else what the entry holds."""
    if named := text(entry.get("geometryType")):
        return named
    return next((kind for kind, key in (("bitmap", "bitmap"), ("graph", "nodes")) if key in entry), "")


def _bitmap(held: dict[str, Any], known: Size, options: ReadOptions) -> Shape:
    left, top = point(held.get("origin"))
    bitmap = decode_base64(held.get("data"), compressed=True, max_pixels=options.max_pixels)
    height, width = bitmap.shape
    mask = place_bitmap(bitmap, left, top, known)
    return Shape(mask=mask, box=(left, top, left + width, top + height))


def _graph(entry: dict[str, Any]) -> Shape:
    """Return a graph's nodes as keypoints; disabled ones are not visible."""
    nodes = [mapping(node) for node in mapping(entry.get("nodes"), "nodes are not an object").values()]
    marks: Ring = [point(node.get("loc")) for node in nodes]
    return Shape(points=marks, visible=[not node.get("disabled") for node in nodes])
