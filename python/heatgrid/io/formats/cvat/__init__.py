"""CVAT: an XML file of many images, or of the tracks of a video, shapes in pixels.

The format is described at https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/. A box may be
rotated about its center; a mask is run lengths along the rows of a region. The images of a video are the
frames that have shapes; shapes marked ``outside`` are not in the frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import numpy as np

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io import parse, xml_files
from heatgrid.io.attributes import holder_of
from heatgrid.io.curves import ellipse, rotated_box
from heatgrid.io.documents import WHOLE_IMAGE, Document, Documents, Splits
from heatgrid.io.files import UNKNOWN
from heatgrid.io.formats.cvat.plain import DEPTH, read_plain, subsets_in
from heatgrid.io.options import ReadOptions, Size, canonical_split
from heatgrid.io.parse import NOT_NUMBERS, NOT_POINTS, MisfitError, Ring
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape, place_runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Row = tuple[Element, str, str | None]
    """A shape, its label, and its id or its track's."""

TITLE = "CVAT for images and video 1.1"
SIGNATURE = Signature(
    suffixes=(".xml",),
    xml_root="annotations",
    check=lambda probe: any(element in probe.text for element in (b"<meta", b"<image ", b"<track ")),
)

NOT_RUNS = "run-length code is not whole numbers"
NO_POINTS = "skeleton without points"

_ROOT = "annotations"
_OUTSIDE, _OCCLUDED = int(Flag.OUTSIDE), int(Flag.OCCLUDED)
_NO_SHAPES = {"track", "attribute"}


