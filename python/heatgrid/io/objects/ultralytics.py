"""Ultralytics: ``Results`` of one image (https://docs.ultralytics.com/reference/engine/results/).

An image's results are boxes, oriented boxes or keypoints; masks come as polygons, in pixels of the image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Polygons, offsets_of
from heatgrid.io.objects.assembly import Geometry, assemble
from heatgrid.io.objects.supervision import quadrilaterals
from heatgrid.io.objects.tensors import as_array, as_coordinates, points_of

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

NAME = "ultralytics"
TITLE = "Ultralytics Results"
SEVERAL = True
TAKES: tuple[str, ...] = ()


def accepts(value: Any) -> bool:
    """Tell whether an object has boxes and the shape of its image, and names of classes."""
    return all(hasattr(value, name) for name in ("boxes", "orig_shape", "names"))


def convert(value: Any, given: Given) -> Annotations:
    """Return the detections of one image, whose size and class names are known."""
    height, width = value.orig_shape
    obb, boxes, keypoints = getattr(value, "obb", None), value.boxes, getattr(value, "keypoints", None)
    found = boxes if obb is None else obb
    path = getattr(value, "path", None)
    if found is None:  # no detection, or the class of a whole image, which has no place in it
        return assemble(NAME, 0, given, Geometry(), size=(width, height), image=path)
    corners = as_coordinates(found.xyxy, "boxes.xyxy", -1, 4)
    polygons = _outlines(getattr(value, "masks", None)) if obb is None else quadrilaterals(obb.xyxyxyxy)
    points = None if keypoints is None or not len(corners) else points_of(keypoints.xy, "keypoints.xy")
    names = value.names
    return assemble(
        NAME,
        len(corners),
        given,
        Geometry(boxes=None if obb is not None else corners, polygons=polygons, points=points),
        class_ids=found.cls,
        known=dict(names) if hasattr(names, "keys") else tuple(names),
        ids=None if found.id is None else as_array(found.id, "boxes.id").astype(np.int64),
        scores=found.conf,
        size=(width, height),
        image=path,
    )


def _outlines(masks: Any) -> Polygons | None:
    """Return the masks' outlines, one ring a mask, as polygons; none of a mask without any pixel."""
    if masks is None:
        return None
    rings = [as_coordinates(ring, "masks.xy", -1, 2) for ring in masks.xy]
    there = [ring for ring in rings if len(ring)]
    coords = np.concatenate(there) if there else np.zeros((0, 2))
    parts = np.arange(len(there) + 1, dtype=np.int64)
    owners = offsets_of([len(ring) > 0 for ring in rings])
    return Polygons(coords, offsets_of(map(len, there)), parts, owners)
