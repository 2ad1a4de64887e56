"""Detections of one frame: conversion from detectors and trackers, anchor points and class filters."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.anchors import anchors_of_boxes
from heatgrid.core.annotations import Annotations
from heatgrid.core.arguments import as_doubles, as_masks
from heatgrid.core.extents import bounding_boxes
from heatgrid.io.objects.batch import as_array

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from heatgrid.core.anchors import Anchor
    from heatgrid.core.ragged import Masks

    ClassKey = str | int | None
    Places = NDArray[np.float64]

_KEYS = {"boxes", "segmentation", "instances", "predictions", "annotations", "result"}
"""Keys of dicts that other libraries return, at least one of each."""

_EXPECTED = (
    "detections must be supervision Detections, Ultralytics Results, a mapping with 'xyxy', "
    "or an array of shape (N, 4 to 6)"
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Detections:
    """N detections in one frame, columns of N values or None; each is checked and converted.

    ``xyxy`` is (N, 4) float64: x1 y1 x2 y2 in pixels; ``ids`` the tracks, any hashable values. None, negative
    numbers and NaN mean no track. ``classes`` are names or numbers; ``scores`` float64 confidence; ``masks``
    bitmaps of the frame's size, or run-length codes, as `heatgrid.count_masks` takes them.
    """

    xyxy: NDArray[np.float64]
    ids: Sequence[Hashable] | None = None
    classes: Sequence[str | int] | None = None
    scores: NDArray[np.float64] | None = None
    masks: Masks | list[NDArray[Any]] | None = None

    def __post_init__(self) -> None:
        set_column = partial(object.__setattr__, self)  # the class is frozen
        set_column("xyxy", as_doubles(as_array(self.xyxy, "xyxy"), "xyxy", 4))
        set_column("ids", _as_list(self.ids, "ids"))
        set_column("classes", _as_list(self.classes, "classes"))
        if self.scores is not None:
            set_column("scores", _as_scores(self.scores))
        if self.masks is not None:
            set_column("masks", as_masks(self.masks))
        for name in ("ids", "classes", "scores", "masks"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self):
                raise ValueError(
                    f"{name} must have one value per box: expected {len(self)}, got {len(column)}"
                )

    def __len__(self) -> int:
        return len(self.xyxy)

    @property
    def keys(self) -> Sequence[ClassKey]:
        """Class of each detection; None for each if there are no classes."""
        return [None] * len(self) if self.classes is None else self.classes

    def anchors(self, anchor: Anchor) -> Places:
        """Return the anchor point of each box in pixels, (N, 2)."""
        return anchors_of_boxes(self.xyxy, anchor)

    def select(self, mask: NDArray[np.bool_]) -> Detections:
        """Return the detections for which ``mask``, (N,), is true."""
        return self if mask.all() else self.take(np.flatnonzero(mask))

    def take(self, index: NDArray[np.intp]) -> Detections:
        """Return the detections with these indices."""
        picked = index.tolist()
        masks = self.masks
        if masks is not None:
            masks = [masks[i] for i in picked] if isinstance(masks, list) else masks.take(index)
        return replace(
            self,
            xyxy=self.xyxy[index],
            ids=None if self.ids is None else [self.ids[i] for i in picked],
            classes=None if self.classes is None else [self.classes[i] for i in picked],
            scores=None if self.scores is None else self.scores[index],
            masks=masks,
        )

    def filter_classes(self, classes: frozenset[str | int] | None) -> Detections:
        """Return the detections of some classes, by name or number; None: all."""
        if classes is None or not len(self):
            return self
        return self.select(np.array([key in classes for key in self.keys], dtype=bool))


def class_set(classes: Iterable[str | int] | None) -> frozenset[str | int] | None:
    """Return the classes as a set; None: all. A single string raises TypeError."""
    if isinstance(classes, str):
        raise TypeError(f"classes must be several names or numbers, got the string {classes!r}")
    return None if classes is None else frozenset(classes)


def as_detections(source: Any, size: tuple[int, int] | None = None) -> Detections:
    """Return one frame's detections from any source that `heatgrid.LiveHeatmap.update` takes.

    supervision ``Detections`` have ``xyxy``, ``tracker_id``, ``class_id``, ``mask`` and
    ``data["class_name"]``; Ultralytics ``Results``, or a list of one, have ``boxes.xyxy``, ``.id``, ``.cls``,
    ``.conf``, ``masks.data`` and ``names``. ``size`` is the width and height of the frame in pixels, if
    known.
    """
    if source is None:
        return _no_detections()
    if isinstance(source, Detections):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Annotations):
        return from_annotations(source)
    if isinstance(source, (list, tuple)) and len(source) == 1 and hasattr(source[0], "boxes"):
        source = source[0]
    if hasattr(source, "boxes"):
        return _from_ultralytics(source)
    if hasattr(source, "xyxy"):
        return _from_supervision(source, size)
    if isinstance(source, Mapping) and _KEYS.isdisjoint(source):
        return _from_mapping(source)
    if isinstance(source, (list, tuple)) and all(map(_is_row, source)):
        return _from_array(source)
    if hasattr(source, "detach") and hasattr(source, "__array__") and not hasattr(source, "canvas_size"):
        return _from_array(source)
    return _from_object(source, size)


def _is_row(value: Any) -> bool:
    """Return whether an item of a list is a row of numbers."""
    return isinstance(value, (list, tuple, int, float, np.ndarray, np.generic)) or hasattr(value, "detach")


def from_annotations(batch: Annotations, size: tuple[int, int] | None = None) -> Detections:
    """Return the annotations of one frame as detections; masks and polygons without a box have one around.

    Normalized coordinates need the size of the frame.
    """
    if not len(batch):
        return _no_detections()
    if batch.normalized and size is None:
        raise ValueError("detections must have boxes in pixels")
    boxes = batch.boxes
    if boxes is None:
        boxes = bounding_boxes(batch)[0]
        if np.isnan(boxes).all():
            raise ValueError("detections must have boxes in pixels")
    ids = None if batch.ids is None or not any(track is not None for track in batch.ids) else list(batch.ids)
    return Detections(
        xyxy=boxes if size is None or not batch.normalized else boxes * [*size, *size],
        ids=ids,
        classes=[batch.classes[label] for label in batch.label.tolist()],
        scores=batch.scores,
        masks=batch.masks,
    )


@cache
def _no_detections() -> Detections:
    return Detections(xyxy=np.empty((0, 4)))


def _from_object(source: Any, size: tuple[int, int] | None) -> Detections:
    from heatgrid.io.objects import annotations_from

    batch = annotations_from(source, size=size)
    if len(batch.image_names) > 1:
        raise ValueError(f"detections must be those of one frame, got {len(batch.image_names)} images")
    return from_annotations(batch, size)


def _from_array(source: Any) -> Detections:
    array = as_array(source, "detections")
    if array.size == 0:
        return _no_detections()
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{_EXPECTED}, got {type(source).__name__}")
    if array.ndim != 2 or not 4 <= array.shape[1] <= 6:
        raise ValueError(f"{_EXPECTED}, got shape {array.shape}")
    scores = array[:, 4] if array.shape[1] > 4 else None
    classes = _class_numbers(array[:, 5]) if array.shape[1] > 5 else None
    return Detections(xyxy=array[:, :4], scores=scores, classes=classes)


def _from_mapping(source: Mapping[str, Any]) -> Detections:
    unknown = sorted(set(source) - {"xyxy", "ids", "classes", "scores", "masks"})
    if unknown or "xyxy" not in source:
        raise ValueError(f"{_EXPECTED}; ids, classes, scores, masks are optional; got {sorted(source)}")
    return Detections(**source)


def _from_supervision(source: Any, size: tuple[int, int] | None) -> Detections:
    masks = getattr(source, "mask", None)
    if hasattr(masks, "crop"):  # supervision's compact masks
        return _from_object(source, size)
    names = (getattr(source, "data", None) or {}).get("class_name")
    return Detections(
        xyxy=source.xyxy,
        ids=getattr(source, "tracker_id", None),
        classes=getattr(source, "class_id", None) if names is None else names,
        scores=getattr(source, "confidence", None),
        masks=masks,
    )


def _from_ultralytics(source: Any) -> Detections:
    boxes = source.boxes
    if boxes is None:
        boxes = getattr(source, "obb", None)  # oriented boxes have the bounding box as xyxy, too
    if boxes is None or getattr(boxes, "xyxy", None) is None:
        return _no_detections()
    numbers = getattr(boxes, "cls", None)
    names = getattr(source, "names", None) or {}
    return Detections(
        xyxy=boxes.xyxy,
        ids=getattr(boxes, "id", None),
        classes=None if numbers is None else [class_name(names, n) for n in _class_numbers(numbers)],
        scores=getattr(boxes, "conf", None),
        masks=_ultralytics_masks(source),
    )


def _ultralytics_masks(source: Any) -> list[NDArray[Any]] | None:
    """Return the masks without the padding of the letterboxed frame."""
    masks = getattr(getattr(source, "masks", None), "data", None)
    if masks is None:
        return None
    pixels = as_array(masks, "masks.data") > 0.5
    height, width = getattr(source, "orig_shape", pixels.shape[1:])
    gain = min(pixels.shape[1] / height, pixels.shape[2] / width)
    y, x = ((side - gain * own) / 2 for side, own in zip(pixels.shape[1:], (height, width), strict=True))
    # Of an odd number of pixels, the letterbox has one less at the top and at the left.
    rows = slice(round(y - 0.1), pixels.shape[1] - round(y + 0.1))
    columns = slice(round(x - 0.1), pixels.shape[2] - round(x + 0.1))
    return list(pixels[:, rows, columns])


def class_name(names: Mapping[int, str] | Sequence[str], number: int) -> str | int:
    """Return the name of a class, or its number if it has no name."""
    try:
        return names[number]
    except (KeyError, IndexError):
        return number


def _class_numbers(values: Any) -> list[int]:
    numbers = as_array(values, "classes")
    if not (np.abs(numbers) < 2.0**63).all():
        raise ValueError("classes must be whole numbers, got a number that is not finite")
    whole: list[int] = numbers.astype(np.int64).tolist()
    return whole


def _as_scores(values: Any) -> NDArray[np.float64]:
    scores = as_array(values, "scores")
    if scores.size and scores.dtype.kind not in "fiub":
        raise TypeError(f"scores must hold real numbers, got dtype {scores.dtype}")
    if scores.ndim != 1:
        raise ValueError(f"scores must have shape (N,), got {scores.shape}")
    return np.asarray(scores, dtype=np.float64)


def _as_list(values: Any, name: str) -> list[Any] | None:
    """Return a column as a list of hashable Python values."""
    if values is None:
        return None
    if isinstance(values, (str, bytes)):
        raise TypeError(f"{name} must be one value per box, got {values!r}")
    if isinstance(values, Sequence):
        listed = [value.item() if hasattr(value, "item") else value for value in values]
    else:
        listed = np.atleast_1d(as_array(values, name)).tolist()
    try:
        set(listed)
    except TypeError as error:
        raise TypeError(f"{name} must be hashable: {error}") from None
    return listed
