"""Geometry of label rows: boxes, polygons and keypoints as columns, and confidences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import Kind, Points, Polygons, offsets_of
from heatgrid.io.formats.yolo.rows import has, numbers_after_class

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.io.text_rows import Rows


def boxes_of(rows: Rows, kinds: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Return the corners of boxes from their centres and sizes."""
    is_box = has(kinds, Kind.BOX)
    if not is_box.any():
        return None
    xywh = numbers_after_class(rows, is_box, 4)
    found = np.empty((len(xywh), 4))
    with np.errstate(invalid="ignore", over="ignore"):
        for axis in (0, 1):  # column by column, as numpy is slow along short rows
            half = xywh[:, axis + 2] / 2
            np.subtract(xywh[:, axis], half, out=found[:, axis])
            np.add(xywh[:, axis], half, out=found[:, axis + 2])
    if len(found) == len(rows):
        return found
    corners = np.full((len(rows), 4), np.nan)
    corners[is_box] = found
    return corners


def polygons_of(rows: Rows, kinds: NDArray[np.uint8], has_score: NDArray[np.bool_]) -> Polygons | None:
    """Return polygons of one ring."""
    is_polygon = has(kinds, Kind.POLYGON)
    if not is_polygon.any():
        return None
    columns = np.diff(rows.offsets)
    is_coordinate = np.repeat(is_polygon, columns)
    is_coordinate[rows.offsets[:-1]] = False
    is_coordinate[rows.offsets[1:][has_score] - 1] = False
    counts = (columns - 1 - has_score)[is_polygon]
    return Polygons(
        rows.values[is_coordinate].reshape(-1, 2),
        offsets_of(counts // 2),
        np.arange(len(counts) + 1, dtype=np.int64),
        offsets_of(is_polygon.astype(np.int64)),
    )


def points_of(rows: Rows, kinds: NDArray[np.uint8], keypoints: tuple[int, int] | None) -> Points | None:
    """Return the keypoints; without visibilities, (0, 0) means absent."""
    is_pose = has(kinds, Kind.POINT)
    if keypoints is None or not is_pose.any():
        return None
    count, size = keypoints
    numbers = numbers_after_class(rows, is_pose, count * size, skip=4).reshape(-1, size)
    visible = numbers[:, 2] > 0 if size == 3 else (numbers != 0).any(axis=1)
    return Points(np.ascontiguousarray(numbers[:, :2]), offsets_of(is_pose * np.int64(count)), visible)


def scores_of(rows: Rows, has_score: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Return the confidences; None if there are none, or if they are evidently track numbers."""
    last = rows.values[rows.offsets[1:] - 1]
    if not has_score.any() or (last[has_score] > 1).any():
        return None
    return np.where(has_score, last, np.nan)
