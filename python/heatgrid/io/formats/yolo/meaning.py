"""What YOLO rows are: boxes, polygons, oriented boxes or poses, each judged by its own column count.

After a class number come ``x y w h`` (centre and size; a fifth number is a confidence), or the corners of a
polygon, or ``x y w h`` and keypoints; see https://docs.ultralytics.com/datasets/. Nine columns are a polygon
of four corners or an oriented box: the same four corners in either case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import Kind, Points, Polygons, offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.io.number_rows import Rows
    from heatgrid.io.options import Task

BAD_CLASS = "class is not a whole number from 0 up"
TOO_FEW = "fewer than five columns"
ODD = "odd number of polygon coordinates"
NEGATIVE = "negative width or height"
TOO_MANY = "more vertices than max_vertices"
FAULTS = (BAD_CLASS, TOO_FEW, ODD, TOO_MANY, NEGATIVE)

_LARGEST_CLASS = 1 << 31


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """What each of N rows is.

    Attributes
    ----------
    box, polygon, pose
        (N,) bool; a pose is a box with keypoints, so ``box`` is true of it too.
    scored
        (N,) bool, whether the last column is a confidence.
    fault
        (N,) int64, 0, or 1 + the index of what is wrong in `FAULTS`.
    keypoints
        Keypoints a pose, and 2 or 3 numbers a keypoint.
    """

    box: NDArray[np.bool_]
    polygon: NDArray[np.bool_]
    pose: NDArray[np.bool_]
    scored: NDArray[np.bool_]
    fault: NDArray[np.int64]
    keypoints: tuple[int, int]

    def take(self, index: NDArray[np.int64]) -> Meaning:
        """Return the meaning of the rows with these numbers."""
        columns = (self.box, self.polygon, self.pose, self.scored)
        box, polygon, pose, scored = (column[index] for column in columns)
        return Meaning(box, polygon, pose, scored, self.fault[index], self.keypoints)


def judge(rows: Rows, keypoints: tuple[int, int] | None, task: Task | None, max_vertices: int) -> Meaning:
    """Judge each row by its column count, and by the task where that leaves it open."""
    columns = np.diff(rows.offsets)
    pose = np.zeros(len(rows), dtype=bool)
    if task == "pose" and keypoints is None:
        keypoints = _keypoints(columns)
    scored = columns == 6
    if keypoints is not None and task in (None, "detect", "pose"):
        beyond = columns - 5 - keypoints[0] * keypoints[1]
        pose = (beyond == 0) | (beyond == 1)
        scored = np.where(pose, beyond == 1, scored)
    box = pose | (columns == 5) | (columns == 6)
    polygon = ~box & (columns >= 5)
    if task == "obb":
        scored |= columns == 10
    number = rows.values[rows.offsets[:-1]]
    whole = (number >= 0) & (number < _LARGEST_CLASS) & (number == np.floor(number))
    negative = box.copy()
    negative[box] = (_after_class(rows, box, 4)[:, 2:] < 0).any(axis=1)
    faults = (
        ~whole,
        columns < 5,
        polygon & ((columns - scored) % 2 == 0),
        columns > 2 * max_vertices + 2,
        negative,
    )
    fault = np.zeros(len(rows), dtype=np.int64)
    for code in range(len(faults), 0, -1):
        fault[faults[code - 1]] = code
    return Meaning(box, polygon, pose, scored, fault, keypoints or (0, 0))


def _keypoints(columns: NDArray[np.int64]) -> tuple[int, int] | None:
    """Guess, for a data set that is said to hold poses, the shape that its most frequent row can have."""
    extra = columns[columns > 6] - 5
    if not len(extra):
        return None
    most = int(np.bincount(extra).argmax())
    return next(((most // size, size) for size in (3, 2) if most % size == 0), None)


def _after_class(rows: Rows, which: NDArray[np.bool_], count: int, skip: int = 0) -> NDArray[np.float64]:
    """Return ``count`` numbers of each of some rows, from ``skip`` places after the class."""
    begins = rows.offsets[:-1][which] + 1 + skip
    numbers: NDArray[np.float64] = rows.values[begins[:, np.newaxis] + np.arange(count)]
    return numbers


def boxes(rows: Rows, meaning: Meaning) -> NDArray[np.float64] | None:
    """Return the corners: the centre minus and plus half the size."""
    if not meaning.box.any():
        return None
    xywh = _after_class(rows, meaning.box, 4)
    half = xywh[:, 2:] / 2
    corners = np.full((len(rows), 4), np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        corners[meaning.box] = np.concatenate([xywh[:, :2] - half, xywh[:, :2] + half], axis=1)
    return corners


def polygons(rows: Rows, meaning: Meaning) -> Polygons | None:
    """Return each polygon row as one part of one ring."""
    if not meaning.polygon.any():
        return None
    columns = np.diff(rows.offsets)
    coordinate = np.repeat(meaning.polygon, columns)
    coordinate[rows.offsets[:-1]] = False
    coordinate[rows.offsets[1:][meaning.scored] - 1] = False
    counts = (columns - 1 - meaning.scored)[meaning.polygon]
    return Polygons(
        rows.values[coordinate].reshape(-1, 2),
        offsets_of(counts // 2),
        np.arange(len(counts) + 1, dtype=np.int64),
        offsets_of(meaning.polygon.astype(np.int64)),
    )


def points(rows: Rows, meaning: Meaning) -> Points | None:
    """Return the keypoints; without a visibility, (0, 0) stands for one that is absent."""
    if not meaning.pose.any():
        return None
    count, size = meaning.keypoints
    numbers = _after_class(rows, meaning.pose, count * size, skip=4).reshape(-1, size)
    visible = numbers[:, 2] > 0 if size == 3 else (numbers != 0).any(axis=1)
    return Points(np.ascontiguousarray(numbers[:, :2]), offsets_of(meaning.pose * np.int64(count)), visible)


def scores(rows: Rows, meaning: Meaning) -> NDArray[np.float64] | None:
    """Return the confidences; None where there are none, or where they are evidently track numbers."""
    last = rows.values[rows.offsets[1:] - 1]
    if not meaning.scored.any() or (last[meaning.scored] > 1).any():
        return None
    return np.where(meaning.scored, last, np.nan)


def kinds(meaning: Meaning) -> NDArray[np.uint8]:
    """Return the `Kind` bits of each row."""
    bits = meaning.box * np.uint8(Kind.BOX)
    bits |= meaning.polygon * np.uint8(Kind.POLYGON)
    bits |= meaning.pose * np.uint8(Kind.POINT)
    return bits
