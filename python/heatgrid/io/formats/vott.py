"""VoTT: a JSON file an asset, or one of a whole project; boxes and polygons in pixels.

The format is that of https://github.com/microsoft/VoTT (version 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import Entry, add_entries
from heatgrid.io.json_values import box_around, box_from_size, mapping, numbers, points, size, text
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions

TITLE = "VoTT JSON"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"asset", "regions"},
        {"assets", "tags"},
        {"videoSettings", "tags"},
    ),
)

_LAYOUT = Layout(many=True, position_format="regions[{}]")


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    content, builder = document.content, document.builder
    assets: dict[str, Any]
    if isinstance(content, dict) and isinstance(content.get("asset"), dict):
        assets = {"": content}
    elif isinstance(content, dict) and isinstance(content.get("assets"), dict):
        assets = {f"assets.{key}": value for key, value in content["assets"].items()}
    else:
        raise FormatError("expected an object with assets, or with an asset and its regions", document.file)
    for place, holder in assets.items() if document.options.wants(document.split) else ():
        asset = holder.get("asset") if isinstance(holder, dict) else None
        if not isinstance(asset, dict):
            builder.report.note("asset that is not an object ignored", where=f"{document.file}: {place}")
            continue
        yield document.split
        name = text(asset.get("name")) or text(asset.get("path")) or place
        builder.image(name, str(document.file), size(asset.get("size")), place)
        regions = holder.get("regions")
        add_entries(builder, regions, _entry)
        for position, region in enumerate(regions if isinstance(regions, list) else ()):
            if isinstance(region, dict) and len(_tags(region)) > 1:
                builder.note("several tags, the first used", position, region.get("id"))


def _tags(region: dict[str, Any]) -> list[Any]:
    tags = region.get("tags")
    return tags if isinstance(tags, list) else []


def _entry(region: dict[str, Any]) -> Entry:
    held = region.get("boundingBox")
    ring = points(region["points"]) if region.get("points") else []
    if held is not None:
        edges = numbers(mapping(held, "boundingBox is not an object"), "left", "top", "width", "height")
        box = box_from_size(*edges)
    else:
        box = box_around(ring)
    outline = ring if text(region.get("type")).upper() == "POLYGON" else []
    shape = Shape(box=box, polygon=[[outline]] if outline else ())
    return Entry(text(next(iter(_tags(region)), None)), shape)
