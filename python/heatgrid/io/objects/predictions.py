"""Predictions of Transformers (segments), Detectron2, MMDetection, SAHI, MediaPipe, and torchvision's boxes.

- Transformers' ``post_process_instance_segmentation`` and ``post_process_panoptic_segmentation`` return dicts
  of a label image and its segments; -1 is no segment
  (https://huggingface.co/docs/transformers/main_classes/image_processor).
- Detectron2's ``Instances`` hold the boxes, masks or keypoints of one image, predicted or true
  (https://detectron2.readthedocs.io/en/latest/tutorials/models.html#model-output-format).
- MMDetection's ``DetDataSample`` holds ``pred_instances`` in pixels of the original image, or
  ``gt_instances`` in pixels of the transformed one
  (https://mmdetection.readthedocs.io/en/latest/advanced_guides/structures.html).
- SAHI's ``PredictionResult`` is a list of ``ObjectPrediction``; those of a slice have the slice's place
  (https://github.com/obss/sahi/blob/main/docs/predict.md).
- MediaPipe's ``DetectionResult`` has boxes in pixels and normalized keypoints
  (https://ai.google.dev/edge/mediapipe/solutions/vision/object_detector/python).
- torchvision's ``BoundingBoxes`` are a tensor that knows its format and the size of the image
  (https://docs.pytorch.org/vision/stable/generated/torchvision.tv_tensors.BoundingBoxes.html).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from heatgrid.core.arguments import as_boxes
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Masks, Points, Polygons
from heatgrid.io.objects.batch import Overrides, as_array, as_coordinates, make_batch
from heatgrid.io.parse import box_from_size
from heatgrid.io.shapes import GeometryColumns, Shape, ShapeColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.spec import BoxFormat
    from heatgrid.io.options import Size

    Boxes = NDArray[np.float64]

_FORMATS = ("xyxy", "xywh", "cxcywh")


# torchvision's boxes


def is_bounding_boxes(value: Any) -> bool:
    """Return whether an object has a format of boxes and the size of their canvas."""
    return hasattr(value, "canvas_size") and hasattr(value, "format")


def from_bounding_boxes(value: Any, overrides: Overrides) -> Annotations:
    """Return the boxes of one image."""
    boxes, size = corners_and_size(value)
    own = size if overrides.size is None else None
    return make_batch("torchvision", len(boxes), overrides, {"boxes": boxes}, size=own)


def corners_and_size(value: Any) -> tuple[Boxes, Size]:
    """Return the corners of torchvision's boxes and the size of their image."""
    name = str(getattr(value.format, "value", value.format)).lower()
    if name not in _FORMATS:
        raise ValueError(f"format of boxes must be one of {', '.join(_FORMATS)}, got {name}")
    height, width = value.canvas_size
    return as_boxes(as_coordinates(value, "boxes", -1, 4), cast("BoxFormat", name)), (width, height)


# Segments of Transformers


def is_segments(value: Any) -> bool:
    """Return whether an object is a dict of a segmentation and its segments."""
    return isinstance(value, Mapping) and "segmentation" in value and "segments_info" in value


def from_segments(value: Any, overrides: Overrides) -> Annotations:
    """Return the segments of one image, whose size is that of the segmentation."""
    infos = list(value["segments_info"] or ())
    if isinstance(value["segmentation"], (list, tuple)):
        raise TypeError(
            "segmentation must be an array, got a list of run-length codes without a size: "
            "post-process without return_coco_annotation"
        )
    if value["segmentation"] is None:
        return make_batch("transformers", 0, overrides, {})
    numbers = as_array(value["segmentation"], "segmentation")
    masks = (
        Masks.of_bitmaps(numbers == info["id"] for info in infos) if numbers.ndim == 2 else _bitmaps(numbers)
    )
    if len(masks) != len(infos):
        raise ValueError(f"segments_info has {len(infos)} segments, but segmentation {len(masks)}")
    height, width = numbers.shape[-2:]
    scores = [info.get("score") for info in infos]
    return make_batch(
        "transformers",
        len(infos),
        overrides,
        {"masks": masks},
        class_ids=np.array([_class_of(info) for info in infos], dtype=np.int64),
        scores=None if not infos or None in scores else scores,
        size=(width, height) if overrides.size is None else None,
    )


