"""FAIR1M: one XML file per image of the air, objects with four corners in pixels.

The format is described at https://gaofen-challenge.com/benchmark. The corners are points ``x,y``, the first
repeated at the end; the class is the first of the possible results, with a probability in files of results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.io import parse, xml_files
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.parse import NOT_POINTS, MisfitError
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TITLE = "FAIR1M XML (rotated boxes)"
NOT_PIXELS = "coordinates are not in pixels"
SIGNATURE = Signature(
    suffixes=(".xml",), xml_root="annotation", check=lambda probe: b"<objects>" in probe.text
)


def _add_image(document: Document) -> Splits:
    root: Element = document.content
    yield document.split
    document.image(
        document.file.stem, parse.size({child.tag: child.text for child in root.find("size") or ()})
    )
    for position, element in enumerate(root.iterfind("objects/object"), 1):
        label = (element.findtext("possibleresult/name") or "").strip()
        score = element.findtext("possibleresult/probability", "").strip()
        try:
            if element.findtext("coordinate", "pixel").strip().lower() != "pixel":
                raise MisfitError(NOT_PIXELS)  # noqa: TRY301
            confidence = parse.number(score, "score is not a number") if score else None
            ring = [_read_point(point.text or "") for point in element.iterfind("points/point")]
        except MisfitError as misfit:
            document.builder.skip(str(misfit), position, label=label or None)
            continue
        document.builder.add_shape(label, position, Shape(polygon=[[ring]] if ring else ()), score=confidence)


read = Documents(
    _add_image,
    suffixes=(".xml",),
    load=xml_files.read_xml,
    check=SIGNATURE.matches,
    position_format="object {}",
).read


def _read_point(text: str) -> tuple[float, float]:
    cells = text.split(",")
    if len(cells) != 2:
        raise MisfitError(NOT_POINTS)
    return parse.number(cells[0].strip()), parse.number(cells[1].strip())
