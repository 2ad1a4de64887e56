"""Encord: JSON lists of label rows, whose data units are images or videos; objects are normalized.

The format is described at https://docs.encord.com/platform-documentation/Annotate/annotate-export; shapes are
those of its SDK (https://github.com/encord-team/encord-client-python). Masks are run lengths along the rows
of a region in pixels; angles are degrees, clockwise. The images of a video are the frames with labels, named
by the video and their number.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.curves import ellipse, rotated_box
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, place_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions, Size

TITLE = "Encord JSON"
SIGNATURE = Signature(json_keys=({"[].data_units", "[].label_hash"}, {"data_units", "label_hash"}))

NOT_SIZED = "shape with an angle or a radius, without image size"
NOT_A_CODE = "run-length code is not text of an Encord mask"


def _add_images(document: Document) -> Splits:
    rows = [document.content] if isinstance(document.content, dict) else document.content
    if not isinstance(rows, list):
        raise FormatError("expected a list of label rows", document.file)
    for _, place, row in document.each_object(rows, "label row"):
        for key, _, unit in document.each_object(parse.as_dict(row.get("data_units")), "data unit"):
            size = parse.size(unit)
            for name, labels in _frames(unit, parse.text(unit.get("data_title")) or key):
                yield document.split
                document.image(name, size, place, holder=unit)
                entries = [
                    one | {"id": one.get("objectHash")} if isinstance(one, dict) else one for one in labels
                ]
                document.add_entries(
                    entries, _read_label, partial(_read_object, size=size, options=document.options)
                )


read = Documents(
    _add_images,
    many=True,
    check=SIGNATURE.matches,
    normalized=True,
    position_format="objects[{}]",
    column_major=False,
).read


def _frames(unit: dict[str, Any], name: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield names and objects of a unit's images: one, or those of a video."""
    labels = parse.as_dict(unit.get("labels"))
    if not labels or "objects" in labels or "classifications" in labels:
        yield name, parse.as_list(labels.get("objects"))
        return
    for number, frame in labels.items():
        label = f"{int(number):06d}" if number.isascii() and number.isdigit() and len(number) < 19 else number
        yield f"{name}/{label}", parse.as_list(parse.as_dict(frame).get("objects"))


def _read_label(entry: dict[str, Any]) -> str:
    return parse.text(entry.get("name")) or parse.text(entry.get("value"))


def _read_object(entry: dict[str, Any], size: Size, options: ReadOptions) -> Entry:
    score = parse.number(entry.get("confidence"), "score is not a number") if "confidence" in entry else None
    return Entry(_read_shape(entry, size, options), score=None if entry.get("manualAnnotation") else score)


def _read_shape(entry: dict[str, Any], size: Size, options: ReadOptions) -> Shape:
    if "boundingBox" in entry:
        return Shape(box=_box(entry["boundingBox"]))
    if "rotatableBoundingBox" in entry:
        holder = parse.mapping(entry["rotatableBoundingBox"])
        x1, y1, x2, y2 = _box(holder)
        w, h = _known(size)
        ring = rotated_box((x1 * w, y1 * h, x2 * w, y2 * h), parse.number(holder.get("theta") or 0))
        return Shape(polygon=[[[(x / w, y / h) for x, y in ring]]])
    if entry.get("polygons"):
        parts = parse.as_list(entry["polygons"])
        return Shape(polygon=[[parse.points(ring) for ring in parse.as_list(part)] for part in parts])
    if "polygon" in entry:
        return Shape(polygon=[[_points(entry["polygon"])]])
    if "polyline" in entry:
        return Shape(lines=[_points(entry["polyline"])])
    for key in ("point", "skeleton"):
        if key in entry:
            return Shape(points=_points(entry[key]))
    for key in ("ellipse", "circle"):
        if key in entry:
            return _read_ellipse(parse.mapping(entry[key]), size)
    if "bitmask" in entry:
        holder = parse.mapping(entry["bitmask"], NOT_A_CODE)
        left, top, width, height = parse.numbers(holder, "left", "top", "width", "height")
        runs = _runs(holder.get("rleString"), options.limits.vertices)
        return Shape(mask=place_runs(runs, (left, top, width, height), size, options.limits.vertices))
    raise MisfitError(f"unsupported shape: {parse.text(entry.get('shape'))[:100] or 'none'}")


def _box(value: object) -> parse.Box:
    return parse.box_from_size(*parse.numbers(parse.mapping(value), "x", "y", "w", "h"))


def _known(size: Size) -> Size:
    if not parse.is_known(size):
        raise MisfitError(NOT_SIZED)
    return size


def _read_ellipse(holder: dict[str, Any], size: Size) -> Shape:
    """Return an ellipse, or a circle, whose radius is a share of the width."""
    w, h = _known(size)
    x, y = parse.numbers(holder, "x", "y")
    if "r" in holder:
        radius = parse.number(holder["r"]) * w
        radii = radius, radius * parse.number(holder.get("stretch", 1))
    else:
        rx, ry = parse.numbers(holder, "rx", "ry")
        radii = rx * w, ry * h
    ring = ellipse((x * w, y * h), radii, parse.number(holder.get("theta") or 0))
    return Shape(polygon=[[[(u / w, v / h) for u, v in ring]]])


def _points(value: object) -> parse.Ring:
    """Return points by number, or in a list."""
    if isinstance(value, dict):
        if not all(key.isascii() and key.isdigit() for key in value):
            raise MisfitError(parse.NOT_POINTS)
        value = [value[key] for key in sorted(value, key=lambda key: (len(key), key))]
    return parse.points(value)


def _runs(code: object, most: int) -> NDArray[np.int64]:
    """Return the run lengths of a code: five bits per character, differences from the third number on."""
    if not isinstance(code, str) or not code.isascii():
        raise MisfitError(NOT_A_CODE)
    runs: list[int] = []
    value = shift = 0
    for character in code:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 55 or len(runs) > most:
            raise MisfitError(NOT_A_CODE)
        value |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            value -= (1 << shift) if bits & 16 else 0
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    if shift or any(abs(run) >= 1 << 62 for run in runs):
        raise MisfitError(NOT_A_CODE)
    return np.array(runs, dtype=np.int64)
