"""VisDrone: one text file per image (DET) or video (MOT, VID), boxes in pixels, cells between commas.

The columns are described at https://github.com/VisDrone/VisDrone2018-DET-toolkit: left, top, width, height,
score, category, truncation and occlusion; rows of videos begin with frame and target. Ground truth with score
0 or category 0 is to be ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.ragged import Flag, Kind
from heatgrid.core.report import Report
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.parse import NEGATIVE
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.text_rows import (
    NO_FRAME,
    UNNAMED_CLASS,
    LabelFile,
    NumberedClasses,
    find_label_files,
    first_rows,
    has_rows,
    is_whole,
    read_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions

TITLE = "VisDrone (DET, MOT)"

MOT_FILES = ("gt.txt", "det.txt")
"""Names of files of MOT Challenge, whose rows are similar."""
TOO_FEW = "row of fewer than eight columns, or of a video fewer than ten"

_CLASSES = (
    *("ignored regions", "pedestrian", "people", "bicycle", "car", "van", "truck", "tricycle"),
    *("awning-tricycle", "bus", "motor", "others"),
)
_IMAGE_COLUMNS, _VIDEO_COLUMNS = 8, 10
_MARKS = (len(_CLASSES) - 1, 1, 2)  # largest category, truncation and occlusion


def has_visdrone_rows(head: bytes) -> bool:
    """Return whether a text begins with rows of VisDrone, of images or of a video."""
    return has_rows(head, _is_row)


def _is_row(row: list[float]) -> bool:
    if len(row) not in {_IMAGE_COLUMNS, _VIDEO_COLUMNS}:
        return False
    if len(row) == _VIDEO_COLUMNS and (row[0] < 0 or any(value % 1 for value in row[:2])):
        return False
    # Detections have truncation and occlusion -1; in MOT's rows of ten columns, all three are -1.
    limits = zip(row[-3:], (0, -1, -1), _MARKS, strict=True)
    return all(least <= value <= most and value % 1 == 0 for value, least, most in limits)


SIGNATURE = Signature(
    suffixes=(".txt",), check=lambda probe: probe.path.name not in MOT_FILES and has_visdrone_rows(probe.head)
)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield one batch per video, or batches of ``options.batch_images`` images of one split each."""
    report = Report()
    files = find_label_files(path, has_visdrone_rows, options, report)
    if report != Report():
        yield empty_batch(report, str(path))
    rows = {file: first_rows(Probe(file.path).head) for file in files}
    videos = {file for file, first in rows.items() if first and len(first[0]) >= _VIDEO_COLUMNS}
    groups: list[list[LabelFile]] = []
    for split in dict.fromkeys(file.split for file in files):
        own = [file for file in files if file.split == split]
        groups += [[file] for file in own if file in videos]
        images = [file for file in own if file not in videos]
        step = options.batch_images
        groups += [images[begin : begin + step] for begin in range(0, len(images), step)]

    def read_group(group: list[LabelFile]) -> list[Annotations]:
        return [_read_group(group, options, str(path), video=group[0] in videos)]

    yield from read_each(groups, read_group, options)


def _read_group(group: Sequence[LabelFile], options: ReadOptions, source: str, *, video: bool) -> Annotations:
    """Read one video, or the files of several images."""
    report = Report()
    columns = _VIDEO_COLUMNS if video else _IMAGE_COLUMNS
    first = columns - _IMAGE_COLUMNS
    table = read_table([file.path for file in group], columns, options, report)
    category = table.cells[:, first + 5]
    has_category = is_whole(category)
    faults = [
        (TOO_FEW, table.counts < columns),
        (NO_FRAME, ~is_whole(table.cells[:, 0]) if video else np.zeros(len(table), dtype=bool)),
        ("category is not a whole number", ~has_category),
        (NEGATIVE, np.asarray((table.cells[:, first + 2 : first + 4] < 0).any(axis=1))),
    ]
    classes = NumberedClasses(dict(enumerate(_CLASSES)))
    table = table.valid_rows(
        faults, options, report, lambda row: classes.name(int(category[row])) if has_category[row] else None
    )
    if video:
        frames, image = np.unique(table.cells[:, 0].astype(np.int64), return_inverse=True)
        names = [f"{group[0].name}/{number:07d}" for number in frames.tolist()]
        files = [str(group[0].path)] * len(names)
    else:
        name_of = {file.path: file.name for file in group}
        image, names = table.file, [name_of[path] for path in table.paths]
        files = [str(path) for path in table.paths]
    report.images += len(names)
    cells = table.cells[:, first:]
    label, named = classes.labels(cells[:, 5].astype(np.int64))
    batch = Annotations(
        image_names=names,
        image=image.astype(np.int64),
        label=label,
        classes=tuple(classes.names),
        normalized=False,
        kinds=np.full(len(table), Kind.BOX, dtype=np.uint8),
        boxes=table.boxes(first, options),
        ids=[int(n) if n % 1 == 0 else None for n in table.cells[:, 1].tolist()] if video else None,
        flags=_flags(cells),
        scores=None if np.isin(cells[:, 4], (0, 1)).all() else cells[:, 4],  # 0 and 1 mark ground truth
        source=source,
        split=group[0].split,
        files=files,
        positions=table.line,
        position_format="line {}",
        report=report,
    )
    report.note_at(UNNAMED_CLASS, np.flatnonzero(~named), batch.where)
    return batch


def _flags(cells: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return `Flag` bits; detections, whose truncation is -1, are not ignored for their score."""
    truth = cells[:, 6] >= 0
    ignored = (cells[:, 5] == 0) | (truth & (cells[:, 4] == 0))
    bits = np.where(ignored, int(Flag.IGNORE), 0) | np.where(cells[:, 6] > 0, int(Flag.TRUNCATED), 0)
    return (bits | np.where(cells[:, 7] > 0, int(Flag.OCCLUDED), 0)).astype(np.uint8)
