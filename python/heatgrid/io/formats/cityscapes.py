"""Cityscapes: one JSON file per image in one folder per city, polygons in pixels.

The format is described at https://github.com/mcordts/cityscapesScripts. Objects may cover each other; each
is read with its whole outline. A class whose name ends in ``group`` is a crowd of the class before that.
"""

from __future__ import annotations

import re
from typing import Any

from heatgrid.core.ragged import Flag
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

TITLE = "Cityscapes polygons and person boxes"
SIGNATURE = Signature(json_keys=({"imgHeight", "imgWidth", "objects"},))

_NAME_SUFFIX = re.compile(r"_gt[A-Za-z]+(?:_polygons)?$")
_NOT_CROWDS = {"polegroup"}


def _add_image(document: Document) -> Splits:
    content = document.expect_list("objects", "an object with imgWidth, imgHeight and objects")
    yield document.split
    name = _NAME_SUFFIX.sub("", document.file.stem)
    document.image(name, parse.size(content, "imgWidth", "imgHeight"))
    document.add_entries(content["objects"], _read_label, _read_object)


read = Documents(_add_image, position_format="objects[{}]").read


def _read_label(entry: dict[str, Any]) -> str:
    label = parse.text(entry.get("label"))
    return label.removesuffix("group") if _is_crowd(label) else label


def _is_crowd(label: str) -> bool:
    return label.endswith("group") and label not in _NOT_CROWDS


def _read_object(entry: dict[str, Any]) -> Entry:
    box, ring = entry.get("bbox"), entry.get("polygon")
    shape = Shape(
        box=parse.box_from_size(*parse.numbers_in(box, 4)) if box else None,
        polygon=[[parse.points(ring)]] if ring is not None else (),
    )
    flags = Flag.CROWD if _is_crowd(parse.text(entry.get("label"))) else 0
    return Entry(shape, flags | (Flag.IGNORE if entry.get("deleted") else 0))
