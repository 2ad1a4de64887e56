"""SuperAnnotate: one JSON file per image, instances in pixels.

The format is described at https://doc.superannotate.com/docs/export-json. Polygons are flat lists, with holes
in ``exclude``.
"""

from __future__ import annotations

from typing import Any

from heatgrid.io import parse
from heatgrid.io.curves import ellipse
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Entry, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "SuperAnnotate JSON"
SIGNATURE = Signature(
    json_keys=(
        {"metadata.name", "instances"},
        {"metadata.width", "instances"},
        {"instances[].className", "instances[].points"},
    )
)


def _add_image(document: Document) -> Splits:
    content = document.expect_list("instances", "an object with metadata and instances")
    metadata = parse.as_dict(content.get("metadata"))
    yield document.split
    document.image(parse.text(metadata.get("name")) or document.file.stem, parse.size(metadata))
    document.add_entries(content["instances"], _read_label, _read_instance)


read = Documents(_add_image, check=SIGNATURE.matches, position_format="instances[{}]").read


def _read_label(entry: dict[str, Any]) -> str:
    return parse.text(entry.get("className")) or parse.text(entry.get("classId"))


def _read_instance(entry: dict[str, Any]) -> Entry | str:
    kind = parse.text(entry.get("type"))
    return WHOLE_IMAGE if kind == "tag" else Entry(_read_shape(entry, kind))


def _read_shape(entry: dict[str, Any], kind: str) -> Shape:
    points = entry.get("points")
    if kind in {"bbox", "rbbox"}:
        corners = parse.mapping(points, "points are not an object")
        names = [f"{axis}{i}" for i in range(1, 3 if kind == "bbox" else 5) for axis in "xy"]
        flat = parse.numbers(corners, *names)
        ring = list(zip(flat[::2], flat[1::2], strict=True))
        return Shape(box=parse.box_around(ring)) if kind == "bbox" else Shape(polygon=[[ring]])
    if kind == "polygon":
        holes = [parse.points(hole) for hole in parse.as_list(entry.get("exclude"))]
        return Shape(polygon=[[parse.points(points), *holes]])
    if kind == "polyline":
        return Shape(lines=[parse.points(points)])
    if kind == "point":
        return Shape(points=[parse.point(entry)])
    if kind == "template":
        return Shape(points=parse.points(points))
    if kind == "ellipse":
        cx, cy, rx, ry = parse.numbers(entry, "cx", "cy", "rx", "ry")
        return Shape(polygon=[[ellipse((cx, cy), (rx, ry), parse.number(entry.get("angle") or 0))]])
    raise MisfitError(f"unsupported type: {kind or 'none'}")
