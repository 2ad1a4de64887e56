"""MOT Challenge: a text file of rows a video, with ``seqinfo.ini`` beside it.

The format of MOT15, MOT16, MOT17 and MOT20 is described at https://motchallenge.net/instructions: frame, id,
left, top, width, height, confidence, and then class and visibility (ground truth since MOT16) or a position
in the world (MOT15, detections, results). A confidence of 0 marks ground truth as to be ignored. CVAT's and
Datumaro's ``labels.txt`` names classes, from 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations, Flag, Kind
from heatgrid.core.report import Report
from heatgrid.io.detect import Signature
from heatgrid.io.entries import UNNAMED as NO_CLASS
from heatgrid.io.files import clean, decode, read_bytes
from heatgrid.io.formats.mot.layout import OWN_NAMES, find_sequences, looks_like_mot, read_info, size_of
from heatgrid.io.formats.visdrone.rows import looks_like_visdrone
from heatgrid.io.formats.yolo.classes import UNNAMED, ClassTable
from heatgrid.io.json_values import NEGATIVE
from heatgrid.io.number_rows import NO_FRAME, is_whole, read_table
from heatgrid.io.several import nothing, read_each

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.io.detect import Probe
    from heatgrid.io.formats.mot.layout import Sequence, SequenceInfo
    from heatgrid.io.number_rows import NumberTable
    from heatgrid.io.options import ReadOptions

TITLE = "MOT Challenge (ground truth, detections, results)"

TOO_FEW = "row of fewer than six columns"

_COLUMNS = 10
_CLASSES = (
    *("pedestrian", "person on vehicle", "car", "bicycle", "motorbike", "non-motorised vehicle"),
    *("static person", "distractor", "occluder", "occluder on the ground", "occluder full"),
    *("reflection", "crowd"),
)


def _check_file(probe: Probe) -> bool:
    """Tell whether a text has MOT's rows."""
    is_own = probe.path.name in OWN_NAMES or not looks_like_visdrone(probe.head)
    return is_own and looks_like_mot(probe.head)


SIGNATURE = Signature(
    suffixes=(".txt",),
    check=_check_file,
)


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield a batch a sequence."""
    report = Report()
    sequences = find_sequences(path, options, report)
    if report != Report():
        yield nothing(report, str(path))
    yield from read_each(sequences, lambda sequence: [_read_sequence(sequence, path, options)], options)


def _read_sequence(sequence: Sequence, path: Path, options: ReadOptions) -> Annotations:
    report = Report()
    files = read_table([sequence.file], _COLUMNS, options, report)
    table = files.table
    frame, width, height = table.cells[:, 0], table.cells[:, 4], table.cells[:, 5]
    faults = [
        (TOO_FEW, table.counts < 6),
        (NO_FRAME, ~is_whole(frame)),
        (NEGATIVE, (width < 0) | (height < 0)),
    ]
    table = files.right_rows(faults, options, report)
    info = read_info(sequence, options, report)
    frames = _frames(table.cells[:, 0].astype(np.int64), info)
    names = [f"{sequence.name}/{number:06d}{info.suffix}" for number in frames.tolist()]
    size = size_of(sequence, info, f"{int(frames[0]) if len(frames) else 1:06d}", options)
    report.images += len(names)
    label, classes = _labels(sequence, table, options, report)
    truth = _is_truth(sequence, table)
    return Annotations(
        image_names=names,
        image=np.searchsorted(frames, table.cells[:, 0].astype(np.int64)),
        label=label,
        classes=classes,
        normalized=False,
        sizes=np.full((len(names), 2), size, dtype=np.float64),
        kinds=np.full(len(table), Kind.BOX, dtype=np.uint8),
        boxes=_boxes(table.cells, options),
        ids=_ids(table.cells[:, 1]),
        flags=_flags(table) if truth else None,
        scores=None if truth else _scores(table),
        source=str(path),
        split=sequence.split,
        files=[str(sequence.file)] * len(names),
        positions=table.line,
        position_format="line {}",
        report=report,
    )


def _frames(seen: NDArray[np.int64], info: SequenceInfo) -> NDArray[np.int64]:
    """Return the numbers of all frames: those with rows, and the others that the sequence is said to have."""
    seen = np.unique(seen)
    first = 0 if len(seen) and seen[0] == 0 else 1
    return np.union1d(seen, np.arange(first, first + info.length, dtype=np.int64))


def _boxes(cells: NDArray[np.float64], options: ReadOptions) -> NDArray[np.float64]:
    """Return corners; tools that count from 1 put the image's first pixel at 1."""
    corner = cells[:, 2:4] - (1 if options.one_based else 0)
    return np.hstack([corner, corner + cells[:, 4:6]])


def _is_truth(sequence: Sequence, table: NumberTable) -> bool:
    """Tell ground truth, whose seventh column is a mark, from detections, whose confidence it is."""
    if sequence.role:
        return sequence.role == "gt"
    return bool(len(table)) and bool(((table.counts == 9) & np.isin(table.cells[:, 6], (0, 1))).all())


def _flags(table: NumberTable) -> NDArray[np.uint8]:
    return np.where(table.cells[:, 6] == 0, int(Flag.IGNORE), 0).astype(np.uint8)


def _scores(table: NumberTable) -> NDArray[np.float64] | None:
    """Return confidences; -1 stands for none."""
    confidence = table.cells[:, 6]
    if not ((confidence != -1) & np.isfinite(confidence)).any():
        return None
    return np.where(confidence == -1, np.nan, confidence)


def _ids(cells: NDArray[np.float64]) -> list[object]:
    whole = is_whole(cells, -1)
    return [int(number) if good else None for number, good in zip(cells, whole, strict=True)]


def _labels(
    sequence: Sequence, table: NumberTable, options: ReadOptions, report: Report
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return class numbers and names: MOT's own, those of ``labels.txt``, or one for all."""
    file = sequence.file.parent / "labels.txt"
    names: tuple[str, ...] = _CLASSES
    with_class = table.counts == 9
    if file.is_file():
        names = tuple(line.strip() for line in decode(read_bytes(file, options)).splitlines() if line.strip())
        with_class = table.counts >= 9
    with_class = with_class & is_whole(table.cells[:, 7])
    classes = ClassTable({number: clean(name) for number, name in enumerate(names, 1)})
    label = np.full(len(table), -1, dtype=np.int64)
    label[with_class], named = classes.labels(table.cells[with_class, 7].astype(np.int64))
    report.note_at(UNNAMED, table.line[with_class][~named], lambda line: f"{sequence.file}: line {line}")
    found = classes.names if with_class.any() else []
    if (label < 0).any():
        found = [*found, NO_CLASS] if NO_CLASS not in found else found
        label[label < 0] = found.index(NO_CLASS)
    return label, tuple(found)
