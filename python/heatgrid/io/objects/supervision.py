"""supervision: ``Detections`` and ``KeyPoints``, pixels of one image (https://supervision.roboflow.com)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Points, Polygons
from heatgrid.io.masks import place_bitmap
from heatgrid.io.objects.assembly import Geometry, assemble
from heatgrid.io.objects.bitmaps import masks_of, masks_of_codes
from heatgrid.io.objects.tensors import as_array, as_coordinates, points_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.ragged import Masks
    from heatgrid.io.objects.given import Given
    from heatgrid.io.options import Size

NAME = "supervision"
TITLE = "supervision Detections and KeyPoints"
SEVERAL = True
TAKES: tuple[str, ...] = ()

_SOURCE = "supervision"


def accepts(value: Any) -> bool:
    """Tell whether an object has detections, or keypoints, beside class numbers and further data."""
    has_data = hasattr(value, "class_id") and hasattr(value, "data")
    return has_data and (hasattr(value, "xyxy") or hasattr(value, "xy"))


def convert(value: Any, given: Given) -> Annotations:
    """Return the detections of one image; the size of a mask's image is known."""
    geometry, size = _keypoints(value) if hasattr(value, "xy") else _detections(value)
    scores = getattr(value, "detection_confidence" if hasattr(value, "xy") else "confidence", None)
    data: Mapping[str, Any] = value.data or {}
    return assemble(
        _SOURCE,
        len(value.xy if hasattr(value, "xy") else value.xyxy),
        given,
        geometry,
        names=data.get("class_name"),
        class_ids=value.class_id,
        ids=getattr(value, "tracker_id", None),
        scores=scores,
        size=size if given.size is None else None,
    )


def _detections(value: Any) -> tuple[Geometry, Size | None]:
    """Return boxes, masks and turned boxes, and the size of the masks' image."""
    boxes = as_coordinates(value.xyxy, "xyxy", -1, 4)
    mask, corners = value.mask, (value.data or {}).get("xyxyxyxy")
    polygons = None if corners is None else quadrilaterals(corners)
    if mask is None or not len(mask):
        return Geometry(boxes=boxes, polygons=polygons), None
    height, width = mask.shape[1:]
    geometry = Geometry(boxes=boxes, polygons=polygons, masks=_masks(mask))
    return geometry, (width, height)


def _masks(mask: Any) -> Masks:
    """Return dense masks, or those that are kept as crops of the image, without making these dense."""
    if isinstance(mask, np.ndarray) or not hasattr(mask, "crop"):
        return masks_of(as_array(mask, "mask"))
    height, width = mask.shape[1:]
    places = as_array(mask.offsets, "mask offsets").tolist()
    crops = ((as_array(mask.crop(i), "mask crop") != 0, *place) for i, place in enumerate(places))
    return masks_of_codes([place_bitmap(crop, left, top, (width, height)) for crop, left, top in crops])


def _keypoints(value: Any) -> tuple[Geometry, None]:
    points: Points = points_of(value.xy, "xy", getattr(value, "visible", None))
    return Geometry(points=points), None


def quadrilaterals(corners: Any) -> Polygons:
    """Return (N, 4, 2) corners as polygons."""
    coords = as_coordinates(corners, "xyxyxyxy", -1, 4, 2)
    each = np.arange(len(coords) + 1, dtype=np.int64)
    return Polygons(coords.reshape(-1, 2), each * 4, each, each)
