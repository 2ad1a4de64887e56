"""torchvision's and Transformers' detections: a dict of boxes (x1 y1 x2 y2), labels, scores and masks.

https://docs.pytorch.org/vision/stable/models.html#object-detection; a soft mask is set from a half on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.objects.assembly import Geometry, assemble
from heatgrid.io.objects.bitmaps import masks_of
from heatgrid.io.objects.tensors import as_array, as_coordinates

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations
    from heatgrid.core.ragged import Masks
    from heatgrid.io.objects.given import Given

NAME = "torchvision"
TITLE = "dicts of boxes and labels, as torchvision and Transformers give them"
SEVERAL = True
TAKES: tuple[str, ...] = ()


def accepts(value: Any) -> bool:
    """Tell whether an object is a dict of boxes and labels."""
    return isinstance(value, Mapping) and "boxes" in value and "labels" in value


def convert(value: Any, given: Given) -> Annotations:
    """Return the detections of one image, in pixels; the size of a mask's image is known."""
    boxes = as_coordinates(value["boxes"], "boxes", -1, 4)
    masks, size = _masks(value.get("masks"))
    labels = value["labels"]
    named = isinstance(labels, (list, tuple)) and any(isinstance(label, str) for label in labels)
    return assemble(
        NAME,
        len(boxes),
        given,
        Geometry(boxes=boxes, masks=masks),
        names=labels if named else None,
        class_ids=None if named else labels,
        scores=value.get("scores"),
        size=size if given.size is None else None,
    )


def _masks(value: Any) -> tuple[Masks | None, tuple[float, float] | None]:
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
    return masks_of(np.asarray(masks >= 0.5 if masks.dtype.kind == "f" else masks != 0)), (width, height)
