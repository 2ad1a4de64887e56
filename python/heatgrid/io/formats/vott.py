"""VoTT: one JSON file per image or per project, boxes and polygons in pixels.

The format is that of https://github.com/microsoft/VoTT (version 2).
"""

from __future__ import annotations

from typing import Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "VoTT JSON"
SIGNATURE = Signature(json_keys=({"asset", "regions"}, {"assets", "tags"}, {"videoSettings", "tags"}))


def _add_images(document: Document) -> Splits:
    content = parse.as_dict(document.content)
    assets: object = content.get("assets")
    place_format = "assets.{}"
    if isinstance(content.get("asset"), dict):
        assets, place_format = {"": content}, ""
    if not isinstance(assets, dict):
        raise FormatError("expected an object with assets, or with asset and regions", document.file)
    described = {key: parse.as_dict(value).get("asset") for key, value in assets.items()}
    for key, place, asset in document.each_object(described, "asset", place_format):
        yield document.split
        name = parse.text(asset.get("name")) or parse.text(asset.get("path")) or place
        document.image(name, parse.size(asset.get("size")), place, holder=asset)
        document.add_entries(
            assets[key].get("regions"),
            lambda region: parse.texts(region.get("tags")),
            _read_region,
        )


read = Documents(_add_images, many=True, position_format="regions[{}]").read


def _read_region(region: dict[str, Any]) -> Entry:
    box = region.get("boundingBox")
    ring = parse.points(region["points"]) if region.get("points") else []
    if box is None:
        corners = parse.box_around(ring)
    else:
        holder = parse.mapping(box, "boundingBox is not an object")
        corners = parse.box_from_size(*parse.numbers(holder, "left", "top", "width", "height"))
    is_polygon = ring and parse.text(region.get("type")).upper() == "POLYGON"
    return Entry(Shape(box=corners, polygon=[[ring]] if is_polygon else ()))
