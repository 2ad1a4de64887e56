"""KITTI: a text file an image (detection), or a video (tracking), boxes in pixels.

The rows are described in the development kits of https://www.cvlibs.net/datasets/kitti: type, truncation,
occlusion, angle, left, top, right, bottom and seven numbers of the box in space, then a score; tracking puts
frame and track before. ``DontCare`` marks regions where nothing was annotated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from heatgrid.core.annotations import Flag
from heatgrid.io.detect import Signature
from heatgrid.io.files import decode
from heatgrid.io.json_values import MisfitError, number
from heatgrid.io.number_rows import NO_FRAME
from heatgrid.io.shapes import Shape
from heatgrid.io.text_rows import is_number, read_label_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.detect import Probe
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.text_rows import Rows

TITLE = "KITTI (detection, tracking)"

TOO_FEW = "row of fewer columns than type, truncation, occlusion, angle and box"
ORDERED = "corners in the wrong order, put right"

_COLUMNS = (15, 16)  # the last one is a score
_BOX_END = 8
_DONT_CARE = "DontCare"


@dataclass(frozen=True, slots=True)
class _Object:
    line: int
    key: str | None
    cells: list[str]


def _check_file(probe: Probe) -> bool:
    """Tell whether a text begins with a row of KITTI's."""
    return _looks_right(probe.head)


SIGNATURE = Signature(
    suffixes=(".txt",),
    check=_check_file,
)


def _looks_right(head: bytes) -> bool:
    first = next(iter(decode(head).strip().splitlines()), "").split()
    return _is_object(first) or (_is_tracked(first) and _is_object(first[2:]))


def _is_tracked(cells: list[str]) -> bool:
    return len(cells) > 2 and not is_number(cells[2]) and cells[0].isdecimal() and is_number(cells[1])


def _is_object(cells: list[str]) -> bool:
    return len(cells) in _COLUMNS and not is_number(cells[0]) and all(map(is_number, cells[1:]))


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_label_files(path, options, _looks_right, _add)


def _add(rows: Rows) -> Iterator[str | None]:
    """Add an image, or the frames of a video."""
    if any(_is_tracked(cells) for _, cells in rows.cells[:5]):
        for frame, tracked in _frames(rows).items():
            yield rows.file.split
            _add_image(rows, f"{rows.file.name}/{frame:06d}", tracked)
        return
    yield rows.file.split
    _add_image(rows, rows.file.name, [_Object(line, None, cells) for line, cells in rows.cells])


def _frames(rows: Rows) -> dict[int, list[_Object]]:
    """Return the rows of each frame of a video."""
    frames: dict[int, list[_Object]] = {}
    for line, cells in rows.cells:
        if not cells[0].isdecimal() or len(cells[0]) > 15:
            rows.skip(NO_FRAME, line)
            continue
        track = cells[1] if len(cells) > 1 and cells[1] != "-1" else None
        frames.setdefault(int(cells[0]), []).append(_Object(line, track, cells[2:]))
    return dict(sorted(frames.items()))


def _add_image(rows: Rows, name: str, objects: list[_Object]) -> None:
    builder = rows.builder
    builder.image(name, str(rows.file.path))
    for thing in objects:
        cells = thing.cells
        try:
            if len(cells) < _BOX_END or is_number(cells[0]):
                raise MisfitError(TOO_FEW)  # noqa: TRY301
            x1, y1, x2, y2 = map(number, cells[4:_BOX_END])
            score = number(cells[15]) if len(cells) > 15 else None
            flags = Flag.IGNORE if cells[0] == _DONT_CARE else 0
            flags |= Flag.TRUNCATED if number(cells[1]) > 0 else 0
        except MisfitError as misfit:
            builder.skip(str(misfit), thing.line, thing.key)
            continue
        if x1 > x2 or y1 > y2:
            builder.note(ORDERED, thing.line, thing.key)
        if rows.options.one_based:
            x1, y1 = x1 - 1, y1 - 1
        box = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        builder.add_shape(cells[0], thing.line, Shape(box=box), flags=int(flags), key=thing.key, score=score)
