"""MOT Challenge: one text file of rows per video, next to ``seqinfo.ini``.

The format of MOT15, MOT16, MOT17 and MOT20 is described at https://motchallenge.net/instructions: frame, id,
left, top, width, height, confidence, and then class and visibility (ground truth since MOT16) or a position
in the world (MOT15, detections, results). Ground truth with confidence 0 is to be ignored. The ``labels.txt``
of CVAT and Datumaro names the classes, from 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Flag, Kind
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.build import empty_batch, read_each
from heatgrid.io.files import UNKNOWN, read_text, walk
from heatgrid.io.formats.visdrone import MOT_FILES, has_visdrone_rows
from heatgrid.io.options import ReadOptions, Size, split_of
from heatgrid.io.parse import NEGATIVE
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.text_rows import (
    NO_FRAME,
    UNNAMED_CLASS,
    NumberedClasses,
    NumberTable,
    has_rows,
    is_whole,
    read_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TITLE = "MOT Challenge (ground truth, detections, results)"

DUPLICATE = "file ignored: another file of the sequence is preferred"

_INFO = "seqinfo.ini"
_COLUMNS = 10
_ROLES = ("gt", "", "det")  # preferred ones first; files of results have no folder of their own
_LONGEST = 10_000_000  # frames of a sequence
_CLASSES = (
    *("pedestrian", "person on vehicle", "car", "bicycle", "motorbike", "non-motorised vehicle"),
    *("static person", "distractor", "occluder", "occluder on the ground", "occluder full"),
    *("reflection", "crowd"),
)


def _has_mot_rows(head: bytes) -> bool:
    """Return whether a text begins with rows of frame, id, left, top, width, height, confidence, ..."""
    return has_rows(head, _is_row)


def _is_row(row: list[float]) -> bool:
    return len(row) in {7, 9, 10} and row[0] >= 0 and row[0] % 1 == 0 and row[1] >= -1 and row[1] % 1 == 0


SIGNATURE = Signature(
    suffixes=(".txt",),
    check=lambda probe: (
        _has_mot_rows(probe.head) and (probe.path.name in MOT_FILES or not has_visdrone_rows(probe.head))
    ),
)


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A video: its name, file of rows, folder of ``seqinfo.ini``, role (a folder's name) and split."""

    name: str
    file: Path
    folder: Path
    role: str
    split: str | None


@dataclass(frozen=True, slots=True)
class _SequenceInfo:
    """Content of ``seqinfo.ini``: the number of frames, their size in pixels, their files' suffix."""

    length: int = 0
    size: Size = UNKNOWN
    suffix: str = ""


def read(path: Path, options: ReadOptions) -> Iterator[Annotations]:
    """Yield one batch per sequence."""
    report = Report()
    sequences = _find_sequences(path, options, report)
    if report != Report():
        yield empty_batch(report, str(path))
    yield from read_each(sequences, lambda sequence: [_read_sequence(sequence, path, options)], options)


def _find_sequences(path: Path, options: ReadOptions, report: Report) -> list[_Sequence]:
    """Return the sequences of a file or folder, with one file each."""
    if places.is_file(path):
        return [_sequence(path, path.absolute().parents[1])]
    chosen: dict[tuple[str, str | None], _Sequence] = {}
    for sequence in sorted(_candidates(path, report), key=lambda sequence: _ROLES.index(sequence.role)):
        key = sequence.name, sequence.split
        if key in chosen:
            report.note(DUPLICATE, where=str(sequence.file))
        chosen.setdefault(key, sequence)
    if not chosen:
        raise FormatError("no files of MOT rows", path)
    sequences = sorted(chosen.values(), key=lambda sequence: str(sequence.file))
    options.note_splits_absent((sequence.split for sequence in sequences), report, path)
    names = [sequence.name for sequence in sequences]
    return [
        replace(sequence, name=f"{sequence.split}/{sequence.name}")
        if names.count(sequence.name) > 1 and sequence.split
        else sequence
        for sequence in sequences
        if options.wants(sequence.split)
    ]


def _candidates(root: Path, report: Report) -> Iterator[_Sequence]:
    """Yield the files of rows: ``gt/gt.txt``, ``det/det.txt``, or any text that begins like them."""
    for parent, names in walk(root, report=report):
        folder = Path(parent)
        texts = [name for name in names if name.lower().endswith(".txt")]
        own = f"{folder.name}.txt"
        if folder.name in {"gt", "det"} and own in texts:
            texts = [own]
        for name in texts:
            if name == own or _has_mot_rows(Probe(folder / name).head):
                yield _sequence(folder / name, root)


def _sequence(file: Path, root: Path) -> _Sequence:
    file = file.absolute()
    if file.parent.name in {"gt", "det"}:
        folder, role = file.parent.parent, file.parent.name
        name = folder.name
    else:
        name, role = file.stem, file.stem if file.stem in {"gt", "det"} else ""
        near = (file.parent, file.parent / name, file.parent.parent / name)
        folder = next((one for one in near if places.is_file(one / _INFO)), file.parent)
    inner = file.parent.relative_to(root.absolute()).parts if file.is_relative_to(root.absolute()) else ()
    return _Sequence(name, file, folder, role, split_of([*inner[::-1], root.name]))


