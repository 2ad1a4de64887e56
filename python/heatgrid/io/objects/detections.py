"""Detections and data sets of vision libraries: supervision, Ultralytics, torchvision, pycocotools.

- supervision's ``Detections`` and ``KeyPoints`` hold pixels of one image (https://supervision.roboflow.com).
- Ultralytics' ``Results`` hold the boxes, oriented boxes or keypoints of one image; masks are polygons
  (https://docs.ultralytics.com/reference/engine/results/).
- torchvision and Transformers return dicts of boxes, labels, scores and soft masks, set from 0.5
  (https://docs.pytorch.org/vision/stable/models.html#object-detection).
- pycocotools' ``COCO`` holds the tables of a COCO file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import as_boxes
from heatgrid.core.ragged import Masks, Polygons, offsets_of
from heatgrid.core.report import Report
from heatgrid.io.formats.coco.batch import build_batch
from heatgrid.io.images import ImageSizes
from heatgrid.io.objects.batch import (
    Overrides,
    as_array,
    as_coordinates,
    make_batch,
    points_of,
    quadrilaterals,
)
from heatgrid.io.objects.predictions import corners_and_size, is_bounding_boxes
from heatgrid.io.options import ReadOptions, Size
from heatgrid.io.shapes import GeometryColumns, masks_of, place_bitmap

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations


# supervision


def is_supervision(value: Any) -> bool:
    """Return whether an object has boxes or keypoints, class numbers and further data."""
    has_data = hasattr(value, "class_id") and hasattr(value, "data")
    return has_data and (hasattr(value, "xyxy") or hasattr(value, "xy"))


def from_supervision(value: Any, overrides: Overrides) -> Annotations:
    """Return the detections of one image; masks have its size."""
    data: Mapping[str, Any] = value.data or {}
    size: Size | None = None
    if hasattr(value, "xy"):
        count, scores = len(value.xy), getattr(value, "detection_confidence", None)
        geometry: GeometryColumns = {"points": points_of(value.xy, "xy", getattr(value, "visible", None))}
    else:
        count, scores = len(value.xyxy), getattr(value, "confidence", None)
        masks, corners = value.mask, data.get("xyxyxyxy")
        if masks is not None and len(masks):
            size = masks.shape[:0:-1]
        geometry = {
            "boxes": as_coordinates(value.xyxy, "xyxy", -1, 4),
            "polygons": None if corners is None else quadrilaterals(corners),
            "masks": None if size is None else _supervision_masks(masks),
        }
    return make_batch(
        "supervision",
        count,
        overrides,
        geometry,
        names=data.get("class_name"),
        class_ids=value.class_id,
        ids=getattr(value, "tracker_id", None),
        scores=scores,
        size=size if overrides.size is None else None,
    )


def _supervision_masks(mask: Any) -> Masks:
    """Return dense masks, or masks stored as crops of the image."""
    if isinstance(mask, np.ndarray) or not hasattr(mask, "crop"):
        return Masks.of_bitmaps(as_array(mask, "mask"))
    height, width = mask.shape[1:]
    corners = as_array(mask.offsets, "mask offsets").tolist()
    crops = ((as_array(mask.crop(i), "mask crop") != 0, *corner) for i, corner in enumerate(corners))
    return masks_of(
        [place_bitmap(crop, left, top, (width, height)) for crop, left, top in crops], column_major=False
    )


# Ultralytics


def is_ultralytics(value: Any) -> bool:
    """Return whether an object has boxes, the shape of its image and class names."""
    return all(hasattr(value, name) for name in ("boxes", "orig_shape", "names"))


def from_ultralytics(value: Any, overrides: Overrides) -> Annotations:
    """Return the detections of one image, whose size and class names are known."""
    height, width = value.orig_shape
    obb, boxes, keypoints = getattr(value, "obb", None), value.boxes, getattr(value, "keypoints", None)
    found = boxes if obb is None else obb
    path = getattr(value, "path", None)
    if found is None:  # no detections, or a class of the whole image
        return make_batch("ultralytics", 0, overrides, {}, size=(width, height), image=path)
    corners = as_coordinates(found.xyxy, "boxes.xyxy", -1, 4)
    outlines = _outlines(getattr(value, "masks", None)) if obb is None else quadrilaterals(obb.xyxyxyxy)
    points = None if keypoints is None or not len(corners) else points_of(keypoints.xy, "keypoints.xy")
    names = value.names
    return make_batch(
        "ultralytics",
        len(corners),
        overrides,
        {"boxes": None if obb is not None else corners, "polygons": outlines, "points": points},
        class_ids=found.cls,
        known=dict(names) if hasattr(names, "keys") else tuple(names),
        ids=None if found.id is None else as_array(found.id, "boxes.id").astype(np.int64),
        scores=found.conf,
        size=(width, height),
        image=path,
    )


def _outlines(masks: Any) -> Polygons | None:
    """Return the outlines of masks, one ring per mask; none for empty masks."""
    if masks is None:
        return None
    rings = [as_coordinates(ring, "masks.xy", -1, 2) for ring in masks.xy]
    filled = [ring for ring in rings if len(ring)]
    coords = np.concatenate(filled) if filled else np.zeros((0, 2))
    parts = np.arange(len(filled) + 1, dtype=np.int64)
    return Polygons(
        coords, offsets_of(map(len, filled)), parts, offsets_of([len(ring) > 0 for ring in rings])
    )


# torchvision


def is_torchvision(value: Any) -> bool:
    """Return whether an object is a dict of boxes and labels."""
    return isinstance(value, Mapping) and "boxes" in value and "labels" in value


def from_torchvision(value: Any, overrides: Overrides) -> Annotations:
    """Return the detections of one image, in pixels; masks have its size."""
    masks, size = _torchvision_masks(value.get("masks"))
    boxes = value["boxes"]
    if is_bounding_boxes(boxes):
        boxes, size = corners_and_size(boxes)
    else:
        boxes = as_coordinates(boxes, "boxes", -1, 4)
        boxes = boxes if overrides.box is None else as_boxes(boxes, overrides.box)
    labels = value.get("text_labels") or value["labels"]  # of open vocabularies
    named = isinstance(labels, (list, tuple)) and any(isinstance(label, str) for label in labels)
    return make_batch(
        "torchvision",
        len(boxes),
        overrides,
        {"boxes": boxes, "masks": masks},
        names=labels if named else None,
        class_ids=None if named else labels,
        scores=value.get("scores"),
        size=size if overrides.size is None else None,
    )


def _torchvision_masks(value: Any) -> tuple[Masks | None, Size | None]:
    """Return masks and the size of their image."""
    if value is None:
        return None, None
    masks = as_array(value, "masks")
    if masks.ndim == 4 and masks.shape[1] == 1:
        masks = masks[:, 0]
    if masks.ndim != 3:
        raise ValueError(f"masks must have shape (N, h, w) or (N, 1, h, w), got {masks.shape}")
    if not len(masks):
        return None, None
    height, width = masks.shape[1:]
    return Masks.of_bitmaps(np.asarray(masks >= 0.5 if masks.dtype.kind == "f" else masks != 0)), (
        width,
        height,
    )


# pycocotools

_TABLES = ("images", "annotations", "categories")


def is_coco(value: Any) -> bool:
    """Return whether an object has COCO's three tables."""
    if isinstance(value, Mapping):
        return "images" in value and "annotations" in value
    return all(isinstance(getattr(value, name, None), Mapping) for name in ("anns", "imgs", "cats"))


def from_coco(value: Any, overrides: Overrides) -> Annotations:
    """Return the annotations of all images, as those of a COCO file."""
    if overrides.labels is not None or overrides.images is not None:
        raise TypeError("labels and images must not be given with COCO's tables, which have their own")
    if isinstance(value, Mapping):
        images, annotations, categories = (list(value.get(name) or []) for name in _TABLES)
    else:
        images, annotations, categories = (list(t.values()) for t in (value.imgs, value.anns, value.cats))
    options = ReadOptions(size=overrides.size)
    batch = build_batch(
        images,
        annotations,
        np.arange(len(annotations)),
        categories,
        path=Path("coco"),
        options=options,
        report=Report(),
    )
    return replace(batch, sizes=ImageSizes(options).complete(batch))
