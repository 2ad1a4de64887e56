"""WIDER FACE: one text file of many images, boxes in pixels.

The format is described at http://shuoyang1213.me/WIDERFACE: a line with an image's path, a line with the
number of its faces, and one row per face with left, top, width, height and six marks, of which the fourth
says that the face is invalid. An image without faces has a row of zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.errors import FormatError
from heatgrid.io.documents import Document, Documents, Splits
from heatgrid.io.files import IMAGE_SUFFIXES, decode_head, read_text
from heatgrid.io.parse import MisfitError, box_from_size, number
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.io.build import BatchBuilder
    from heatgrid.io.options import ReadOptions

    Lines = list[tuple[int, str]]
    """Numbers and stripped texts of lines."""

TITLE = "WIDER FACE"

OTHER_COUNT = "number of rows differs from the image's count"

_CLASS = "face"
_INVALID = 7  # column of the mark
_SCORE_COLUMNS = 5  # rows of detections: a box and its score


def _check_file(probe: Probe) -> bool:
    """Return whether a text begins with an image's path, a count and a row."""
    lines = [line.strip() for line in decode_head(probe.head).splitlines()[:4]]
    return (
        len(lines) > 2
        and _is_path(lines[0])
        and lines[1].isdecimal()
        and (len(lines[2].split()) >= 4 or _is_path(lines[2]))
    )


def _is_path(line: str) -> bool:
    return line.lower().endswith(IMAGE_SUFFIXES)


SIGNATURE = Signature(suffixes=(".txt",), check=_check_file)


def _load(path: Path, options: ReadOptions) -> Lines:
    """Return the lines that are not blank."""
    lines = read_text(path, options).splitlines()
    filled = [(i, stripped) for i, line in enumerate(lines, 1) if (stripped := line.strip())]
    if not filled or not _is_path(filled[0][1]):
        raise FormatError("expected an image's path", path, "line 1")
    return filled


def _add_images(document: Document) -> Splits:
    """Add the images of a file; all lines between two paths belong to the first."""
    image: Lines = []
    lines = [*document.content, (0, "")] if document.options.wants(document.split) else []
    for line in lines:
        if image and (_is_path(line[1]) or not line[1]):
            yield document.split
            _add_image(document.builder, image, str(document.file))
            image = []
        image.append(line)


read = Documents(
    _add_images, suffixes=(".txt",), many=True, load=_load, check=_check_file, position_format="line {}"
).read


def _add_image(builder: BatchBuilder, lines: Lines, file: str) -> None:
    builder.image(lines[0][1], file)
    rows = lines[1:]
    expected = None
    if rows and rows[0][1].isdecimal():
        expected = rows[0][1].lstrip("0") or "0"
        rows = rows[1:]
    if expected == "0":
        rows = [row for row in rows if any(cell.strip("0.") for cell in row[1].split())]
    if expected != str(len(rows)):
        builder.note(OTHER_COUNT)
    for line, text in rows:
        try:
            cells = [number(cell) for cell in text.split()]
            if len(cells) < 4:
                raise MisfitError("row of fewer than four numbers")  # noqa: TRY301
            box = box_from_size(*cells[:4])
        except MisfitError as misfit:
            builder.skip(str(misfit), line, label=_CLASS)
            continue
        flags = int(Flag.IGNORE) if len(cells) > _INVALID and cells[_INVALID] > 0 else 0
        score = cells[4] if len(cells) == _SCORE_COLUMNS else None
        builder.add_shape(_CLASS, line, Shape(box=box), flags=flags, score=score)