def _class_of(info: Mapping[str, Any]) -> int:
    number = info.get("label_id", info.get("category_id"))
    if number is None:
        raise ValueError("segments_info must have a label_id per segment")
    return int(number)


# Detectron2


def _instances(value: Any) -> Any:
    """Return Detectron2's instances, which predictors return in a dict."""
    return value.get("instances") if isinstance(value, Mapping) else value


def is_detectron2(value: Any) -> bool:
    """Return whether an object, or an entry of a dict, has the fields of instances and their image's size."""
    found = _instances(value)
    return hasattr(found, "image_size") and callable(getattr(found, "get_fields", None))


def from_detectron2(value: Any, overrides: Overrides) -> Annotations:
    """Return the instances of one image, whose size is known."""
    found = _instances(value)
    height, width = found.image_size
    fields = found.get_fields()
    kind = "pred" if any(name.startswith("pred_") for name in fields) else "gt"
    boxes, masks, joints = (fields.get(f"{kind}_{name}") for name in ("boxes", "masks", "keypoints"))
    geometry: GeometryColumns = {}
    if boxes is not None:
        corners = as_array(getattr(boxes, "tensor", boxes), "boxes")
        if corners.ndim == 2 and corners.shape[1] == 5:
            geometry["polygons"] = _rotated(corners.astype(np.float64))
        else:
            geometry["boxes"] = as_coordinates(corners, "boxes", -1, 4)
    geometry |= _masks(getattr(masks, "tensor", masks))
    if joints is not None:
        geometry["points"] = _joints(getattr(joints, "tensor", joints), by_score=kind == "pred")
    return make_batch(
        "Detectron2",
        len(found),
        overrides,
        geometry,
        class_ids=fields.get(f"{kind}_classes"),
        scores=fields.get("scores"),
        size=(width, height),
    )


