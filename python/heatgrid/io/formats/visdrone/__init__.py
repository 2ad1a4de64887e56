"""VisDrone: a text file an image (DET), or a video (MOT, VID), boxes in pixels between commas.

The columns are described at https://github.com/VisDrone/VisDrone2018-DET-toolkit: left, top, width, height,
score, category, truncation and occlusion; of videos, frame and target come first. Ground truth of score 0,
and category 0, is to be ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations, Flag, Kind
from heatgrid.core.report import Report
from heatgrid.io.detect import Probe, Signature
from heatgrid.io.formats.mot.layout import OWN_NAMES
from heatgrid.io.formats.visdrone.rows import CLASSES, IMAGE_COLUMNS, VIDEO_COLUMNS, looks_like_visdrone
from heatgrid.io.formats.yolo.classes import UNNAMED, ClassTable
from heatgrid.io.json_values import NEGATIVE
from heatgrid.io.label_files import find_label_files
from heatgrid.io.number_rows import NO_FRAME, first_rows, is_whole, read_table
from heatgrid.io.several import nothing, read_each
from heatgrid.io.sizes import ImageSizes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.label_files import LabelFile
    from heatgrid.io.number_rows import NumberTable
    from heatgrid.io.options import ReadOptions, Size

TITLE = "VisDrone (DET, MOT)"

TOO_FEW = "row of fewer than eight columns, or of a video fewer than ten"
NO_CATEGORY = "category that is no whole number"


def _check_file(probe: Probe) -> bool:
    """Tell whether a text begins with VisDrone's rows."""
    return probe.path.name not in OWN_NAMES and looks_like_visdrone(probe.head)


SIGNATURE = Signature(
    suffixes=(".txt",),
    check=_check_file,
)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield a batch a video, or batches of ``options.batch_images`` images of one split each."""
    report = Report()
    files = find_label_files(path, looks_like_visdrone, options, report)
    if report != Report():
        yield nothing(report, str(path))
    groups: list[list[LabelFile]] = []
    for split in dict.fromkeys(file.split for file in files):
        own = [file for file in files if file.split == split]
        groups += [[file] for file in own if _is_video(file)]
        images = [file for file in own if not _is_video(file)]
        step = options.batch_images
        groups += [images[begin : begin + step] for begin in range(0, len(images), step)]
    sizes = ImageSizes(options)
    yield from read_each(groups, lambda group: [_read_group(group, sizes, options, str(path))], options)


def _is_video(file: LabelFile) -> bool:
    rows = first_rows(Probe(file.path).head)
    return bool(rows) and len(rows[0]) >= VIDEO_COLUMNS


def _read_group(
    group: Sequence[LabelFile], sizes: ImageSizes, options: ReadOptions, source: str
) -> Annotations:
    """Read one video, or the files of some images."""
    report = Report()
    video = _is_video(group[0])
    columns = VIDEO_COLUMNS if video else IMAGE_COLUMNS
    files = read_table([file.path for file in group], columns, options, report)
    table = files.right_rows(_faults(files.table, columns), options, report)
    if video:
        image, names = _frames(group[0].name, table.cells[:, 0].astype(np.int64))
        paths = [str(group[0].path)] * len(names)
    else:
        name_of = {file.path: file.name for file in group}
        image, names = table.file, [name_of[path] for path in files.paths]
        paths = [str(path) for path in files.paths]
    report.images += len(names)
    cells = table.cells[:, columns - IMAGE_COLUMNS :]
    classes = ClassTable(dict(enumerate(CLASSES)))
    label, named = classes.labels(cells[:, 5].astype(np.int64))
    corner = cells[:, :2] - (1 if options.one_based else 0)
    batch = Annotations(
        image_names=names,
        image=image,
        label=label,
        classes=tuple(classes.names),
        normalized=False,
        sizes=np.array([_size(sizes, name) for name in names], dtype=np.float64).reshape(-1, 2),
        kinds=np.full(len(table), Kind.BOX, dtype=np.uint8),
        boxes=np.hstack([corner, corner + cells[:, 2:4]]),
        ids=_ids(table) if video else None,
        flags=_flags(cells),
        scores=_scores(cells[:, 4]),
        source=source,
        split=group[0].split,
        files=paths,
        positions=table.line,
        position_format="line {}",
        report=report,
    )
    report.note_at(UNNAMED, np.flatnonzero(~named), batch.where)
    return batch


def _faults(table: NumberTable, columns: int) -> list[tuple[str, NDArray[np.bool_]]]:
    cells = table.cells[:, columns - IMAGE_COLUMNS :]
    of_video = np.full(len(table), columns == VIDEO_COLUMNS)
    return [
        (TOO_FEW, table.counts < columns),
        (NO_FRAME, np.logical_and(of_video, ~is_whole(table.cells[:, 0]))),
        (NO_CATEGORY, ~is_whole(cells[:, 5])),
        (NEGATIVE, np.asarray((cells[:, 2:4] < 0).any(axis=1))),
    ]


def _frames(video: str, frame: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the place of each row's image, and the names of the images: frames that have rows."""
    different, image = np.unique(frame, return_inverse=True)
    return image.astype(np.int64), [f"{video}/{number:07d}" for number in different.tolist()]


def _size(sizes: ImageSizes, name: str) -> Size:
    """Return the size of an image, or else that of its video."""
    size = sizes.find(name)
    return size if size[0] > 0 or "/" not in name else sizes.find(name.rpartition("/")[0])


def _ids(table: NumberTable) -> list[object]:
    return [int(number) if number % 1 == 0 else None for number in table.cells[:, 1].tolist()]


def _flags(cells: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return what the rows are marked as; of detections, which have no truncation, nothing is ignored."""
    truth = cells[:, 6] >= 0
    ignored = (cells[:, 5] == 0) | (truth & (cells[:, 4] == 0))
    bits = np.where(ignored, int(Flag.IGNORE), 0) | np.where(cells[:, 6] > 0, int(Flag.TRUNCATED), 0)
    return bits.astype(np.uint8)


def _scores(score: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return confidences, which the marks 0 and 1 of ground truth are not."""
    return None if np.isin(score, (0, 1)).all() else score
