"""VoTT: one JSON file per image or per project, boxes and polygons in pixels.

The format is that of https://github.com/microsoft/VoTT (version 2).
"""

from __future__ import annotations

from typing import Any

from heatgrid.errors import FormatError
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.parse import (
    as_dict,
    as_list,
    box_around,
    box_from_size,
    mapping,
    numbers,
    points,
    size,
    text,
)
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "VoTT JSON"
SIGNATURE = Signature(json_keys=({"asset", "regions"}, {"assets", "tags"}, {"videoSettings", "tags"}))


def _add_images(document: Document) -> Splits:
    content = as_dict(document.content)
    assets: object = content.get("assets")
    place_format = "assets.{}"
    if isinstance(content.get("asset"), dict):
        assets, place_format = {"": content}, ""
    if not isinstance(assets, dict):
        raise FormatError("expected an object with assets, or with asset and regions", document.file)
    described = {key: as_dict(value).get("asset") for key, value in assets.items()}
    for key, place, asset in document.each_object(described, "asset", place_format):
        yield document.split
        name = text(asset.get("name")) or text(asset.get("path")) or place
        document.image(name, size(asset.get("size")), place)
        regions = assets[key].get("regions")
        document.add_entries(
            regions, lambda region: text(next(iter(as_list(region.get("tags"))), "")), _read_region
        )
        for position, region in enumerate(as_list(regions)):
            if len(as_list(as_dict(region).get("tags"))) > 1:
                document.builder.note("several tags, first one used", position, region.get("id"))


read = Documents(_add_images, many=True, position_format="regions[{}]").read


def _read_region(region: dict[str, Any]) -> Entry:
    box = region.get("boundingBox")
    ring = points(region["points"]) if region.get("points") else []
    if box is None:
        corners = box_around(ring)
    else:
        holder = mapping(box, "boundingBox is not an object")
        corners = box_from_size(*numbers(holder, "left", "top", "width", "height"))
    is_polygon = ring and text(region.get("type")).upper() == "POLYGON"
    return Entry(Shape(box=corners, polygon=[[ring]] if is_polygon else ()))
