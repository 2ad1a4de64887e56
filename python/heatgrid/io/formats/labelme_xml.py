"""LabelMe's original XML: one file per image, polygons in pixels.

The format is that of http://labelme.csail.mit.edu. A segment has a mask in another file; its box is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.io import parse, xml_files
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from heatgrid.io.parse import Box

TITLE = "LabelMe XML (the original web tool)"
MASK = "mask in another file, its box read"

_CORNERS = ("xmin", "ymin", "xmax", "ymax")

SIGNATURE = Signature(
    suffixes=(".xml",),
    xml_root="annotation",
    check=lambda probe: b"<pt>" in probe.text or b"<segm>" in probe.text or b"<imagesize>" in probe.text,
)


def _add_image(document: Document) -> Splits:
    root: Element = document.content
    yield document.split
    size = {name: root.findtext(f"imagesize/{name}") for name in ("ncols", "nrows")}
    name = (root.findtext("filename") or "").strip()
    document.image(name or document.file.stem, parse.size(size, "ncols", "nrows"))
    for position, element in enumerate(root.iterfind("object"), 1):
        label = (element.findtext("name") or "").strip()
        key = (element.findtext("id") or "").strip() or None
        try:
            shape = _read_shape(element)
        except MisfitError as misfit:
            document.builder.skip(str(misfit), position, key, label=label or None)
            continue
        flags = int(Flag.IGNORE) * ((element.findtext("deleted") or "").strip() == "1")
        flags |= int(Flag.OCCLUDED) * ((element.findtext("occluded") or "").strip() == "yes")
        if element.find("segm/mask") is not None:
            document.builder.note(MASK, position, key)
        document.builder.add_shape(label, position, shape, flags=flags, key=key)


read = Documents(
    _add_image,
    suffixes=(".xml",),
    load=xml_files.read_xml,
    check=SIGNATURE.matches,
    position_format="object {}",
).read


def _read_shape(element: Element) -> Shape:
    ring = [
        parse.point({"x": point.findtext("x"), "y": point.findtext("y")})
        for point in element.iterfind("polygon/pt")
    ]
    if ring and element.findtext("type") == "bounding_box":
        return Shape(box=parse.box_around(ring))
    box = element.find("segm/box")
    return Shape(box=None if box is None else _read_box(box), polygon=[[ring]] if ring else ())


def _read_box(element: Element) -> Box:
    found = {name: text for name in _CORNERS if (text := element.findtext(name)) is not None}
    x1, y1, x2, y2 = parse.numbers(found, *_CORNERS)
    return parse.box_around([(x1, y1), (x2, y2)])
