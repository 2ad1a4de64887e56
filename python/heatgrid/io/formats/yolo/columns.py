"""YOLO label files of one batch: read, parsed, judged and put into columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.report import describe
from heatgrid.errors import FormatError
from heatgrid.io.formats.yolo import meaning as yolo_meaning
from heatgrid.io.formats.yolo.files import read_files
from heatgrid.io.number_rows import UNNAMED_CLASS, BadLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.report import Report
    from heatgrid.io.files import ImageSizes
    from heatgrid.io.number_rows import ClassTable
    from heatgrid.io.options import ReadOptions

FAR_OUT = "coordinates far outside [0, 1], perhaps pixels"
_FAR = 2.0


@dataclass(frozen=True, slots=True)
class LabelFiles:
    """Label files to be read together.

    Attributes
    ----------
    images
        Names of images, and their label files; None for an image that has none.
    classes
        The data set's classes, shared by all its batches.
    keypoints
        Keypoints a pose and numbers a keypoint, where the data set says so.
    source
        The data set.
    split
        The split they belong to.
    """

    images: Sequence[tuple[str, str | None]]
    classes: ClassTable
    keypoints: tuple[int, int] | None
    source: str
    split: str | None


def build(labels: LabelFiles, sizes: ImageSizes, options: ReadOptions, report: Report) -> Annotations:
    """Return the batch of these label files.

    Raises
    ------
    FormatError
        With ``on_error="raise"``, at the first file or row that would be left out.
    """
    names, files, rows, bad = read_files(labels.images, labels.source, options, report)
    meaning = yolo_meaning.judge(rows, labels.keypoints, options.task, options.max_vertices)
    report.images += len(names)
    bad += [
        BadLine(int(rows.file[i]), int(rows.line[i]), yolo_meaning.FAULTS[int(meaning.fault[i]) - 1])
        for i in np.flatnonzero(meaning.fault).tolist()
    ]
    _leave_out(bad, files, options, report)
    if meaning.fault.any():
        right = np.flatnonzero(meaning.fault == 0)
        rows, meaning = rows.take(right), meaning.take(right)
    label, named = labels.classes.labels(rows.values[rows.offsets[:-1]].astype(np.int64))
    batch = Annotations(
        image_names=names,
        image=rows.file,
        label=label,
        classes=tuple(labels.classes.names),
        normalized=True,
        sizes=np.array([sizes.find(name) for name in names]).reshape(-1, 2) if sizes else None,
        kinds=yolo_meaning.kinds(meaning),
        boxes=yolo_meaning.boxes(rows, meaning),
        polygons=yolo_meaning.polygons(rows, meaning),
        points=yolo_meaning.points(rows, meaning),
        scores=yolo_meaning.scores(rows, meaning),
        source=labels.source,
        split=labels.split,
        files=files,
        positions=rows.line,
        position_format="line {}",
        report=report,
    )
    report.note_at(UNNAMED_CLASS, np.flatnonzero(~named), batch.where)
    report.note_at(FAR_OUT, np.flatnonzero(_far_out(batch)), batch.where)
    return batch


def _leave_out(bad: list[BadLine], files: list[str], options: ReadOptions, report: Report) -> None:
    """Report the lines left out, in the order of the files."""
    for line in sorted(bad, key=lambda line: (line.file, line.line)):
        place = f"line {line.line}"
        if options.strict:
            raise FormatError(line.reason, files[line.file], place)
        wanted = report.has_room_for_example(line.reason)
        report.skip(line.reason, describe(files[line.file], place) if wanted else None)


def _far_out(batch: Annotations) -> NDArray[np.bool_]:
    """Tell which annotations lie so far outside the image that they are hardly normalised."""
    far = np.zeros(len(batch), dtype=bool)
    if batch.boxes is not None and not _are_near(batch.boxes):
        far |= (np.abs(batch.boxes) > _FAR).any(axis=1)
    if batch.polygons is not None and not _are_near(batch.polygons.coords):
        owner = np.repeat(np.arange(len(batch)), np.diff(batch.polygons.vertices))
        far[owner[(np.abs(batch.polygons.coords) > _FAR).any(axis=1)]] = True
    return far


def _are_near(numbers: NDArray[np.float64]) -> bool:
    """Tell whether no number is far out, as almost always, in two quick passes; NaN may be."""
    return bool(numbers.min(initial=0.0) >= -_FAR and numbers.max(initial=0.0) <= _FAR)
