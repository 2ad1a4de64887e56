"""CreateML: JSON lists of images, boxes by center and size in pixels, no image sizes.

The format is described at
https://developer.apple.com/documentation/createml/building-an-object-detector-data-source.
"""

from __future__ import annotations

from typing import Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "Apple CreateML"

_KEYS_OF_LABEL_STUDIO = {"[].data", "[].annotations[].result"}

SIGNATURE = Signature(
    json_keys=(
        {"[].annotations[].coordinates"},
        {"[].annotation[].coordinates"},
        {"[].image", "[].annotations"},
        {"[].imagefilename", "[].annotation"},
    ),
    check=lambda probe: _KEYS_OF_LABEL_STUDIO.isdisjoint(probe.json_keys),
)


def _add_images(document: Document) -> Splits:
    if not isinstance(document.content, list):
        raise FormatError("expected a list of images", document.file)
    for i, place, image in document.each_object(document.content, "image"):
        yield document.split
        name = parse.text(image.get("image")) or parse.text(image.get("imagefilename")) or f"image {i}"
        document.image(name, place=place, holder=image)
        entries = image.get("annotations", image.get("annotation"))
        document.add_entries(entries, lambda entry: parse.text(entry.get("label")), _read_box)


read = Documents(_add_images, many=True).read


def _read_box(entry: dict[str, Any]) -> Entry:
    coordinates = parse.mapping(entry.get("coordinates"), "coordinates are not an object")
    x, y, width, height = parse.numbers(coordinates, "x", "y", "width", "height")
    return Entry(Shape(box=parse.box_from_size(x - width / 2, y - height / 2, width, height)))
