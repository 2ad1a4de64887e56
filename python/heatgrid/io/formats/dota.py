"""DOTA: one text file per image, each row with four corners in pixels, class and difficulty.

The format is described at https://captain-whu.github.io/DOTA/dataset.html. Up to two lines before the rows
name the image's source (``imagesource:``) and the size of its pixels on the ground (``gsd:``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.io.files import decode_head
from heatgrid.io.parse import MisfitError, is_number, number
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape
from heatgrid.io.text_rows import TextRows, read_label_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

TITLE = "DOTA (oriented boxes)"

_HEADERS = ("imagesource:", "gsd:")


def _has_dota_rows(head: bytes) -> bool:
    """Return whether a text begins with a header or a row of DOTA."""
    lines = [line for line in decode_head(head).splitlines()[:5] if line.strip()]
    if lines and lines[0].startswith(_HEADERS[0]):
        return True
    first = next((line.split() for line in lines if not line.startswith(_HEADERS)), [])
    if len(first) not in {9, 10}:
        return False
    return all(map(is_number, first[:8] + first[9:])) and not is_number(first[8])


SIGNATURE = Signature(suffixes=(".txt",), check=lambda probe: _has_dota_rows(probe.head))


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_label_files(path, options, _has_dota_rows, _add_image)


def _add_image(rows: TextRows) -> Iterator[str | None]:
    yield rows.file.split
    rows.builder.image(rows.file.name, str(rows.file.path))
    for line, cells in rows.cells:
        if cells[0].startswith(_HEADERS):
            continue
        if len(cells) < 9:
            rows.builder.skip("row of fewer columns than eight coordinates and a class", line)
            continue
        try:
            flat = [number(cell) for cell in cells[:8]]
            difficult = len(cells) > 9 and number(cells[9]) > 0
        except MisfitError as misfit:
            rows.builder.skip(str(misfit), line, label=cells[8])
            continue
        ring = list(zip(flat[::2], flat[1::2], strict=True))
        flags = int(Flag.DIFFICULT) if difficult else 0
        rows.builder.add_shape(cells[8], line, Shape(polygon=[[ring]]), flags=flags)