def _rotated(boxes: Boxes) -> Polygons:
    """Return boxes of center, size and counterclockwise degrees as polygons."""
    x, y, width, height, degrees = boxes.T
    angle = np.radians(degrees)
    across = np.stack([np.cos(angle), -np.sin(angle)], axis=1) * width[:, np.newaxis] / 2
    down = np.stack([np.sin(angle), np.cos(angle)], axis=1) * height[:, np.newaxis] / 2
    center = np.stack([x, y], axis=1)
    corners = [center + s * across + t * down for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    each = np.arange(len(boxes) + 1, dtype=np.int64)
    return Polygons(np.stack(corners, axis=1).reshape(-1, 2), each * 4, each, each)


def _masks(value: Any) -> GeometryColumns:
    """Return bitmaps as masks, lists of polygons as polygons."""
    value = getattr(value, "masks", value)
    rings = getattr(value, "polygons", value)
    if isinstance(rings, list):  # per instance, the rings of its parts, each x1 y1 x2 y2 ...
        columns = ShapeColumns()
        for parts in rings:
            flat = [as_coordinates(ring, "polygons", -1).tolist() for ring in parts]
            columns.add(Shape(polygon=[[[*zip(ring[::2], ring[1::2], strict=True)]] for ring in flat]))
        return columns.columns(column_major=False)
    if value is None:
        return {}
    return {"masks": _bitmaps(as_array(value, "masks"))}


def _bitmaps(values: NDArray[Any]) -> Masks:
    if values.ndim != 3:
        raise ValueError(f"masks must have shape (N, h, w), got {values.shape}")
    return Masks.of_bitmaps(values != 0)


def _joints(value: Any, *, by_score: bool) -> Points:
    """Return (N, K, 3) keypoints; true ones that are not labeled have 0 in the third column."""
    joints = as_coordinates(value, "keypoints", -1, -1, 3)
    count, each = joints.shape[:2]
    visible = np.ones(count * each, dtype=bool) if by_score else joints[:, :, 2].reshape(-1) > 0
    offsets = np.arange(count + 1, dtype=np.int64) * each
    return Points(np.ascontiguousarray(joints[:, :, :2].reshape(-1, 2)), offsets, visible)


# MMDetection


def is_mmdetection(value: Any) -> bool:
    """Return whether an object has instances, predicted or true, and data about their image."""
    has_instances = hasattr(value, "pred_instances") or hasattr(value, "gt_instances")
    return has_instances and isinstance(getattr(value, "metainfo", None), Mapping)


def from_mmdetection(value: Any, overrides: Overrides) -> Annotations:
    """Return the predicted instances of one image; the true ones if there are no predictions."""
    is_predicted = hasattr(value, "pred_instances")
    found = value.pred_instances if is_predicted else value.gt_instances
    about = value.metainfo
    shape = about.get("ori_shape" if is_predicted else "img_shape")
    boxes = getattr(found, "bboxes", None)
    geometry = _masks(getattr(found, "masks", None))
    if boxes is not None:
        geometry["boxes"] = as_coordinates(getattr(boxes, "tensor", boxes), "bboxes", -1, 4)
    size = None if shape is None or overrides.size is not None else (shape[1], shape[0])
    return make_batch(
        "MMDetection",
        len(found),
        overrides,
        geometry,
        class_ids=getattr(found, "labels", None),
        scores=getattr(found, "scores", None),
        image=about.get("img_path"),
        size=size,
    )


# SAHI


def _is_sahi_object(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("bbox", "category", "score")) and hasattr(value.bbox, "minx")


def is_sahi(value: Any) -> bool:
    """Return whether an object is a prediction of one object, several of one image, or their result."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_is_sahi_object, value))
    return hasattr(value, "object_prediction_list") or _is_sahi_object(value)


def from_sahi(value: Any, overrides: Overrides) -> Annotations:
    """Return the objects of one image, in its pixels."""
    is_result = hasattr(value, "object_prediction_list")
    found = value.object_prediction_list if is_result else [value] if _is_sahi_object(value) else value
    size: Size | None = None
    if overrides.size is None and is_result:
        size = value.image_width, value.image_height
    elif overrides.size is None and found and getattr(found[0], "mask", None) is not None:
        height, width = found[0].mask.full_shape
        size = width, height
    columns = ShapeColumns()
    for one in found:
        columns.add(_sahi_shape(one))
    return make_batch(
        "SAHI",
        len(found),
        overrides,
        columns.columns(column_major=False),
        names=[one.category.name for one in found],
        scores=[float(one.score.value) for one in found],
        size=size,
    )


def _sahi_shape(one: Any) -> Shape:
    """Return box and outline, moved by the place of the slice that they were found in."""
    x, y = getattr(one.bbox, "shift_amount", None) or (0, 0)
    box = one.bbox.minx + x, one.bbox.miny + y, one.bbox.maxx + x, one.bbox.maxy + y
    rings = [] if getattr(one, "mask", None) is None else one.mask.segmentation
    outlines = [[(u + x, v + y) for u, v in zip(ring[::2], ring[1::2], strict=True)] for ring in rings]
    return Shape(box=box, polygon=[[outline] for outline in outlines])


# MediaPipe


def is_mediapipe(value: Any) -> bool:
    """Return whether an object has detections with boxes of pixels."""
    listed = getattr(value, "detections", None)
    if not isinstance(listed, Sequence) or not listed:
        return False
    return all(hasattr(getattr(one, "bounding_box", None), "origin_x") for one in listed)


def from_mediapipe(value: Any, overrides: Overrides) -> Annotations:
    """Return the detections of one image; keypoints need its size, as they are normalized."""
    size = overrides.size if isinstance(overrides.size, (tuple, list)) else None
    columns = ShapeColumns()
    labels, scores = [], []
    for one in value.detections:
        box = one.bounding_box
        joints = (
            [(p.x * size[0], p.y * size[1]) for p in getattr(one, "keypoints", None) or ()] if size else []
        )
        corners = box_from_size(box.origin_x, box.origin_y, box.width, box.height)
        columns.add(Shape(box=corners, points=joints))
        best = one.categories[0] if one.categories else None
        labels.append(getattr(best, "category_name", None) or NO_CLASS)
        scores.append(np.nan if best is None or best.score is None else best.score)
    geometry = columns.columns(column_major=False)
    return make_batch("MediaPipe", len(labels), overrides, geometry, names=labels, scores=scores)
