"""HRSC2016: one XML file per image of ships, rotated boxes in pixels.

The format is that of https://www.kaggle.com/datasets/guofeng/hrsc2016. A box has a center, a size and an
angle in radians, clockwise as seen. Class numbers have no names in the files.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.io import parse, xml_files
from heatgrid.io.curves import rotated_box
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TITLE = "HRSC2016 XML (rotated boxes)"
SIGNATURE = Signature(suffixes=(".xml",), xml_root="HRSC_Image")

_NUMBERS = ("mbox_cx", "mbox_cy", "mbox_w", "mbox_h", "mbox_ang")


def _add_image(document: Document) -> Splits:
    root: Element = document.content
    yield document.split
    size = {name: root.findtext(f"Img_Size{name}") for name in ("Width", "Height")}
    document.image(document.file.stem, parse.size(size, "Width", "Height"))
    for position, element in enumerate(root.iterfind("HRSC_Objects/HRSC_Object"), 1):
        label = (element.findtext("Class_ID") or "").strip()
        try:
            found = {name: text for name in _NUMBERS if (text := element.findtext(name)) is not None}
            x, y, width, height, angle = parse.numbers(found, *_NUMBERS)
            box = parse.box_from_size(x - width / 2, y - height / 2, width, height)
        except MisfitError as misfit:
            document.builder.skip(str(misfit), position, label=label or None)
            continue
        flags = int(Flag.DIFFICULT) * (element.findtext("difficult") == "1")
        flags |= int(Flag.TRUNCATED) * (element.findtext("truncated") == "1")
        ring = rotated_box(box, math.degrees(angle))
        document.builder.add_shape(label, position, Shape(polygon=[[ring]]), flags=flags)


read = Documents(
    _add_image,
    suffixes=(".xml",),
    load=xml_files.read_xml,
    check=SIGNATURE.matches,
    position_format="HRSC_Object {}",
).read
