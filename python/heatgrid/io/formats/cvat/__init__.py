"""CVAT: an XML file of many images, or of the tracks of a video, shapes in pixels.

The format is described at https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/. A box may be
turned about its centre; a mask is run lengths along the rows of a region. Of a video, the frames that have
shapes are its images, and rows marked ``outside`` are objects that are not in the frame.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.detect import Signature
from heatgrid.io.documents import Layout, read_documents
from heatgrid.io.entries import NO_LABEL, WHOLE_IMAGE
from heatgrid.io.formats.cvat.shapes import read_shape
from heatgrid.io.formats.cvat.tracks import Row, frames_of
from heatgrid.io.json_values import MisfitError, size
from heatgrid.io.options import canonical_split
from heatgrid.io.xml_tree import stream_xml, survey_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.detect import Probe
    from heatgrid.io.documents import Document
    from heatgrid.io.options import ReadOptions, Size

TITLE = "CVAT for images and video 1.1"


class Survey:
    """A first look at a file, from end to end: that it is sound, and what subsets it has; nothing is kept."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.subsets: dict[str | None, None] = {}
        self.has_tracks = False
        self.root = survey_xml(path, options, self._see)

    def _see(self, name: str, attributes: dict[str, str]) -> None:
        if name == "image":
            self.subsets[attributes.get("subset") or None] = None
        self.has_tracks |= name == "track"


_LAYOUT = Layout(suffixes=(".xml",), many=True, load=Survey, position_format="shape[{}]", column_major=False)
_BESIDE = {"attribute"}
_ELEMENTS = (b"<meta", b"<image ", b"<track ")


def _check_file(probe: Probe) -> bool:
    """Tell whether an XML file has CVAT's images or tracks."""
    return probe.xml_root == "annotations" and any(element in probe.text for element in _ELEMENTS)


SIGNATURE = Signature(
    suffixes=(".xml",),
    xml_root="annotations",
    check=_check_file,
)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one subset each."""
    return read_documents(path, options, _LAYOUT, _add)


def _add(document: Document) -> Iterator[str | None]:
    survey: Survey = document.content
    if survey.root != "annotations":
        message = f"expected <annotations>, got <{survey.root[:100]}>"
        raise FormatError(message, document.file)
    # One subset after the other, so that batches are of one split each: those of one are gone over again.
    splits = dict.fromkeys(map(partial(_split_of, document), survey.subsets))
    for split in splits:
        if document.options.wants(split):
            yield from _add_images(document, split)
    if survey.has_tracks:
        root = Element("annotations")
        root.extend(e for e in stream_xml(document.file, document.options) if e.tag != "image")
        yield from _add_frames(document, root)


def _split_of(document: Document, subset: str | None) -> str | None:
    return canonical_split(subset) if subset else document.split


def _add_images(document: Document, split: str | None) -> Iterator[str | None]:
    """Add a task's images of one split, an image at a time."""
    images = (e for e in stream_xml(document.file, document.options) if e.tag == "image")
    for i, image in enumerate(images):
        if _split_of(document, image.get("subset")) != split:
            continue
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
        split = _split_of(document, frame.subset)
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
