"""Photo lists: one JSON file per photograph, with boxes as corner and size in pixels.

The tool's documentation, https://example.org/photos, describes the format.
"""

from __future__ import annotations

from typing import Any

from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "Photo lists"
SIGNATURE = Signature(json_keys=({"photo", "things"},))


def _add_image(document: Document) -> Splits:
    content = document.expect_list("things", "an object with photo and things")
    yield document.split
    document.image(parse.text(content["photo"]), parse.size(content))
    document.add_entries(content["things"], lambda entry: parse.text(entry["what"]), _read_thing)


def _read_thing(entry: dict[str, Any]) -> Entry:
    return Entry(Shape(box=parse.box_from_size(*parse.numbers_in(entry.get("at"), 4))))


read = Documents(_add_image, position_format="things[{}]").read
