"""YOLO Keras TXT: one file of images, each with the corners and class numbers of its boxes in pixels.

Roboflow exports it as ``_annotations.txt`` with class names in ``_classes.txt``
(https://roboflow.com/formats/yolo-keras-txt); https://github.com/qqwweee/keras-yolo3 reads it. A line is
``image.jpg x1,y1,x2,y2,class x1,y1,x2,y2,class ...``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from heatgrid.io import parse, places
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.files import IMAGE_SUFFIXES, decode_head, inside, read_text
from heatgrid.io.parse import MisfitError
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape
from heatgrid.io.text_rows import UNNAMED_CLASS

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

TITLE = "YOLO Keras TXT (Roboflow's _annotations.txt)"
BAD_BOX = "box is not four coordinates and a class number"

_CLASSES = ("_classes.txt", "classes.txt")
_BOX = re.compile(r"(-?[\d.]+,){4}\d+")
_IMAGE = re.compile(rf"(.+?(?:{'|'.join(map(re.escape, IMAGE_SUFFIXES))}))(?:\s+(.*))?", re.IGNORECASE)


def _check_file(probe: Probe) -> bool:
    """Return whether most of the first lines with boxes are images with boxes."""
    lines = [line.split() for line in decode_head(probe.head).splitlines()[:20]]
    filled = [cells for cells in lines if len(cells) > 1]
    matching = sum(_BOX.fullmatch(cells[-1]) is not None and not _BOX.match(cells[0]) for cells in filled)
    return matching > 0 and 2 * matching >= len(filled)


SIGNATURE = Signature(suffixes=(".txt",), check=_check_file)


def _load(path: Path, options: ReadOptions) -> list[str]:
    return read_text(path, options).splitlines()


def _add_images(document: Document) -> Splits:
    if not document.options.wants(document.split):
        return
    names = _read_names(document)
    for number, line in enumerate(document.content, 1):
        place = f"line {number}"
        found = _IMAGE.fullmatch(line.strip())
        if found is None:
            if line.strip():
                document.builder.skip_row("line does not begin with an image", str(document.file), place)
            continue
        yield document.split
        document.image(found[1].replace("\\", "/"), place=place)
        for i, cells in enumerate((found[2] or "").split(), 1):
            _add_box(document, cells.split(","), i, names)


read = Documents(
    _add_images, suffixes=(".txt",), many=True, load=_load, check=_check_file, position_format="box {}"
).read


def _read_names(document: Document) -> list[str]:
    """Return the class names next to a file; none if there are none."""
    folder = document.file.parent
    files = (folder / name for name in _CLASSES)
    file = next((file for file in files if places.is_file(file) and inside(file, folder.resolve())), None)
    return [] if file is None else read_text(file, document.options, blank=True).split("\n")


def _add_box(document: Document, cells: list[str], position: int, names: list[Any]) -> None:
    builder, text = document.builder, cells[-1]
    index = int(text) if text.isdecimal() and len(text) < 10 else -1
    label = names[index].strip() if 0 <= index < len(names) else ""
    is_named = bool(label)
    label = label or (f"class_{index}" if index >= 0 else "")
    try:
        if len(cells) != 5 or index < 0:
            raise MisfitError(BAD_BOX)  # noqa: TRY301 - the reason for skipping
        x1, y1, x2, y2 = map(parse.number, cells[:4])
    except MisfitError as misfit:
        builder.skip(str(misfit), position, label=label or None)
        return
    if not is_named:
        builder.note(UNNAMED_CLASS, position)
    builder.add_shape(label, position, Shape(box=builder.box((x1, y1, x2, y2), position)))
