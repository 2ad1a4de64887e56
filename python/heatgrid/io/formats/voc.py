"""Pascal VOC and ImageNet: one XML file per image, boxes by their corners in pixels.

The devkit (http://host.robots.ox.ac.uk/pascal/VOC/) counts pixels from 1 and includes both corners; most
tools write corners from 0. ``one_based=True`` reads the former: it subtracts 1 from xmin and ymin.

Files are below ``Annotations`` with splits in ``ImageSets``, or in folders without such an arrangement.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io import parse, places, xml_files
from heatgrid.io.attributes import holder_of
from heatgrid.io.build import NO_GEOMETRY, BatchBuilder
from heatgrid.io.curves import rotated_box
from heatgrid.io.files import read_bytes, read_text, walk
from heatgrid.io.options import ReadOptions, canonical_split, split_of
from heatgrid.io.parse import Box, MisfitError, Ring
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape
from heatgrid.io.workers import read_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.report import Report
    from heatgrid.io.options import Size

TITLE = "Pascal VOC and ImageNet XML"
SIGNATURE = Signature(suffixes=(".xml",), xml_root="annotation")

MISSING = "bndbox without all four of xmin, ymin, xmax, ymax"
NO_FILE = "image listed in ImageSets, but without an XML file"

_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_VERTEX = re.compile(r"([xy])(\d{1,7})")
_FLAGS = {
    "difficult": Flag.DIFFICULT,
    "truncated": Flag.TRUNCATED,
    "occluded": Flag.OCCLUDED,
    "ignore": Flag.IGNORE,
    "deleted": Flag.IGNORE,
}
_ROTATED_BOXES = ("robndbox", "rotated_bndbox", "rotated_box")
_NAMED_CORNERS = ("left_top", "right_top", "right_bottom", "left_bottom")
_CENTER = ("cx", "cy", "w", "h", "angle")
_SET_FOLDERS = ("Main", "CLS-LOC", "DET", "")
_CLASS_LIST = re.compile(r".+_(?:train|val|trainval|test)")
_ORDER = ("train", "val", "test")


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    builder = BatchBuilder(str(path), options, position_format="object {}")
    splits = _find_files(path, options, builder.report)
    options.note_splits_absent(splits, builder.report, path)
    sources = [
        (split, name, file) for split, files in splits.items() if options.wants(split) for name, file in files
    ]
    yield from read_files(sources, partial(_add_file, options), builder, options)


def _add_file(
    options: ReadOptions, builder: BatchBuilder, source: tuple[str | None, str, str]
) -> Iterator[str | None]:
    split, name, file = source
    content = read_bytes(file, options)
    may_be_plain = not options.attributes and options.encoding is None and options.limits.depth >= _DEPTH
    if may_be_plain and (plain := _read_plain(content)) is not None:
        yield split
        _add_plain(builder, plain, name, file)
        return
    root = xml_files.parse_xml(content, file, options)
    yield split
    _add_image(builder, root, name, file, reads_attributes=bool(options.attributes))


_W = r"[ \t\r\n]*+"
_T = "([^<>&\0-\x08\x0b-\x1f\ufffe\uffff]*+)"
_DEPTH = 4


def _leaf(name: str, text: str = _T) -> str:
    return f"<{name}>{text}</{name}>{_W}"


def _unused(*names: str, also: str = "") -> str:
    """Return the pattern of any number of elements, whose texts are not used."""
    return f"(?:{'|'.join(_leaf(name, _T[1:-1]) for name in names)}{also})*+"


# All quantifiers are possessive: a match takes time in proportion to the text.
_ABOUT = _unused(
    *("folder", "filename", "path", "segmented"),
    also=f"|<source>{_W}{_unused('database', 'annotation', 'image', 'flickrid')}</source>{_W}"
    f"|<owner>{_W}{_unused('flickrid', 'name')}</owner>{_W}",
)
_HEAD = re.compile(
    rf"""{_W}(?:<\?xml version=["']1\.0["'](?: encoding=["'](?i:utf-8)["'])?+ ?+\?>{_W})?+<annotation>{_W}"""
    rf"{_ABOUT}(?:<size>{_W}{_leaf('width')}{_leaf('height')}{_unused('depth')}</size>{_W})?+{_ABOUT}"
)
_OBJECTS = [
    re.compile(
        f"<object>{_W}{_leaf('name')}{_unused('pose')}(?:{_leaf('truncated')})?+(?:{_leaf('difficult')})?+"
        f"(?:{_leaf('occluded')})?+<bndbox>{_W}{''.join(map(_leaf, corners))}</bndbox>{_W}"
        f"(?:{_leaf('difficult')})?+</object>{_W}"
    )
    for corners in (_CORNERS, ("xmin", "xmax", "ymin", "ymax"))
]
"""Objects as the devkit and most tools write them, and as Roboflow does: nine groups each."""
_PLAIN_FLAGS = (int(Flag.TRUNCATED), int(Flag.DIFFICULT), int(Flag.OCCLUDED))


@dataclass(slots=True)
class _Plain:
    """Content of a file of plain objects: image size, and labels, boxes and `Flag` bits, without faults."""

    size: Size
    labels: list[str]
    boxes: list[Box]
    flags: list[int]


def _read_plain(content: bytes) -> _Plain | None:
    """Return the content of a file without anything unusual, faster than any XML parser; None for others."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if not xml_files.HAS_GROUPS or (head := _HEAD.match(text)) is None:
        return None
    is_swapped = 0 < text.find("<xmax>") < text.find("<ymin>")
    pieces = _OBJECTS[is_swapped].split(text[head.end() :])
    if any(pieces[:-1:10]) or pieces[-1].rstrip(" \t\r\n") != "</annotation>":
        return None
    names, truncated, difficult, occluded, *corners, late = (pieces[i::10] for i in range(1, 10))
    if is_swapped:
        corners[1], corners[2] = corners[2], corners[1]
    try:
        boxes = list(zip(*(map(float, axis) for axis in corners), strict=True))
    except ValueError:
        return None
    labels = list(map(str.strip, names))
    is_odd = any(x1 > x2 or y1 > y2 for x1, y1, x2, y2 in boxes) or not all(labels)
    if is_odd or "_" in "".join(chain.from_iterable(corners)):  # Python accepts 1_000
        return None
    flags = [0] * len(labels)
    difficult = [after if before is None else before for before, after in zip(difficult, late, strict=True)]
    for flag, texts in zip(_PLAIN_FLAGS, (truncated, difficult, occluded), strict=True):
        if set(texts) - {"0", None}:
            flags = [
                own | flag * ((text or "").strip() == "1") for own, text in zip(flags, texts, strict=True)
            ]
    return _Plain(parse.size({"width": head[1] or None, "height": head[2] or None}), labels, boxes, flags)


def _add_plain(builder: BatchBuilder, plain: _Plain, name: str, file: str) -> None:
    builder.image(name, file, plain.size)
    builder.report.files += 1
    builder.add_boxes(plain.labels, plain.boxes, plain.flags)


def _add_image(builder: BatchBuilder, root: Element, name: str, file: str, *, reads_attributes: bool) -> None:
    if root.tag != "annotation":
        raise FormatError(f"expected <annotation>, got <{root.tag[:100]}>", file)
    size = parse.size(_texts(root.find("size")))
    builder.image(name, file, size, holder=holder_of(root) if reads_attributes else None)
    builder.report.files += 1
    for position, element in enumerate(root.findall("object"), 1):
        _add_object(builder, element, position, holder_of(element) if reads_attributes else None)


def _add_object(builder: BatchBuilder, element: Element, position: int, holder: object) -> None:
    """Add an object with its box, its polygon or both, or skip it."""
    parts = {child.tag: child for child in reversed(element)}  # the first of each name
    label = _text(parts, "name")
    problems: list[str] = []
    box: Box | None = None
    ring: Ring = []
    try:
        corners = _texts(parts.get("bndbox"))
        rotation = _read_rotation(element, parts, corners)
        box = _read_box(corners) if "bndbox" in parts else None
        if box is not None and rotation:
            ring, box = rotated_box(parse.box_around([box[:2], box[2:]]), rotation), None
    except MisfitError as misfit:
        problems.append(str(misfit))
    try:
        ring = ring or _read_ring(parts.get("polygon")) or _read_rotated(element, parts)
    except MisfitError as misfit:
        problems.append(str(misfit))
    if box is None and not ring:
        builder.skip([*problems, NO_GEOMETRY][0], position, label=label)
        return
    if problems:
        builder.note(f"{problems[0]}: ignored, other geometry kept", position)
    if box is not None:
        box = builder.box(box, position)
    flags = sum(flag for name, flag in _FLAGS.items() if name in parts and _text(parts, name) == "1")
    shape = Shape(box=box, polygon=[[ring]] if ring else ())
    builder.add_shape(label, position, shape, flags=flags, holder=holder)


def _text(parts: dict[str, Element], name: str) -> str:
    """Return the text of a part, empty if there is no such part."""
    return (parts[name].text or "").strip() if name in parts else ""


def _texts(element: Element | None) -> dict[str, str | None]:
    """Return the texts of an element's children by their names, the first of each name."""
    return {} if element is None else {child.tag: child.text for child in reversed(element)}


def _read_box(corners: dict[str, str | None]) -> Box:
    """Return the corners of a ``<bndbox>``; raise MisfitError if they are invalid."""
    if not all(corner in corners for corner in _CORNERS):
        raise MisfitError(MISSING)
    x1, y1, x2, y2 = (parse.number(corners[corner] or "") for corner in _CORNERS)
    return x1, y1, x2, y2


def _read_ring(element: Element | None) -> Ring:
    """Return a polygon of ``<x1/><y1/><x2/><y2/>...``; raise MisfitError if it is invalid."""
    axes: dict[str, dict[int, str]] = {"x": {}, "y": {}}
    for child in element if element is not None else ():
        if match := _VERTEX.fullmatch(child.tag):
            axes[match[1]][int(match[2])] = child.text or ""
    if axes["x"].keys() != axes["y"].keys():
        raise MisfitError("polygon with an x or y missing")
    return [(parse.number(axes["x"][i]), parse.number(axes["y"][i])) for i in sorted(axes["x"])]


def _read_rotated(element: Element, parts: dict[str, Element]) -> Ring:
    """Return the corners of a rotated box: as they are (DIOR-R), or of center, size, radians (roLabelImg)."""
    if parts.keys().isdisjoint(_ROTATED_BOXES):
        return []
    holder = next(child for child in element if child.tag in _ROTATED_BOXES)
    if len(ring := _read_ring(holder)) == 4:
        return ring
    named = [(holder.findtext(f"x_{name}"), holder.findtext(f"y_{name}")) for name in _NAMED_CORNERS]
    if not any(None in pair for pair in named):
        return [(parse.number(x), parse.number(y)) for x, y in named]
    texts = [holder.findtext(name) for name in _CENTER]
    if None in texts:
        raise MisfitError(parse.ROTATED)
    x, y, width, height, angle = map(parse.number, texts)
    if not abs(angle) <= 2 * math.pi:  # perhaps degrees
        raise MisfitError(parse.ROTATED)
    box = parse.box_from_size(x - width / 2, y - height / 2, width, height)
    return rotated_box(box, math.degrees(angle))


def _read_rotation(element: Element, parts: dict[str, Element], corners: dict[str, str | None]) -> float:
    """Return the rotation of a box in degrees, an attribute that CVAT writes; refuse other rotations."""
    if not parts.keys().isdisjoint(parse.ANGLES) and parse.rotation_of(_texts(element)):
        raise MisfitError(parse.ROTATED)
    if parse.rotation_of(corners):
        raise MisfitError(parse.ROTATED)
    for attribute in element.iterfind("attributes/attribute") if "attributes" in parts else ():
        if attribute.findtext("name") == "rotation":
            return parse.number(attribute.findtext("value"))
    return 0.0


@places.listed_once()
def _find_files(path: Path, options: ReadOptions, report: Report) -> dict[str | None, list[tuple[str, str]]]:
    """Return the names of images and their XML files by split."""
    if places.is_file(path):
        return {split_of([path.parent.name]): [(path.stem, str(path))]}
    splits: dict[str | None, list[tuple[str, str]]] = {}
    for folder in _annotation_folders(path):
        files = _xml_files(folder, report)
        sets = _image_sets(folder.parent / "ImageSets", options) if folder.name == "Annotations" else {}
        around = [outer.name for outer in (folder, folder.parent) if outer.is_relative_to(path)]
        if not sets:
            inner = dict.fromkeys(name.rpartition("/")[0] for name in files)
            split_in = {part: split_of([*part.split("/")[::-1], *around]) for part in inner}
            for name, file in files.items():
                splits.setdefault(split_in[name.rpartition("/")[0]], []).append((name, file))
            continue
        present = {*files, *(name.rpartition("/")[2] for name in files)}
        listed = dict.fromkeys(name for names in sets.values() for name in names)
        for name in listed:
            if name not in present:
                report.note(NO_FILE, where=f"{folder}: {name}")
        split_of_name = {name: split for split, names in reversed(sets.items()) for name in names}
        for name, file in files.items():
            split = split_of_name.get(name) or split_of_name.get(name.rpartition("/")[2])
            splits.setdefault(split, []).append((name, file))
    if not splits:
        raise FormatError("no XML files", path)
    order = [*_ORDER, *sorted(split for split in splits if split is not None), None]
    return {split: splits[split] for split in dict.fromkeys(order) if split in splits}


def _annotation_folders(folder: Path) -> list[Path]:
    """Return the outermost folders named Annotations, or else the folder itself."""
    found: list[Path] = []
    for parent, _ in walk(folder, 3):
        path = Path(parent)
        if path.name == "Annotations" and not any(path.is_relative_to(outer) for outer in found):
            found.append(path)
    return found or [folder]


def _xml_files(folder: Path, report: Report) -> dict[str, str]:
    """Return the XML files below a folder by their path in it, without suffix."""
    files: dict[str, str] = {}
    for parent, names in walk(folder, report=report):
        own = Path(parent)
        inner = own.relative_to(folder).as_posix()
        begin = "" if inner == "." else f"{inner}/"
        outer = str(own / "_")[:-1]
        files |= {begin + name[:-4]: outer + name for name in names if name.lower().endswith(".xml")}
    return files


def _image_sets(folder: Path, options: ReadOptions) -> dict[str, list[str]]:
    """Return the image names of each list; an image in several belongs to the first of them."""
    sets: dict[str, list[str]] = {}
    texts = (
        [Path(holder, name) for name in names if name.endswith(".txt")]
        for own in _SET_FOLDERS
        for holder, names in walk(folder / own, 0)
    )
    for file in next(filter(None, texts), []):
        if not _CLASS_LIST.fullmatch(file.stem):
            lines = read_text(file, options, blank=True).splitlines()
            names = [line.split()[0].removesuffix(".xml") for line in lines if line.strip()]
            sets[canonical_split(file.stem)] = names
    others = sorted(sets, key=lambda split: (split == "trainval", split))
    order = dict.fromkeys([*(options.splits or ()), *_ORDER, *others])
    return {split: sets[split] for split in order if split in sets}
