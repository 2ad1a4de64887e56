"""ICDAR: one text file per image, each row with the place of a word or character in pixels and its text.

The format is that of https://rrc.cvc.uab.es (text localization): four corners ``x1,y1,...,x4,y4,text``, or
``left top right bottom "text"``. Files are called ``gt_<image>.txt``. Words without a legible text (``###``)
are to be ignored. Those of text segmentation, ``<image>_GT.txt``, have a row per character: its color, its
center, its box and the character; those after ``#`` are to be ignored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.io.files import decode_head
from heatgrid.io.formats.paddleocr import ILLEGIBLE, TEXT
from heatgrid.io.parse import number
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape
from heatgrid.io.text_rows import TextRows, read_label_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "ICDAR text localization and segmentation"
BAD_ROW = "row of neither eight nor four coordinates and a text"

_NUMBER = r"\s*(-?\d+(?:\.\d+)?)\s*"
_QUADRILATERAL = re.compile(",".join([_NUMBER] * 8) + r",(.*)")
_BOX = re.compile(r"[,\s]".join([_NUMBER] * 4) + r'[,\s]\s*(".*")')
_CHARACTER = re.compile(
    r"#?\s*" + r"\s+".join([r"\d+"] * 5 + [_NUMBER.replace(r"\s*", "")] * 4) + r'\s+(".*")'
)
_NO_WORD = re.compile(r"[-+\d.,\s]*")  # more columns of numbers, as in rows of trackers
_LONGEST = 10_000


def _parse(line: str) -> tuple[list[str], str] | None:
    """Return the coordinates and the text of a row."""
    line = line.strip()[:_LONGEST]
    found = _QUADRILATERAL.fullmatch(line) or _BOX.fullmatch(line) or _CHARACTER.fullmatch(line)
    return None if found is None else ([*found.groups()[:-1]], found.groups()[-1].strip())


def _has_words(head: bytes) -> bool:
    """Return whether the first rows have words, at least one of them other than a number."""
    lines = [line for line in decode_head(head).splitlines()[:5] if line.strip()]
    rows = [_parse(line) for line in lines]
    return all(rows) and any(row is not None and not _NO_WORD.fullmatch(row[1]) for row in rows)


SIGNATURE = Signature(suffixes=(".txt",), check=lambda probe: _has_words(probe.head))


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_label_files(path, options, _has_words, _add_image)


def _add_image(rows: TextRows) -> Iterator[str | None]:
    yield rows.file.split
    folder, _, name = rows.file.name.rpartition("/")
    name = name.removeprefix("gt_").removesuffix("_GT")
    rows.builder.image(f"{folder}/{name}" if folder else name, str(rows.file.path))
    for line, cells in rows.cells:
        found = _parse(" ".join(cells))
        if found is None:
            rows.builder.skip(BAD_ROW, line, label=TEXT)
            continue
        values = list(map(number, found[0]))
        is_ignored = found[1].strip('"') in ILLEGIBLE or cells[0].startswith("#")
        flags = int(Flag.IGNORE) * is_ignored
        if len(values) == 4:
            x1, y1, x2, y2 = values
            shape = Shape(box=rows.builder.box((x1, y1, x2, y2), line))
        else:
            shape = Shape(polygon=[[list(zip(values[::2], values[1::2], strict=True))]])
        rows.builder.add_shape(TEXT, line, shape, flags=flags)
