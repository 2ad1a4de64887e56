"""License plates of WPOD-NET: one text file per image, normalized corners of plates.

The format is that of https://github.com/sergiomsilva/alpr-unconstrained: a row is ``n, x1, ..., xn, y1, ...,
yn, text,`` with the number of corners, their coordinates and a text, which is the class, empty or absent
where there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.io.build import BatchBuilder, read_in_batches
from heatgrid.io.files import decode_head, read_text
from heatgrid.io.parse import is_number, number
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape
from heatgrid.io.text_rows import LabelFile, find_label_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "License plates (alpr-unconstrained)"
BAD_ROW = "row is not a number of corners, their coordinates and a text"


def _parse(line: str) -> tuple[list[tuple[float, float]], str | None] | None:
    """Return the corners of a row, and its text or None."""
    count, *cells = (cell.strip() for cell in line.strip().split(","))
    corners = int(count) if count.isdecimal() and len(count) < 4 else 0
    flat = cells[: 2 * corners]
    if corners < 3 or len(flat) < 2 * corners or not all(map(is_number, flat)):
        return None
    values = list(map(number, flat))
    text = cells[2 * corners] if len(cells) > 2 * corners else None
    return list(zip(values[:corners], values[corners:], strict=True)), text


def _has_plates(head: bytes) -> bool:
    lines = [line for line in decode_head(head).splitlines()[:5] if line.strip()]
    found = [_parse(line) for line in lines]
    texts = [row and row[1] for row in found]
    return bool(found) and all(text is not None and not is_number(text) for text in texts)


SIGNATURE = Signature(suffixes=(".txt",), check=lambda probe: _has_plates(probe.head))


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    builder = BatchBuilder(str(path), options, normalized=True, position_format="line {}")
    files = find_label_files(path, _has_plates, options, builder.report)

    def add(file: LabelFile) -> Iterator[str | None]:
        lines = read_text(file.path, options, blank=True).splitlines()
        yield file.split
        builder.image(file.name, str(file.path))
        builder.report.files += 1
        for i, line in enumerate(lines, 1):
            found = _parse(line)
            if found is not None:
                builder.add_shape(found[1] or "", i, Shape(polygon=[[found[0]]]))
            elif line.strip():
                builder.skip(BAD_ROW, i)

    yield from read_in_batches(files, add, builder, options)
