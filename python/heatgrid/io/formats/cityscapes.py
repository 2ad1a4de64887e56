"""Cityscapes: a JSON file an image below a city's folder, polygons in pixels.

The format is described at https://github.com/mcordts/cityscapesScripts. Objects are drawn one over the other;
here each keeps all of its outline. A class that ends in ``group`` is a crowd of the class before it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import Entry, add_entries
from heatgrid.io.json_values import box_from_size, numbers_in, points, size, text
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions

TITLE = "Cityscapes polygons and person boxes"
SIGNATURE = Signature(
    suffixes=(".json",),
    json_keys=({"imgHeight", "imgWidth", "objects"},),
)

DELETED = "object marked as deleted, left out"

_LAYOUT = Layout(position_format="objects[{}]")
_KIND = re.compile(r"_gt[A-Za-z]+(?:_polygons)?$")
_OWN_CLASSES = {"polegroup"}


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    content = document.content
    if not isinstance(content, dict) or not isinstance(content.get("objects"), list):
        raise FormatError("expected an object with imgWidth, imgHeight and objects", document.file)
    yield document.split
    name = _KIND.sub("", document.file.stem)
    document.builder.image(name, str(document.file), size(content, "imgWidth", "imgHeight"))
    add_entries(document.builder, content["objects"], _entry)


def _entry(entry: dict[str, Any]) -> Entry | str:
    if entry.get("deleted"):
        return DELETED
    label = text(entry.get("label"))
    crowd = label.endswith("group") and label not in _OWN_CLASSES
    box, ring = entry.get("bbox"), entry.get("polygon")
    shape = Shape(
        box=box_from_size(*numbers_in(box, 4)) if box else None,
        polygon=[[points(ring)]] if ring is not None else (),
    )
    return Entry(label.removesuffix("group") if crowd else label, shape, Flag.CROWD if crowd else 0)
