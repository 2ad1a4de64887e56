"""Mapillary Vistas 2.0: a JSON file an image below ``polygons``, polygons in pixels.

The format is described at https://www.mapillary.com/dataset/vistas. Its panoptic files are COCO's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import Entry, add_entries
from heatgrid.io.json_values import NOT_POINTS, MisfitError, points, size, text
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.shapes import Ring

TITLE = "Mapillary Vistas polygons"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=(
        {"objects", "width", "height"},
        {"objects", "width", "heigth"},  # files there spell it both ways
    ),
)

_LAYOUT = Layout(folder="polygons", position_format="objects[{}]")
_HEIGHTS = ("height", "heigth")  # files there are spell it both ways


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    content = document.content
    if not isinstance(content, dict) or not isinstance(content.get("objects"), list):
        raise FormatError("expected an object with width, height and objects", document.file)
    yield document.split
    height = next((key for key in _HEIGHTS if key in content), _HEIGHTS[0])
    document.builder.image(document.file.stem, str(document.file), size(content, height=height))
    add_entries(document.builder, content["objects"], _entry)


def _entry(entry: dict[str, Any]) -> Entry:
    return Entry(text(entry.get("label")), Shape(polygon=[[ring] for ring in _rings(entry.get("polygon"))]))


def _rings(value: object) -> list[Ring]:
    """Return the ring of a list of points, or those of a list of flat lists."""
    if not isinstance(value, list) or not value:
        raise MisfitError(NOT_POINTS)
    flat = isinstance(value[0], list) and len(value[0]) > 2
    return [points(ring) for ring in value] if flat else [points(value)]
