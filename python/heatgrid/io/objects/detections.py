"""Detections and data sets of vision libraries: supervision, Ultralytics, torchvision, FiftyOne, pycocotools.

- supervision's ``Detections`` and ``KeyPoints`` hold pixels of one image (https://supervision.roboflow.com).
- Ultralytics' ``Results`` hold the boxes, oriented boxes or keypoints of one image; masks are polygons
  (https://docs.ultralytics.com/reference/engine/results/).
- torchvision and Transformers return dicts of boxes, labels, scores and soft masks, set from 0.5
  (https://docs.pytorch.org/vision/stable/models.html#object-detection).
- FiftyOne's ``Detections``, ``Polylines`` and ``Keypoints`` are normalized
  (https://docs.voxel51.com/user_guide/using_datasets.html#labels); a detection's mask fills its box.
- pycocotools' ``COCO`` holds the tables of a COCO file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import as_boxes
from heatgrid.core.class_grids import NO_CLASS
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
from heatgrid.io.shapes import GeometryColumns, RunLengths, Shape, ShapeColumns, masks_of, place_bitmap

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        boxes = as_boxes(as_coordinates(boxes, "boxes", -1, 4), overrides.box or "xyxy")
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


# FiftyOne

_FIFTYONE = {"detections": "bounding_box", "polylines": "points", "keypoints": "points"}


def is_fiftyone(value: Any) -> bool:
    """Return whether an object has a list of labels, each with a box or points."""
    return _fiftyone_kind(value) is not None


def _fiftyone_kind(value: Any) -> str | None:
    for name, geometry in _FIFTYONE.items():
        listed = getattr(value, name, None)
        held = (
            [getattr(one, geometry, None) for one in listed] if isinstance(listed, (list, tuple)) else [None]
        )
        if all(isinstance(one, (list, tuple)) for one in held):
            return name
    return None


def from_fiftyone(value: Any, overrides: Overrides) -> Annotations:
    """Return the labels of one image; without its size, a pixel of a mask is a pixel of the image."""
    kind = str(_fiftyone_kind(value))
    labels = getattr(value, kind)
    shape_of = {"detections": _detection, "polylines": _polyline, "keypoints": _keypoint}[kind]
    size = overrides.size if isinstance(overrides.size, (tuple, list)) else None
    columns = ShapeColumns()
    for label in labels:
        columns.add(shape_of(label, size))
    confidences = [getattr(label, "confidence", None) for label in labels]  # keypoints have one per point
    scores = [float(value) if isinstance(value, (int, float)) else math.nan for value in confidences]
    return make_batch(
        "fiftyone",
        len(labels),
        overrides,
        columns.columns(column_major=False),
        normalized=True,
        names=[getattr(label, "label", None) or NO_CLASS for label in labels],
        ids=[getattr(label, "id", None) for label in labels],
        scores=None if all(map(math.isnan, scores)) else np.array(scores),
    )


def _detection(label: Any, size: Size | None) -> Shape:
    x, y, width, height = map(float, label.bounding_box)
    mask = getattr(label, "mask", None)
    placed = None if mask is None else _box_mask(as_array(mask, "mask") != 0, (x, y, width, height), size)
    return Shape(box=(x, y, x + width, y + height), mask=placed)


def _box_mask(
    bitmap: NDArray[np.bool_], box: tuple[float, float, float, float], size: Size | None
) -> RunLengths | None:
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


def _polyline(label: Any, _: Size | None) -> Shape:
    """Return closed or filled paths as parts of a polygon, others as lines."""
    paths = [[(float(x), float(y)) for x, y in path] for path in label.points]
    if getattr(label, "closed", False) or getattr(label, "filled", False):
        return Shape(polygon=[[path] for path in paths])
    return Shape(lines=paths)


def _keypoint(label: Any, _: Size | None) -> Shape:
    """Return points; missing ones are NaN."""
    points = [(float(x), float(y)) for x, y in label.points]
    return Shape(points=points, visible=[not (math.isnan(x) or math.isnan(y)) for x, y in points])


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