def _read_sequence(sequence: _Sequence, path: Path, options: ReadOptions) -> Annotations:
    report = Report()
    table = read_table([sequence.file], _COLUMNS, options, report)
    classes, columns = _read_classes(sequence, options)
    has_class = (table.counts >= columns.start) & (table.counts < columns.stop) & is_whole(table.cells[:, 7])
    table.cells[~has_class, 7] = -1
    faults = [
        ("row of fewer than six columns", table.counts < 6),
        (NO_FRAME, ~is_whole(table.cells[:, 0])),
        (NEGATIVE, (table.cells[:, 4] < 0) | (table.cells[:, 5] < 0)),
    ]
    table = table.valid_rows(
        faults,
        options,
        report,
        lambda row: classes.name(int(table.cells[row, 7])) if has_class[row] else NO_CLASS,
    )
    info = _read_info(sequence, options, report)
    frame = table.cells[:, 0].astype(np.int64)
    frames = _all_frames(frame, info)
    names = [f"{sequence.name}/{n:06d}{info.suffix}" for n in frames.tolist()]
    report.images += len(names)
    label, class_names = _labels(classes, sequence, table, report)
    is_truth = _is_truth(sequence, table)
    has_id = is_whole(table.cells[:, 1], -1)
    return Annotations(
        image_names=names,
        image=np.searchsorted(frames, frame),
        label=label,
        classes=class_names,
        normalized=False,
        sizes=np.full((len(names), 2), info.size, dtype=np.float64),
        kinds=np.full(len(table), Kind.BOX, dtype=np.uint8),
        boxes=table.boxes(2, options),
        ids=[int(n) if whole else None for n, whole in zip(table.cells[:, 1], has_id, strict=True)],
        flags=np.where(table.cells[:, 6] == 0, Flag.IGNORE, 0).astype(np.uint8) if is_truth else None,
        scores=None if is_truth else _scores(table),
        source=str(path),
        split=sequence.split,
        files=[str(sequence.file)] * len(names),
        positions=table.line,
        position_format="line {}",
        report=report,
    )


def _read_classes(sequence: _Sequence, options: ReadOptions) -> tuple[NumberedClasses, range]:
    """Return the classes, of ``labels.txt`` or else of MOT, and the column counts of rows with a class."""
    file = sequence.file.parent / "labels.txt"
    if not places.is_file(file):
        return NumberedClasses(dict(enumerate(_CLASSES, 1))), range(9, 10)
    lines = (line.strip() for line in read_text(file, options).splitlines())
    return NumberedClasses(dict(enumerate(filter(None, lines), 1))), range(9, 1 << 62)


def _labels(
    classes: NumberedClasses, sequence: _Sequence, table: NumberTable, report: Report
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return class indices and names; rows without a class number have one class for all."""
    number = table.cells[:, 7].astype(np.int64)  # -1 without a class
    has_class = number >= 0
    label = np.full(len(number), -1, dtype=np.int64)
    label[has_class], named = classes.labels(number[has_class])
    report.note_at(UNNAMED_CLASS, table.line[has_class][~named], lambda line: f"{sequence.file}: line {line}")
    names = classes.names if has_class.any() else []
    if not has_class.all():
        names = [*names, NO_CLASS] if NO_CLASS not in names else names
        label[~has_class] = names.index(NO_CLASS)
    return label, tuple(names)


def _read_info(sequence: _Sequence, options: ReadOptions, report: Report) -> _SequenceInfo:
    """Return the content of ``seqinfo.ini``; an empty one if the file is missing or cannot be read."""
    from configparser import ConfigParser
    from configparser import Error as ConfigError

    path = sequence.folder / _INFO
    if not places.is_file(path):
        return _SequenceInfo()
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(read_text(path, options))
        values = parser["Sequence"]
        length = int(values.get("seqLength", "0"))
        size = float(values.get("imWidth", "nan")), float(values.get("imHeight", "nan"))
    except (ConfigError, KeyError, ValueError) as error:  # a FormatError is a ValueError
        report.note("unreadable seqinfo.ini ignored", where=f"{path}: {error}"[:500])
        return _SequenceInfo()
    if not 0 <= length <= _LONGEST:
        report.note("invalid seqLength ignored", where=str(path))
        length = 0
    return _SequenceInfo(length, size, values.get("imExt", ""))


def _all_frames(frame: NDArray[np.int64], info: _SequenceInfo) -> NDArray[np.int64]:
    """Return the numbers of all frames: those with rows, and the others up to the sequence's length."""
    numbers = np.unique(frame)
    first = 0 if len(numbers) and numbers[0] == 0 else 1
    return np.union1d(numbers, np.arange(first, first + info.length, dtype=np.int64))


def _is_truth(sequence: _Sequence, table: NumberTable) -> bool:
    """Return whether the seventh column marks ground truth instead of being a confidence."""
    if sequence.role:
        return sequence.role == "gt"
    return bool(len(table)) and bool(((table.counts == 9) & np.isin(table.cells[:, 6], (0, 1))).all())


def _scores(table: NumberTable) -> NDArray[np.float64] | None:
    """Return confidences, NaN for -1; None if no row has one."""
    confidence = table.cells[:, 6]
    if not ((confidence != -1) & np.isfinite(confidence)).any():
        return None
    return np.where(confidence == -1, np.nan, confidence)
