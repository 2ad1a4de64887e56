"""FiftyOne's labels of one sample: ``Detections``, ``Polylines`` and ``Keypoints``.

They are normalized, and a detection's mask fills its box; see
https://docs.voxel51.com/user_guide/using_datasets.html#labels.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.io.objects.batch import Overrides, as_array, make_batch
from heatgrid.io.shapes import RunLengths, Shape, ShapeColumns, place_bitmap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import Size

    Box = tuple[float, float, float, float]

_GEOMETRY = {"detections": "bounding_box", "polylines": "points", "keypoints": "points"}


def is_fiftyone(value: Any) -> bool:
    """Return whether an object has a list of labels, each with a box or points."""
    return _kind_of(value) is not None


def _kind_of(value: Any) -> str | None:
    for name, geometry in _GEOMETRY.items():
        listed = getattr(value, name, None)
        if isinstance(listed, (list, tuple)) and all(
            isinstance(getattr(one, geometry, None), (list, tuple)) for one in listed
        ):
            return name
    return None


def from_fiftyone(value: Any, overrides: Overrides) -> Annotations:
    """Return the labels of one image; without its size, a pixel of a mask is a pixel of the image."""
    kind = str(_kind_of(value))
    labels = getattr(value, kind)
    shape_of = {"detections": _detection, "polylines": _polyline, "keypoints": _keypoint}[kind]
    size = overrides.size if isinstance(overrides.size, (tuple, list)) else None
    columns = ShapeColumns()
    for label in labels:
        columns.add(shape_of(label, size))
    scores = scores_of([getattr(label, "confidence", None) for label in labels])
    return make_batch(
        "fiftyone",
        len(labels),
        overrides,
        columns.columns(column_major=False),
        normalized=True,
        names=[getattr(label, "label", None) or NO_CLASS for label in labels],
        ids=[getattr(label, "id", None) for label in labels],
        scores=scores,
    )


def _detection(label: Any, size: Size | None) -> Shape:
    x, y, width, height = map(float, label.bounding_box)
    mask = getattr(label, "mask", None)
    placed = None if mask is None else box_mask(as_array(mask, "mask") != 0, (x, y, width, height), size)
    return Shape(box=(x, y, x + width, y + height), mask=placed)


def _polyline(label: Any, _: Size | None) -> Shape:
    is_area = getattr(label, "closed", False) or getattr(label, "filled", False)
    return path_shape(label.points, is_area=is_area)


def _keypoint(label: Any, _: Size | None) -> Shape:
    return point_shape(label.points)


def box_mask(bitmap: NDArray[np.bool_], box: Box, size: Size | None) -> RunLengths | None:
    """Return a mask that fills a box as a mask of the whole image; None for a box without extent."""
    x, y, width, height = box
    if not (width > 0 and height > 0 and bitmap.size):
        return None
    rows, columns = bitmap.shape
    image = (round(columns / width), round(rows / height)) if size is None else (int(size[0]), int(size[1]))
    left, top = round(x * image[0]), round(y * image[1])
    wide, high = max(1, round(width * image[0])), max(1, round(height * image[1]))
    if (high, wide) != bitmap.shape:  # each pixel takes the value of the mask at its center
        across = ((np.arange(wide) + 0.5) * columns / wide).astype(np.int64)
        down = ((np.arange(high) + 0.5) * rows / high).astype(np.int64)
        bitmap = bitmap[down[:, np.newaxis], across]
    return place_bitmap(np.ascontiguousarray(bitmap), left, top, image)


def path_shape(points: Any, *, is_area: bool) -> Shape:
    """Return closed or filled paths as parts of a polygon, others as lines."""
    paths = [[(float(x), float(y)) for x, y in path] for path in points]
    return Shape(polygon=[[path] for path in paths]) if is_area else Shape(lines=paths)


def point_shape(points: Any) -> Shape:
    """Return points; missing ones are NaN."""
    found = [(float(x), float(y)) for x, y in points]
    return Shape(points=found, visible=[not (math.isnan(x) or math.isnan(y)) for x, y in found])


def scores_of(values: Sequence[Any]) -> NDArray[np.float64] | None:
    """Return confidences, None if there are none; keypoints have a list of them, which is no score."""
    scores = [float(value) if isinstance(value, (int, float)) else math.nan for value in values]
    return None if all(map(math.isnan, scores)) else np.array(scores)
