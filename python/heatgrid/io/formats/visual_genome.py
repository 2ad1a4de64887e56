"""Visual Genome: ``objects.json``, a list of images with objects by corner and size in pixels, without sizes.

The format is described at https://homes.cs.washington.edu/~ranjay/visualgenome/api.html. Images are named by
their number, ``id`` in the first release; the first name of an object is its class.
"""

from __future__ import annotations

from typing import Any

from heatgrid.errors import FormatError
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "Visual Genome objects"
SIGNATURE = Signature(
    json_keys=(
        {"[].objects[].object_id", "[].image_id"},
        {"[].objects[].names", "[].image_id"},
        {"[].objects[].names", "[].id"},
    )
)


def _add_images(document: Document) -> Splits:
    if not isinstance(document.content, list):
        raise FormatError("expected a list of images", document.file)
    for i, place, image in document.each_object(document.content, "image"):
        yield document.split
        name = parse.text(image.get("image_id", image.get("id"))) or f"image {i}"
        document.image(name, parse.size(image), place, holder=image)
        document.add_entries(image.get("objects"), _read_label, _read_object)


read = Documents(_add_images, many=True, check=SIGNATURE.matches, position_format="objects[{}]").read


def _read_label(entry: dict[str, Any]) -> str:
    return next(iter(parse.texts(entry.get("names"))), "")


def _read_object(entry: dict[str, Any]) -> Entry:
    return Entry(Shape(box=parse.box_from_size(*parse.numbers(entry, "x", "y", "w", "h"))))
