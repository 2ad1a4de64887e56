"""Datumaro: a JSON file a subset, items with annotations of many types in pixels.

The format is described at https://openvinotoolkit.github.io/datumaro (formats, Datumaro). Sizes are height
and width; masks are COCO's run-length codes; polygons of one class and one ``group`` are parts of one object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import UNNAMED, WHOLE_IMAGE, Entry, add_entries
from heatgrid.io.files import UNKNOWN
from heatgrid.io.json_values import MisfitError, box_from_size, number, numbers_in, objects, points, text
from heatgrid.io.masks import run_lengths
from heatgrid.io.options import split_in
from heatgrid.io.shapes import Shape, ellipse, rotated_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions, Size

TITLE = "Datumaro JSON"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"dm_format_version"},
        {"categories.label.labels"},
        {"items", "categories.label"},
        {"items[].id", "items[].annotations"},
    ),
)

_LAYOUT = Layout(folder="annotations", many=True)
_OF_IMAGES = {"label", "caption", "hash_key"}


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one subset each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    content, builder = document.content, document.builder
    if not isinstance(content, dict) or not isinstance(content.get("items"), list):
        raise FormatError("expected an object with categories and items", document.file)
    names = _names(content.get("categories"))
    split = split_in(document.file.stem) or document.file.stem  # a file a subset
    for i, item in enumerate(content["items"] if document.options.wants(split) else ()):
        if not isinstance(item, dict):
            builder.report.note("item that is not an object ignored", where=f"{document.file}: items[{i}]")
            continue
        yield split
        builder.image(text(item.get("id")) or f"item {i}", str(document.file), _size(item), f"items[{i}]")
        add_entries(builder, item.get("annotations"), lambda entry: _entry(entry, names))


def _names(categories: object) -> list[str]:
    holder = categories.get("label") if isinstance(categories, dict) else None
    labels = holder.get("labels") if isinstance(holder, dict) else None
    return [text(label.get("name")) if isinstance(label, dict) else text(label) for label in objects(labels)]


def _size(item: dict[str, Any]) -> Size:
    for key in ("image", "media"):
        holder = item.get(key)
        sides = holder.get("size") if isinstance(holder, dict) else None
        if isinstance(sides, list) and len(sides) == 2:
            try:
                return number(sides[1]), number(sides[0])
            except MisfitError:
                break
    return UNKNOWN


def _entry(entry: dict[str, Any], names: list[str]) -> Entry | str:
    kind = text(entry.get("type"))
    if kind in _OF_IMAGES:
        return WHOLE_IMAGE
    shape = _shape(entry, kind)
    held = entry.get("attributes")
    attributes = held if isinstance(held, dict) else {}
    return Entry(
        _label(entry.get("label_id"), names),
        shape,
        flags=Flag.CROWD if attributes.get("is_crowd") else 0,
        score=number(attributes.get("score"), "score is not a number"),
        group=text(entry.get("group") or "") if kind == "polygon" else "",
    )


def _label(key: object, names: list[str]) -> str:
    if key is None:
        return UNNAMED
    if not isinstance(key, int) or isinstance(key, bool) or not 0 <= key < len(names):
        raise MisfitError("unknown label_id")
    return names[key]


def _shape(entry: dict[str, Any], kind: str) -> Shape:
    if kind == "bbox":
        return Shape(box=box_from_size(*numbers_in(entry.get("bbox"), 4)))
    if kind == "mask":
        return Shape(mask=run_lengths(entry.get("rle")))
    if kind == "rotated_bbox" and len(objects(entry.get("points"))) == 5:
        x, y, width, height, degrees = numbers_in(entry["points"], 5)
        box = box_from_size(x - width / 2, y - height / 2, width, height)
        return Shape(polygon=[[rotated_box(box, degrees)]])
    if kind == "skeleton":
        return _keypoints(objects(entry.get("elements")))
    if kind == "points":
        return _keypoints([entry])
    if kind not in {"polygon", "rotated_bbox", "polyline", "ellipse"}:
        message = f"type that is not read: {kind or 'none'}"
        raise MisfitError(message)
    ring = points(entry.get("points"))
    if kind == "polyline":
        return Shape(lines=[ring])
    if kind == "ellipse":
        if len(ring) != 2:
            raise MisfitError("ellipse of other than two points")
        (x1, y1), (x2, y2) = ring
        return Shape(polygon=[[ellipse(((x1 + x2) / 2, (y1 + y2) / 2), ((x2 - x1) / 2, (y2 - y1) / 2))]])
    return Shape(polygon=[[ring]])


def _keypoints(holders: list[Any]) -> Shape:
    """Return the points of one annotation, or of a skeleton's many."""
    marks, visible = [], []
    for holder in holders:
        ring = points(holder.get("points") if isinstance(holder, dict) else None)
        seen = objects(holder.get("visibility"))
        marks += ring
        visible += [bool(v) for v in seen] if len(seen) == len(ring) else [True] * len(ring)
    return Shape(points=marks, visible=visible)
