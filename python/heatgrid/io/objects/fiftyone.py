"""FiftyOne: ``Detections``, ``Polylines`` and ``Keypoints``, divided by their image's size.

They are described at https://docs.voxel51.com/user_guide/using_datasets.html#labels. A detection's mask fills
its box. Where the image's size is not given, it is the one at which a pixel of the mask is a pixel of the
image.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.masks import place_bitmap
from heatgrid.io.objects.assembly import Geometry, assemble
from heatgrid.io.objects.given import UNNAMED
from heatgrid.io.objects.tensors import as_array
from heatgrid.io.shapes import RunLengths, Shape, ShapeColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given
    from heatgrid.io.options import Size

NAME = "fiftyone"
TITLE = "FiftyOne Detections, Polylines and Keypoints"
SEVERAL = True
TAKES: tuple[str, ...] = ()

_LISTS = {"detections": "bounding_box", "polylines": "points", "keypoints": "points"}


def accepts(value: Any) -> bool:
    """Tell whether an object has a list of labels, each with a box or points."""
    return _list_of(value) is not None


def _list_of(value: Any) -> str | None:
    for name, geometry in _LISTS.items():
        listed = getattr(value, name, None)
        if isinstance(listed, (list, tuple)) and all(hasattr(one, geometry) for one in listed):
            return name
    return None


def convert(value: Any, given: Given) -> Annotations:
    """Return the labels of one image."""
    kind = _list_of(value)
    labels = getattr(value, str(kind))
    shape_of = {"detections": _detection, "polylines": _polyline, "keypoints": _keypoint}[str(kind)]
    size = given.size if isinstance(given.size, (tuple, list)) else None
    columns = ShapeColumns()
    for label in labels:
        columns.add(shape_of(label, size))
    geometry = Geometry(
        boxes=columns.boxes(),
        polygons=columns.polygons(),
        masks=columns.masks(column_major=False),
        points=columns.points(),
        lines=columns.lines(),
    )
    scores = [_score(getattr(label, "confidence", None)) for label in labels]
    return assemble(
        NAME,
        len(labels),
        given,
        geometry,
        normalized=True,
        names=[getattr(label, "label", None) or UNNAMED for label in labels],
        ids=[getattr(label, "id", None) for label in labels],
        scores=None if all(map(math.isnan, scores)) else np.array(scores),
    )


def _score(value: Any) -> float:
    """Return a confidence; keypoints have one a point, which is not that of their label."""
    return float(value) if isinstance(value, (int, float)) else math.nan


def _detection(label: Any, size: Size | None) -> Shape:
    x, y, width, height = map(float, label.bounding_box)
    mask = getattr(label, "mask", None)
    placed = None if mask is None else _mask(as_array(mask, "mask") != 0, (x, y, width, height), size)
    return Shape(box=(x, y, x + width, y + height), mask=placed)


def _mask(
    bitmap: NDArray[np.bool_], box: tuple[float, float, float, float], size: Size | None
) -> RunLengths | None:
    """Return a mask that fills a box as one of the whole image; none of a box without extent."""
    x, y, width, height = box
    if not (width > 0 and height > 0 and bitmap.size):
        return None
    rows, columns = bitmap.shape
    image = (round(columns / width), round(rows / height)) if size is None else (int(size[0]), int(size[1]))
    left, top = round(x * image[0]), round(y * image[1])
    wide, high = max(1, round(width * image[0])), max(1, round(height * image[1]))
    if (
        high,
        wide,
    ) != bitmap.shape:  # each pixel of the image takes that of the mask in which its centre lies
        across = ((np.arange(wide) + 0.5) * columns / wide).astype(np.int64)
        down = ((np.arange(high) + 0.5) * rows / high).astype(np.int64)
        bitmap = bitmap[down[:, np.newaxis], across]
    return place_bitmap(np.ascontiguousarray(bitmap), left, top, image)


def _polyline(label: Any, _: Size | None) -> Shape:
    """Return closed or filled paths as parts of a polygon, others as lines."""
    paths = [[(float(x), float(y)) for x, y in path] for path in label.points]
    if getattr(label, "closed", False) or getattr(label, "filled", False):
        return Shape(polygon=[[path] for path in paths])
    return Shape(lines=paths)


def _keypoint(label: Any, _: Size | None) -> Shape:
    """Return the points; one that is not there is not a number."""
    points = [(float(x), float(y)) for x, y in label.points]
    return Shape(points=points, visible=[not (math.isnan(x) or math.isnan(y)) for x, y in points])
