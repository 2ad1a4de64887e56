"""One frame's detections, from whatever a detector or tracker returns, known by attributes.

What arrives frame by frame is taken as it lies, in a few steps; `heatgrid.io.objects` understands the rest.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.arguments import as_doubles
from heatgrid.core.shapes import as_masks
from heatgrid.io.objects.tensors import as_array

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from heatgrid.core.ragged import Masks

    ClassKey = str | int | None

Anchor = Literal["center", "bottom_center", "top_left", "top_right", "bottom_left", "bottom_right"]

_ANCHORS = {  # shares of the box's width and height
    "center": (0.5, 0.5),
    "bottom_center": (0.5, 1.0),
    "top_left": (0.0, 0.0),
    "top_right": (1.0, 0.0),
    "bottom_left": (0.0, 1.0),
    "bottom_right": (1.0, 1.0),
}
_EXPECTED = (
    "detections must be supervision's or Ultralytics', a mapping with 'xyxy', "
    "or an array of shape (N, 4 to 6)"
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Detections:
    """N detections in one frame.

    Attributes
    ----------
    xyxy
        (N, 4) float64: x1 y1 x2 y2 in pixels.
    ids
        The track of each, anything that can be a dictionary's key; None where nothing is tracked.
    classes
        The class of each, by name or number; None where there are none.
    scores
        (N,) float64, confidence; None where there is none.
    masks
        Bitmaps of the frame's size, or run-length codes, as `heatgrid.count_masks` takes them; or None.
    """

    xyxy: NDArray[np.float64]
    ids: Sequence[Hashable] | None = None
    classes: Sequence[str | int] | None = None
    scores: NDArray[np.float64] | None = None
    masks: Masks | list[NDArray[Any]] | None = None

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        for name in ("ids", "classes", "scores", "masks"):
            column = getattr(self, name)
            if column is not None and len(column) != n:
                raise ValueError(f"{name} must be one a box: expected {n}, got {len(column)}")

    def __len__(self) -> int:
        return len(self.xyxy)

    @property
    def keys(self) -> Sequence[ClassKey]:
        """The class of each; None for each where there are no classes."""
        return [None] * len(self) if self.classes is None else self.classes

    def anchors(self, anchor: Anchor) -> NDArray[np.float64]:
        """Return (N, 2): a point of each box, in pixels."""
        x, y = _ANCHORS[anchor]
        x1, y1, x2, y2 = self.xyxy.T
        places = np.empty((len(self), 2))
        places[:, 0] = x1 * (1.0 - x) + x2 * x
        places[:, 1] = y1 * (1.0 - y) + y2 * y
        return places

    def select(self, which: NDArray[np.bool_]) -> Detections:
        """Return some of the detections; ``which`` has (N,) bools."""
        return self if which.all() else self.take(np.flatnonzero(which))

    def take(self, index: NDArray[np.intp]) -> Detections:
        """Return the detections with these numbers."""
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

    def of_classes(self, wanted: frozenset[str | int] | None) -> Detections:
        """Return the detections of some classes, by name or number; None: all.

        Raises
        ------
        ValueError
            The detections have no classes.
        """
        if wanted is None or not len(self):
            return self
        if self.classes is None:
            raise ValueError("classes were asked for, but the detections have none")
        return self.select(np.array([key in wanted for key in self.classes], dtype=bool))


def check_anchor(anchor: str) -> Anchor:
    """Return an anchor's name.

    Raises
    ------
    ValueError
        There is no such anchor.
    """
    if anchor not in get_args(Anchor):
        raise ValueError(f"anchor must be one of {', '.join(get_args(Anchor))}, got {anchor!r}")
    return anchor  # type: ignore[return-value]


def class_set(classes: Iterable[str | int] | None) -> frozenset[str | int] | None:
    """Return the classes that are wanted; None: all of them.

    Raises
    ------
    TypeError
        One name is given instead of several.
    """
    if isinstance(classes, str):
        raise TypeError(f"classes must be several names or numbers, got the one string {classes!r}")
    return None if classes is None else frozenset(classes)


def as_detections(given: Any, size: tuple[int, int] | None = None) -> Detections:
    """Return one frame's detections.

    Parameters
    ----------
    given
        `Detections`; supervision's ``Detections`` (``xyxy``, ``tracker_id``, ``class_id``, ``mask``,
        ``data["class_name"]``); Ultralytics' ``Results`` (``boxes.xyxy``, ``.id``, ``.cls``, ``.conf``,
        ``masks.data``, ``names``), or a list of one; a mapping of ``xyxy``, ``ids``, ``classes``, ``scores``
        and ``masks``, all but the first optional; an array of shape (N, 4 to 6): x1, y1, x2, y2, and
        perhaps confidence and the class's number; anything else that has boxes and that
        `heatgrid.Heatmap.add` takes; or None for a frame without any.
    size
        Width and height of the frame in pixels, where that is known.

    Raises
    ------
    TypeError, ValueError
        It is none of these, or its columns do not fit together.
    """
    if given is None:
        return Detections(xyxy=np.empty((0, 4)))
    if isinstance(given, Detections):
        return given
    if isinstance(given, Annotations):
        return from_annotations(given)
    if isinstance(given, (list, tuple)) and len(given) == 1 and hasattr(given[0], "boxes"):
        given = given[0]
    if hasattr(given, "boxes"):
        return _from_ultralytics(given)
    if hasattr(given, "xyxy"):
        return _from_supervision(given, size)
    if isinstance(given, Mapping) and "boxes" not in given:
        return _from_mapping(given)
    if isinstance(given, (np.ndarray, list, tuple)) or hasattr(given, "detach"):
        return _from_array(given)
    return _from_any(given, size)


def _from_any(given: Any, size: tuple[int, int] | None) -> Detections:
    from heatgrid.io.objects import annotations_of

    return from_annotations(annotations_of(given, size=size))


def from_annotations(batch: Annotations) -> Detections:
    """Return annotations of one frame as detections.

    Raises
    ------
    ValueError
        An annotation has no box, or boxes are in shares of the frame.
    """
    if not len(batch):
        return Detections(xyxy=np.empty((0, 4)))
    if batch.boxes is None or batch.normalized:
        raise ValueError("detections must have boxes in pixels")
    ids = None if batch.ids is None or not any(track is not None for track in batch.ids) else list(batch.ids)
    return Detections(
        xyxy=np.ascontiguousarray(batch.boxes),
        ids=ids,
        classes=[batch.classes[label] for label in batch.label.tolist()],
        scores=batch.scores,
        masks=batch.masks,
    )


def _from_array(given: Any) -> Detections:
    array = as_array(given, "detections")
    if array.size == 0:
        return Detections(xyxy=np.empty((0, 4)))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{_EXPECTED}, got {type(given).__name__}")
    if array.ndim != 2 or not 4 <= array.shape[1] <= 6:
        raise ValueError(f"{_EXPECTED}, got shape {array.shape}")
    scores = array[:, 4].astype(np.float64) if array.shape[1] > 4 else None
    classes = array[:, 5].astype(np.int64).tolist() if array.shape[1] > 5 else None
    return Detections(xyxy=as_doubles(array[:, :4], "detections", 4), scores=scores, classes=classes)


def _from_mapping(given: Mapping[str, Any]) -> Detections:
    unknown = sorted(set(given) - {"xyxy", "ids", "classes", "scores", "masks"})
    if unknown or "xyxy" not in given:
        raise ValueError(f"{_EXPECTED}; ids, classes, scores, masks are optional; got {sorted(given)}")
    masks = given.get("masks")
    return Detections(
        xyxy=_boxes(given["xyxy"], "xyxy"),
        ids=_listed(given.get("ids")),
        classes=_listed(given.get("classes")),
        scores=_scores(given.get("scores")),
        masks=None if masks is None else as_masks(masks),
    )


def _from_supervision(given: Any, size: tuple[int, int] | None) -> Detections:
    masks = getattr(given, "mask", None)
    if masks is not None and not isinstance(masks, np.ndarray):  # kept as crops, perhaps
        return _from_any(given, size)
    names = (getattr(given, "data", None) or {}).get("class_name")
    return Detections(
        xyxy=_boxes(given.xyxy, "xyxy"),
        ids=_listed(getattr(given, "tracker_id", None)),
        classes=_listed(getattr(given, "class_id", None) if names is None else names),
        scores=_scores(getattr(given, "confidence", None)),
        masks=None if masks is None else as_masks(masks),
    )


def _from_ultralytics(given: Any) -> Detections:
    boxes = given.boxes
    if boxes is None:
        boxes = getattr(given, "obb", None)  # oriented boxes know the upright box around them
    if boxes is None or getattr(boxes, "xyxy", None) is None:
        return Detections(xyxy=np.empty((0, 4)))
    numbers = _listed(getattr(boxes, "cls", None))
    names = getattr(given, "names", None) or {}
    ids = _listed(getattr(boxes, "id", None))
    return Detections(
        xyxy=_boxes(boxes.xyxy, "boxes.xyxy"),
        ids=None if ids is None else [int(track) for track in ids],
        classes=None if numbers is None else [named(names, int(number)) for number in numbers],
        scores=_scores(getattr(boxes, "conf", None)),
        masks=_ultralytics_masks(given),
    )


def _ultralytics_masks(given: Any) -> list[NDArray[Any]] | None:
    """Return masks without the bars that a letterboxed frame has around it."""
    masks = getattr(getattr(given, "masks", None), "data", None)
    if masks is None:
        return None
    pixels = as_array(masks, "masks.data") > 0.5
    height, width = getattr(given, "orig_shape", pixels.shape[1:])
    gain = min(pixels.shape[1] / height, pixels.shape[2] / width)
    top, left = ((side - gain * own) / 2 for side, own in zip(pixels.shape[1:], (height, width), strict=True))
    above, beside = (
        round(top - 0.1),
        round(left - 0.1),
    )  # of an odd pixel, the letterbox has less above and left
    return list(
        pixels[:, above : pixels.shape[1] - round(top + 0.1), beside : pixels.shape[2] - round(left + 0.1)]
    )


def named(names: Mapping[int, str] | Sequence[str], number: int) -> str | int:
    """Return the name of a class, or its number where it has none."""
    try:
        return names[number]
    except (KeyError, IndexError):
        return number


def _boxes(values: Any, name: str) -> NDArray[np.float64]:
    return as_doubles(as_array(values, name), name, 4)


def _scores(values: Any) -> NDArray[np.float64] | None:
    return None if values is None else np.asarray(as_array(values, "scores"), dtype=np.float64)


def _listed(values: Any) -> list[Any] | None:
    if values is None or isinstance(values, list):
        return values
    if isinstance(values, Sequence):
        return list(values)
    listed: list[Any] = as_array(values, "ids and classes").tolist()
    return listed
