"""KITTI: one text file per image (detection) or video (tracking), boxes in pixels.

The rows are described in the development kits of https://www.cvlibs.net/datasets/kitti: type, truncation,
occlusion, angle, left, top, right, bottom and seven numbers of the box in space, then a score; rows of
tracking begin with frame and track. ``DontCare`` marks regions where nothing was annotated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.core.ragged import Flag
from heatgrid.io.files import decode_head
from heatgrid.io.parse import MisfitError, is_number, number
from heatgrid.io.registry import Signature
from heatgrid.io.shapes import Shape
from heatgrid.io.text_rows import NO_FRAME, TextRows, read_label_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

    Object = tuple[int, str | None, list[str]]
    """The line, track and cells of an object."""

TITLE = "KITTI (detection, tracking)"

_TOO_FEW = "row of fewer columns than type, truncation, occlusion, angle and box"
_COLUMNS = (15, 16)  # the last one is a score
_BOX_END = 8
_DONT_CARE = "DontCare"


def _has_kitti_rows(head: bytes) -> bool:
    """Return whether a text begins with a row of KITTI."""
    first = next(iter(decode_head(head).strip().splitlines()), "").split()
    return _is_object(first) or (_is_tracked(first) and _is_object(first[2:]))


def _is_tracked(cells: list[str]) -> bool:
    return len(cells) > 2 and not is_number(cells[2]) and cells[0].isdecimal() and is_number(cells[1])


def _is_object(cells: list[str]) -> bool:
    return len(cells) in _COLUMNS and not is_number(cells[0]) and all(map(is_number, cells[1:]))


SIGNATURE = Signature(suffixes=(".txt",), check=lambda probe: _has_kitti_rows(probe.head))


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each."""
    return read_label_files(path, options, _has_kitti_rows, _add_images)


def _add_images(rows: TextRows) -> Iterator[str | None]:
    """Add an image, or the frames of a video."""
    if not any(_is_tracked(cells) for _, cells in rows.cells[:5]):
        yield rows.file.split
        _add_image(rows, rows.file.name, [(line, None, cells) for line, cells in rows.cells])
        return
    frames: dict[int, list[Object]] = {}
    for line, cells in rows.cells:
        if not cells[0].isdecimal() or len(cells[0]) > 15:
            rows.skip(NO_FRAME, line, label=cells[2] if len(cells) > 2 else None)
            continue
        track = cells[1] if len(cells) > 1 and cells[1] != "-1" else None
        frames.setdefault(int(cells[0]), []).append((line, track, cells[2:]))
    for frame, objects in sorted(frames.items()):
        yield rows.file.split
        _add_image(rows, f"{rows.file.name}/{frame:06d}", objects)


def _add_image(rows: TextRows, name: str, objects: list[Object]) -> None:
    builder = rows.builder
    builder.image(name, str(rows.file.path))
    for line, track, cells in objects:
        label = cells[0] if cells and not is_number(cells[0]) else None
        if label is None or len(cells) < _BOX_END:
            builder.skip(_TOO_FEW, line, track, label=label)
            continue
        try:
            x1, y1, x2, y2 = map(number, cells[4:_BOX_END])
            score = number(cells[15]) if len(cells) > 15 else None
            flags = Flag.IGNORE if label == _DONT_CARE else 0
            flags |= Flag.TRUNCATED if number(cells[1]) > 0 else 0
            flags |= Flag.OCCLUDED if number(cells[2]) in (1, 2) else 0  # 3: unknown
        except MisfitError as misfit:
            builder.skip(str(misfit), line, track, label=label)
            continue
        box = builder.box((x1, y1, x2, y2), line, track)
        builder.add_shape(label, line, Shape(box=box), flags=int(flags), key=track, score=score)
