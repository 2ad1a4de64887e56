"""CVAT: an XML file of many images, or of the tracks of a video, shapes in pixels.

The format is described at https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/. A box may be
turned about its centre; a mask is run lengths along the rows of a region. Of a video, the frames that have
shapes are its images, and rows marked ``outside`` are objects that are not in the frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.columns import Flag
from heatgrid.errors import FormatError
from heatgrid.formats.cvat_shapes import read_shape
from heatgrid.formats.cvat_tracks import Row, frames_of
from heatgrid.formats.documents import Layout, read_documents
from heatgrid.formats.entries import NO_LABEL, WHOLE_IMAGE
from heatgrid.formats.json_shapes import MisfitError, size
from heatgrid.formats.splits import canonical_split
from heatgrid.formats.xml_tree import read_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from heatgrid.annotations import Annotations
    from heatgrid.formats.documents import Document
    from heatgrid.formats.options import ReadOptions, Size
    from heatgrid.formats.probe import Probe

NAME = "cvat"
TITLE = "CVAT for images and video 1.1"
EXTENSIONS = (".xml",)

_LAYOUT = Layout(
    suffixes=(".xml",), many=True, load=read_xml, position_format="shape[{}]", column_major=False
)
_BESIDE = {"attribute"}
_SIGNS = (b"<meta", b"<image ", b"<track ")


def sniff(probe: Probe) -> bool:
    """Tell whether a file, or an XML file in a folder, has CVAT's images or tracks."""
    if probe.is_dir:
        return any(sniff(file) for file in probe.sample(".xml"))
    if probe.suffix != ".xml" or probe.xml_root != "annotations":
        return False
    return any(sign in probe.text for sign in _SIGNS)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one subset each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    root = document.content
    if root.tag != "annotations":
        message = f"expected <annotations>, got <{root.tag[:100]}>"
        raise FormatError(message, document.file)
    yield from _add_images(document, root)
    yield from _add_frames(document, root)


def _add_images(document: Document, root: Element) -> Iterator[str | None]:
    """Add a task's images, subset by subset."""
    subsets: dict[str | None, list[tuple[int, Element]]] = {}
    for i, image in enumerate(root.findall("image")):
        subset = image.get("subset")
        split = canonical_split(subset) if subset else document.split
        subsets.setdefault(split, []).append((i, image))
    for split, images in subsets.items():
        for i, image in images if document.options.wants(split) else ():
            yield split
            name = image.get("name") or image.get("id") or f"image {i}"
            known = _begin(document, name, size(image.attrib), f"image[{i}]")
            shapes = [child for child in image if child.tag not in _BESIDE]
            for position, element in enumerate(shapes):
                row = Row(element, element.get("label") or "", element.get("id"))
                _add_shape(document, row, position, known)


def _add_frames(document: Document, root: Element) -> Iterator[str | None]:
    """Add the frames of a video, or of a project's videos, in which a track has a shape."""
    for frame in frames_of(root, document):
        split = canonical_split(frame.subset) if frame.subset else document.split
        if document.options.wants(split):
            yield split
            known = _begin(document, frame.name, frame.size, f"frame[{frame.number}]")
            for position, row in enumerate(frame.rows):
                _add_shape(document, row, position, known)


def _begin(document: Document, name: str, known: Size, place: str) -> Size:
    return document.builder.image(name, str(document.file), known, place)


def _add_shape(document: Document, row: Row, position: int, known: Size) -> None:
    """Add one shape, or say why not."""
    builder = document.builder
    if row.element.tag == "tag":
        builder.note(WHOLE_IMAGE, position)
        return
    try:
        if not row.label:
            raise MisfitError(NO_LABEL)  # noqa: TRY301
        shape = read_shape(row.element, known, document.options)
        outside = row.element.get("outside") == "1" or (bool(shape.visible) and not any(shape.visible))
        builder.add_shape(row.label, position, shape, flags=Flag.OUTSIDE if outside else 0, key=row.key)
    except MisfitError as misfit:
        builder.skip(str(misfit), position, row.key)
