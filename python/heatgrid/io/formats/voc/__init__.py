"""Pascal VOC and ImageNet: an XML file an image, boxes by their corners in pixels.

The devkit (http://host.robots.ox.ac.uk/pascal/VOC/) counts pixels from 1 and includes both corners; most
tools write corners from 0. ``one_based=True`` reads the former: 1 is taken off xmin and ymin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.build import BatchBuilder, read_in_batches
from heatgrid.io.detect import Signature
from heatgrid.io.files import UNKNOWN
from heatgrid.io.formats.voc.folders import find_files
from heatgrid.io.shapes import Shape
from heatgrid.io.xml_tree import read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions, Size

TITLE = "Pascal VOC and ImageNet XML"
SIGNATURE = Signature(
    suffixes=(".xml",),
    xml_root="annotation",
)

NO_NAME = "object without a name"
NOT_NUMBERS = "coordinate is not a number"
MISSING = "bndbox without all four of xmin, ymin, xmax, ymax"
NO_GEOMETRY = "no geometry"
ORDERED = "corners in the wrong order, put right"

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_VERTEX = re.compile(r"([xy])(\d{1,7})")
_FLAGS = {"difficult": Flag.DIFFICULT, "truncated": Flag.TRUNCATED}

Box = tuple[float, float, float, float]
Ring = list[tuple[float, float]]


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each.

    Raises
    ------
    FormatError
        None of the files can be read, or, with ``on_error="raise"``, the first that cannot.
    """
    report = Report()
    splits = find_files(path, options, report)
    options.note_splits_absent(splits, report, path)
    builder = BatchBuilder(str(path), options, position_format="object {}")
    builder.report.include(report)
    sources = [(split, name, file) for split, files in splits.items() for name, file in files]

    def add(source: tuple[str | None, str, Path]) -> Iterator[str | None]:
        split, name, file = source
        root = read_xml(file, options)
        yield split
        _add_image(builder, root, name, file, options)

    yield from read_in_batches(
        [source for source in sources if options.wants(source[0])], add, builder, options
    )


def _add_image(builder: BatchBuilder, root: Element, name: str, file: Path, options: ReadOptions) -> None:
    """Add one image and its objects."""
    if root.tag != "annotation":
        message = f"expected <annotation>, got <{root.tag[:100]}>"
        raise FormatError(message, file)
    builder.image(name, str(file), _size(root.find("size")))
    builder.report.files += 1
    for position, element in enumerate(root.findall("object"), 1):
        _add(builder, element, position, options)


def _size(element: Element | None) -> Size:
    if element is None:
        return UNKNOWN
    width, height = _number(element.findtext("width")), _number(element.findtext("height"))
    return UNKNOWN if width is None or height is None else (width, height)


def _number(text: str | None) -> float | None:
    """Return a number, or None of what is none; Python's own ``1_000`` is none."""
    try:
        return None if text is None or "_" in text else float(text)
    except ValueError:
        return None


def _add(builder: BatchBuilder, element: Element, position: int, options: ReadOptions) -> None:
    """Add one object, or say why not."""
    label = (element.findtext("name") or "").strip()
    if not label:
        builder.skip(NO_NAME, position)
        return
    box, problem = _box(element.find("bndbox"))
    ring, ring_problem = _ring(element.find("polygon"))
    problem = problem or ring_problem
    if box is None and not ring:
        builder.skip(problem or NO_GEOMETRY, position)
        return
    if problem:
        builder.note(f"{problem}: left out, other geometry kept", position)
    if box is not None and (box[0] > box[2] or box[1] > box[3]):
        builder.note(ORDERED, position)
        box = (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
    if box is not None and options.one_based:
        box = (box[0] - 1, box[1] - 1, box[2], box[3])
    flags = sum(flag for name, flag in _FLAGS.items() if (element.findtext(name) or "").strip() == "1")
    shape = Shape(box=box, polygon=[[ring]] if ring else ())
    builder.add_shape(label, position, shape, flags=flags)


def _box(element: Element | None) -> tuple[Box | None, str | None]:
    """Return the corners as they stand, or what is wrong with them."""
    if element is None:
        return None, None
    texts = [element.findtext(corner) for corner in _CORNERS]
    if None in texts:
        return None, MISSING
    x1, y1, x2, y2 = map(_number, texts)
    if x1 is None or y1 is None or x2 is None or y2 is None:
        return None, NOT_NUMBERS
    return (x1, y1, x2, y2), None


def _ring(element: Element | None) -> tuple[Ring, str | None]:
    """Return a polygon written as ``<x1/><y1/><x2/><y2/>...``, or what is wrong with it."""
    if element is None:
        return [], None
    axes: dict[str, dict[int, float | None]] = {"x": {}, "y": {}}
    for child in element:
        if match := _VERTEX.fullmatch(child.tag):
            axes[match[1]][int(match[2])] = _number(child.text)
    if axes["x"].keys() != axes["y"].keys():
        return [], "polygon with an x or y missing"
    vertices = [(axes["x"][i], axes["y"][i]) for i in sorted(axes["x"])]
    ring = [(x, y) for x, y in vertices if x is not None and y is not None]
    return (ring, None) if len(ring) == len(vertices) else ([], NOT_NUMBERS)