class _Survey:
    """Result of a first pass over a whole file: its root, its subsets, and whether it has tracks.

    A file ``is_in_pieces`` if it has no tracks and may be read piece by piece; ``odd`` are the numbers of the
    pieces that need an XML parser.
    """

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.root = _ROOT
        self.subsets: dict[str | None, None] = {}
        self.has_tracks = False
        self.odd: set[int] = set()
        self.is_in_pieces = options.limits.depth >= DEPTH and self._read_pieces(path, options)
        if not self.is_in_pieces:
            self.subsets.clear()
            self.root = xml_files.survey_xml(path, options, self._add)

    def _read_pieces(self, path: Path, options: ReadOptions) -> bool:
        """Survey a file piece by piece, and return whether that is possible."""
        try:
            for i, piece in enumerate(xml_files.stream_pieces(path, options, _ROOT, "image")):
                if isinstance(piece, str) and (subsets := subsets_in(piece)) is not None:
                    self.subsets |= dict.fromkeys(subsets)
                    continue
                self.odd.add(i)
                for child in _children(piece, path, options):
                    self._add(child.tag, child.attrib)
        except FormatError:
            return False
        return not self.has_tracks

    def _add(self, name: str, attributes: dict[str, str]) -> None:
        if name == "image":
            self.subsets[attributes.get("subset") or None] = None
        self.has_tracks |= name == "track"


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame of a video, and its shapes."""

    number: str
    name: str
    subset: str | None
    size: Size
    rows: list[Row] = field(default_factory=list)


def _add_document(document: Document) -> Splits:
    survey: _Survey = document.content
    if survey.root != _ROOT:
        raise FormatError(f"expected <annotations>, got <{survey.root[:100]}>", document.file)
    # The file is read once per subset, because a batch has one split.
    for split in dict.fromkeys(map(partial(_split_of, document), survey.subsets)):
        if document.options.wants(split):
            yield from _add_pieces(document, split) if survey.is_in_pieces else _add_images(document, split)
    if survey.has_tracks:
        root = Element(_ROOT)
        root.extend(e for e in xml_files.stream_xml(document.file, document.options) if e.tag != "image")
        yield from _add_frames(document, root)


read = Documents(
    _add_document,
    suffixes=(".xml",),
    many=True,
    load=_Survey,
    position_format="shape[{}]",
    column_major=False,
).read


def _children(piece: Element | str, path: Path, options: ReadOptions) -> Element:
    """Return a root with the children in a piece."""
    return xml_files.parse_children(piece, _ROOT, path, options) if isinstance(piece, str) else piece


def _split_of(document: Document, subset: str | None) -> str | None:
    return canonical_split(subset) if subset else document.split


def _add_images(document: Document, split: str | None) -> Splits:
    """Add the images of one split."""
    images = (e for e in xml_files.stream_xml(document.file, document.options) if e.tag == "image")
    for i, image in enumerate(images):
        if _split_of(document, image.get("subset")) == split:
            yield split
            _add_image(document, image, i)


def _add_pieces(document: Document, split: str | None) -> Splits:
    """Add the images of one split, piece by piece."""
    options = document.options
    odd, done = document.content.odd, 0
    for i, piece in enumerate(xml_files.stream_pieces(document.file, options, _ROOT, "image")):
        plain = read_plain(piece, done, options) if isinstance(piece, str) and i not in odd else None
        if plain is None:
            for image in _children(piece, document.file, options).iterfind("image"):
                if _split_of(document, image.get("subset")) == split:
                    yield split
                    _add_image(document, image, done)
                done += 1
            continue
        subset, images = plain
        if _split_of(document, subset) == split:
            yield from document.add_images(images, split)
        done += len(images.names)


def _add_image(document: Document, image: Element, number: int) -> None:
    name = image.get("name") or image.get("id") or f"image {number}"
    document.image(name, parse.size(image.attrib), f"image[{number}]", holder=_holder(document, image))
    for position, element in enumerate(child for child in image if child.tag != "attribute"):
        row = (element, element.get("label") or "", element.get("id"))
        _add_shape(document, row, position)


def _add_frames(document: Document, root: Element) -> Splits:
    """Add the frames of videos in which a track has a shape."""
    for frame in _frames_of(document, root):
        split = _split_of(document, frame.subset)
        if document.options.wants(split):
            yield split
            place = f"frame[{frame.number}]"
            document.image(frame.name, frame.size, place, holder={})
            for position, row in enumerate(frame.rows):
                _add_shape(document, row, position)


def _frames_of(document: Document, root: Element) -> list[_Frame]:
    """Return the frames in which a track has a shape, sorted by subset, task and number."""
    sizes = _frame_sizes(root)
    frames: dict[tuple[str, int], _Frame] = {}
    for i, track in enumerate(root.findall("track")):
        task, label, track_id = track.get("task_id") or "", track.get("label") or "", track.get("id")
        for element in _track_shapes(track):
            number = element.get("frame", "")
            if not (number.isascii() and number.isdigit() and len(number) < 19):
                place = f"track[{i}]"
                document.builder.skip_row(
                    "shape without a frame number", str(document.file), place, track_id, label=label or None
                )
                continue
            key = (task, int(number))
            if key not in frames:
                name = f"frame_{int(number):06}"
                name = f"{task}/{name}" if len(sizes) > 1 else name
                known = sizes.get(task) or next(iter(sizes.values()), UNKNOWN)
                frames[key] = _Frame(number, name, track.get("subset"), known)
            frames[key].rows.append((element, label, track_id))
    order = {subset: i for i, subset in enumerate(dict.fromkeys(frame.subset for frame in frames.values()))}
    return [frame for _, frame in sorted(frames.items(), key=lambda item: (order[item[1].subset], item[0]))]


def _frame_sizes(root: Element) -> dict[str, Size]:
    """Return the frame sizes by the id of their task or job."""
    meta = root.find("meta")
    found: dict[str, Size] = {}
    for holder in meta.iter() if meta is not None else ():
        original = holder.find("original_size")
        if original is not None:
            found[holder.findtext("id") or ""] = parse.size({child.tag: child.text for child in original})
    return found


def _track_shapes(track: Element) -> Iterator[Element]:
    """Yield a track's shapes; inner tracks are the points of a skeleton, and are joined per frame.

    The track's own skeletons are then without points: they have the state and the attributes of a frame.
    """
    skeletons: dict[str, Element] = {}
    for inner in (child for child in track.iter("track") if child is not track):
        for child in inner:
            if child.tag not in _NO_SHAPES:
                number = child.get("frame", "")
                skeletons.setdefault(number, Element("skeleton", {"frame": number})).append(child)
    for child in track:
        joined = skeletons.get(child.get("frame", "")) if child.tag == "skeleton" else None
        if joined is not None and child.find("points") is None:
            joined.attrib.update(child.attrib)
            joined.extend(child.findall("attribute"))
        elif child.tag not in _NO_SHAPES:
            yield child
    yield from skeletons.values()


def _add_shape(document: Document, row: Row, position: int) -> None:
    """Add a shape, or skip it."""
    builder = document.builder
    element, label, key = row
    if element.tag == "tag":
        builder.note(WHOLE_IMAGE, position)
        return
    try:
        shape = _read_shape(element, document.builder.size, document.options)
    except MisfitError as misfit:
        builder.skip(str(misfit), position, key, label=label or None)
        return
    outside = element.get("outside") == "1" or (bool(shape.visible) and not any(shape.visible))
    flags = outside * _OUTSIDE | (element.get("occluded") == "1") * _OCCLUDED
    builder.add_shape(label, position, shape, flags=flags, key=key, holder=_holder(document, element))


def _holder(document: Document, element: Element) -> object:
    """Return the attributes of an element, {} if none are asked for."""
    return holder_of(element) if document.options.attributes else {}


def _read_shape(element: Element, known: Size, options: ReadOptions) -> Shape:
    """Return the shape of an element; raise MisfitError if its kind is unknown or its content invalid."""
    attributes = element.attrib
    match element.tag:
        case "box":
            x1, y1, x2, y2 = parse.numbers(attributes, "xtl", "ytl", "xbr", "ybr")
            is_ordered = x1 <= x2 and y1 <= y2
            box = (x1, y1, x2, y2) if is_ordered else parse.box_around([(x1, y1), (x2, y2)])
            rotation = _rotation(element)
            return Shape(polygon=[[rotated_box(box, rotation)]]) if rotation else Shape(box=box)
        case "polygon":
            return Shape(polygon=[[_points(element)]])
        case "polyline":
            return Shape(lines=[_points(element)])
        case "points":
            return Shape(points=_points(element))
        case "ellipse":
            cx, cy, rx, ry = parse.numbers(attributes, "cx", "cy", "rx", "ry")
            return Shape(polygon=[[ellipse((cx, cy), (rx, ry), _rotation(element))]])
        case "mask":
            return _mask(element, known, options)
        case "skeleton":
            return _skeleton(element)
    raise MisfitError(f"unsupported shape: {element.tag[:100]}")


def _rotation(element: Element) -> float:
    return parse.number(element.get("rotation", "0"))


def _points(element: Element) -> Ring:
    """Return the vertices of ``x,y;x,y``."""
    pairs = element.get("points", "").split(";")
    try:
        ring = [(float(x), float(y)) for x, y in (pair.split(",") for pair in pairs)]
    except ValueError as error:
        are_pairs = all(pair.count(",") == 1 for pair in pairs)
        raise MisfitError(NOT_NUMBERS if are_pairs else NOT_POINTS) from error
    if any("_" in pair for pair in pairs):  # Python accepts 1_000
        raise MisfitError(NOT_NUMBERS)
    return ring


def _mask(element: Element, known: Size, options: ReadOptions) -> Shape:
    left, top, width, height = parse.numbers(dict(element.attrib), "left", "top", "width", "height")
    try:
        runs = np.array([int(run) for run in element.get("rle", "").split(",")], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise MisfitError(NOT_RUNS) from error
    mask = place_runs(runs, (left, top, width, height), known, options.limits.vertices)
    return Shape(mask=mask, box=(left, top, left + width, top + height))


def _skeleton(element: Element) -> Shape:
    """Return a skeleton's points as keypoints; those outside are not visible."""
    points: Ring = []
    visible: list[bool] = []
    for child in element.iter("points"):
        ring = _points(child)
        points += ring
        visible += [child.get("outside") != "1"] * len(ring)
    if not points:
        raise MisfitError(NO_POINTS)
    return Shape(points=points, visible=visible)
