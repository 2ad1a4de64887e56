"""Rows of label files: their tracks, keypoints, kinds and faults, judged by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import Kind, offsets_of
from heatgrid.io.build import TOO_MANY
from heatgrid.io.parse import NEGATIVE
from heatgrid.io.text_rows import Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.io.options import Task

BAD_CLASS = "class is not a whole number from 0 up"
TRACKED = "last number of the row read as the number of a track"
TOO_FEW = "fewer than five columns"
ODD = "odd number of polygon coordinates"
OTHER_SIXTH = "sixth number is neither a confidence nor a track, perhaps an angle"
FAULTS = (BAD_CLASS, TOO_FEW, ODD, TOO_MANY, NEGATIVE, OTHER_SIXTH)

_LARGEST_CLASS = 1 << 31
FAR = 2.0
"""Largest distance from 0 of coordinates that may be normalized."""


def are_poses(rows: Rows, keypoints: tuple[int, int] | None) -> bool:
    """Return whether the rows of so many keypoints have a visibility, 0, 1 or 2, in each third place."""
    if keypoints is None or keypoints[1] != 3:
        return False
    which = np.diff(rows.offsets) == 5 + 3 * keypoints[0]
    visible = numbers_after_class(rows, which, 3 * keypoints[0], skip=4)[:, 2::3]
    return bool(np.isin(visible, (0, 1, 2)).all() and (visible == 2).any())


def are_tracked(rows: Rows, keypoints: tuple[int, int] | None) -> NDArray[np.bool_]:
    """Return which rows end with the number of a track, as those of Ultralytics' trackers do.

    That is a whole number above 1 after coordinates near [0, 1]; a 1 could be a coordinate, so that it is a
    track only if another row's last number must be, or if all rows of seven columns, which would be
    triangles, end with it.
    """
    columns = np.diff(rows.offsets)
    last = rows.values[rows.offsets[1:] - 1]
    is_whole: NDArray[np.bool_] = (
        (columns >= 6) & (last >= 1) & (last < _LARGEST_CLASS) & (last == np.floor(last))
    )
    if keypoints is not None and keypoints[1] == 3:
        is_whole &= columns != 5 + 3 * keypoints[0]  # the last number is a visibility
    index = np.flatnonzero(is_whole)
    if not len(index):
        return is_whole
    found = rows.take(index)
    found.values[found.offsets[:-1]] = found.values[found.offsets[1:] - 1] = 0.0  # coordinates remain
    with np.errstate(invalid="ignore"):
        is_whole[index] = np.maximum.reduceat(np.abs(found.values), found.offsets[:-1]) <= FAR
    is_seven = is_whole & (columns == 7)
    is_certain: NDArray[np.bool_] = is_whole & (last > 1)
    if is_certain.any() and is_whole[columns >= 6].all():
        return is_whole
    if is_seven[columns == 7].all():
        is_certain |= is_seven
    return is_certain


def split_tracks(rows: Rows, is_tracked: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.float64]]:
    """Return the rows without their tracks, and the number of each row's track, 0 without one."""
    ends = rows.offsets[1:] - 1
    tracks = np.where(is_tracked, rows.values[ends], 0.0)
    if not is_tracked.any():
        return rows, tracks
    values = np.delete(rows.values, ends[is_tracked])
    return Rows(values, offsets_of(np.diff(rows.offsets) - is_tracked), rows.file, rows.line), tracks


def kinds_of(
    columns: NDArray[np.int64],
    is_tracked: NDArray[np.bool_],
    keypoints: tuple[int, int] | None,
    task: Task | None,
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the `Kind` bits of rows with so many columns, and whether the last one is a confidence."""
    is_pose = np.zeros(len(columns), dtype=bool)
    has_score = columns == 6
    if keypoints is not None and task in (None, "detect", "pose"):
        extra = columns - 5 - keypoints[0] * keypoints[1]
        is_pose = (extra == 0) | (extra == 1)
        has_score = np.where(is_pose, extra == 1, has_score)
    if task == "obb":
        has_score |= columns == 10
    has_score |= is_tracked & (columns > 6) & (columns % 2 == 0) & ~is_pose
    is_box = is_pose | (columns == 5) | (columns == 6)
    kinds = is_box * np.uint8(Kind.BOX) | is_pose * np.uint8(Kind.POINT)
    return kinds | (~is_box & (columns >= 5)) * np.uint8(Kind.POLYGON), has_score


def guess_keypoints(columns: NDArray[np.int64]) -> tuple[int, int] | None:
    """Return the shape of keypoints that fits the most frequent number of columns."""
    extra = columns[columns > 6] - 5
    if not len(extra):
        return None
    most = int(np.bincount(extra).argmax())
    return next(((most // size, size) for size in (3, 2) if most % size == 0), None)


def find_faults(
    rows: Rows, kinds: NDArray[np.uint8], has_score: NDArray[np.bool_], max_vertices: int
) -> NDArray[np.int64]:
    """Return 1 + the index in `FAULTS` of the first fault of each row, 0 if it is valid."""
    columns = np.diff(rows.offsets)
    number = rows.values[rows.offsets[:-1]]
    is_class = (number >= 0) & (number < _LARGEST_CLASS) & (number == np.floor(number))
    last = rows.values[rows.offsets[1:] - 1]
    is_six = (columns == 6) & has_score
    is_angle = is_six & ((last < 0) | (last > 1))
    if 2 * np.count_nonzero(is_angle) > np.count_nonzero(is_six):
        is_angle = is_six
    is_negative = has(kinds, Kind.BOX)
    sides = numbers_after_class(rows, is_negative, 4)[:, 2:]
    is_negative[is_negative] = (sides[:, 0] < 0) | (sides[:, 1] < 0)
    conditions = (
        ~is_class,
        columns < 5,
        has(kinds, Kind.POLYGON) & ((columns - has_score) % 2 == 0),
        columns > 2 * max_vertices + 2,
        is_negative,
        is_angle,
    )
    faults = np.zeros(len(rows), dtype=np.int64)
    for code in range(len(conditions), 0, -1):
        faults[conditions[code - 1]] = code
    return faults


def has(kinds: NDArray[np.uint8], kind: Kind) -> NDArray[np.bool_]:
    """Return which rows have a kind of geometry."""
    return np.asarray((kinds & np.uint8(kind)) != 0)


def numbers_after_class(
    rows: Rows, which: NDArray[np.bool_], count: int, skip: int = 0
) -> NDArray[np.float64]:
    """Return ``count`` numbers of some rows, ``skip`` numbers after the class."""
    width = int(rows.offsets[1]) if len(rows) else 0
    if width > skip + count and which.all() and (np.diff(rows.offsets) == width).all():  # a table
        table: NDArray[np.float64] = rows.values[rows.offsets[0] : rows.offsets[-1]].reshape(-1, width)
        return table[:, skip + 1 : skip + 1 + count]
    begins = rows.offsets[:-1][which] + 1 + skip
    numbers: NDArray[np.float64] = rows.values[begins[:, np.newaxis] + np.arange(count)]
    return numbers
