"""Arrays, tensors and lists of any library, the caller's overrides, and batches of annotations from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.arguments import as_boxes, as_masks, refuse_masked, warn_if_odd
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Masks, Points, Polygons
from heatgrid.core.report import Report
from heatgrid.io.columns import join_batches
from heatgrid.io.formats.tables.batches import Categories, renumber
from heatgrid.io.images import ImageSizes, check_pair
from heatgrid.io.options import ReadOptions, Size
from heatgrid.io.shapes import GeometryColumns, RunLengths, kinds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.spec import BoxFormat

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    ClassNames = tuple[str, ...] | Mapping[int, str]

NO_SIZE = "size must be given: {} has pixel coordinates, but no image size"
_FEW = 200  # labels


@dataclass(slots=True, kw_only=True)  # not frozen: created for every call on a few boxes
class Overrides:
    """Keyword arguments of `heatgrid.annotations_from`, which describes them."""

    size: Size | Mapping[str, Size] | None = None
    labels: ArrayLike | Sequence[str] | str | None = None
    classes: ClassNames | None = None
    images: ArrayLike | Sequence[str] | str | None = None
    columns: Mapping[str, str | int] | None = None
    transform: Sequence[float] | Mapping[str, Sequence[float]] | None = None
    box: BoxFormat | None = None
    attributes: tuple[str, ...] | None = None
    field: str | None = None

    @property
    def is_normalized(self) -> bool:
        """True if coordinates are normalized, since neither a size nor a transform is passed."""
        return self.size is None and self.transform is None

    def refuse(self, value: object) -> None:
        """Raise TypeError if anything but classes is passed with an object that has it all."""
        for field in fields(self):
            if field.name != "classes" and getattr(self, field.name) is not None:
                message = f"{field.name} must not be given with {type(value).__name__}, which have their own"
                raise TypeError(message)

    def of_item(self, i: int, count: int) -> Self:
        """Return the overrides of object ``i`` of ``count``, each of which holds one image."""
        if self.labels is not None:
            raise TypeError("labels must not be given with a list of objects: each has its own")
        if self.images is None:
            return self
        names = [self.images] if isinstance(self.images, str) else as_array(self.images, "images").tolist()
        if len(names) != count:
            raise ValueError(f"images must name each of the {count} objects, got {len(names)}")
        return replace(self, images=str(names[i]))


def number_labels(
    count: int,
    overrides: Overrides,
    names: Sequence[str] | NDArray[Any] | None = None,
    ids: NDArray[Any] | None = None,
    known: ClassNames | None = None,
) -> tuple[Integers, tuple[str, ...]]:
    """Return the label of each annotation and the class names; the caller's labels replace names and ids."""
    if overrides.labels is not None:
        passed = as_array(overrides.labels, "labels")
        if passed.shape != (count,):
            raise ValueError(f"labels must have shape ({count},), one per annotation, got {passed.shape}")
        names, ids = (None, passed) if passed.dtype.kind in "iuf" else (passed, None)
    if names is not None:
        return number_names(names)
    if ids is None:
        if count and overrides.classes is not None:
            raise ValueError("labels must be given: classes are passed, but the object has no labels")
        return np.zeros(count, dtype=np.int64), (NO_CLASS,)
    return _number_ids(ids, overrides.classes if known is None else known)


def number_names(values: Sequence[Any] | NDArray[Any]) -> tuple[Integers, tuple[str, ...]]:
    """Return the index of each value's name, and the names by first appearance."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        different, inverse = np.unique(values, return_inverse=True)
        codes, used = renumber(inverse.reshape(-1), len(different))
        return codes, tuple(map(str, different[used].tolist()))
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    encoded = Categories.encode(list(map(str, listed)))
    return encoded.codes.astype(np.int64), tuple(encoded.texts())


def _number_ids(ids: NDArray[Any], names: ClassNames | None) -> tuple[Integers, tuple[str, ...]]:
    """Return labels of class numbers; a number n without a name is called ``class_<n>``."""
    if ids.dtype.kind in "iu":
        whole = ids.astype(np.int64)
    else:
        with np.errstate(invalid="ignore"):
            whole = ids.astype(np.int64)
        if ids.dtype.kind != "f" or (whole != ids).any():
            raise TypeError(f"labels must be names or whole numbers, got dtype {ids.dtype}")
    is_known = len(whole) > 0 and whole.view(np.uint64).max() < len(names or ())  # negative ones are large
    if isinstance(names, tuple) and len(set(names)) == len(names) and is_known:
        return whole, names
    different, inverse = _distinct(whole)
    table = dict(enumerate(names)) if isinstance(names, tuple) else names or {}
    index, classes = number_names([table.get(n, f"class_{n}") for n in different])
    return index[inverse], classes


def _distinct(numbers: Integers) -> tuple[list[int], Integers]:
    """Return the different numbers in order, and the index of each number among them."""
    if len(numbers) > _FEW:
        different, inverse = np.unique(numbers, return_inverse=True)
        return different.tolist(), inverse.reshape(-1)
    listed = numbers.tolist()  # of one image: a third of the time of the above
    ordered = sorted(set(listed))
    position = {number: i for i, number in enumerate(ordered)}
    return ordered, np.array([position[number] for number in listed], dtype=np.int64)


def make_batch(
    source: str,
    count: int,
    overrides: Overrides,
    geometry: GeometryColumns,
    *,
    normalized: bool = False,
    names: Sequence[str] | NDArray[Any] | None = None,
    class_ids: Any = None,
    known: ClassNames | None = None,
    ids: Any = None,
    scores: Any = None,
    flags: NDArray[np.uint8] | None = None,
    attributes: Mapping[str, Sequence[str | None]] | None = None,
    image: str | None = None,
    size: Size | None = None,
) -> Annotations:
    """Return a batch of ``count`` annotations.

    Classes are ``names``, or the numbers ``class_ids`` of ``known`` names. ``image`` and ``size`` are those
    of the only image, if the object has them.
    """
    of_image, images = _images(count, overrides, image)
    sizes = _sizes(images, overrides.size if size is None else size)
    if sizes is None and count and not normalized and _has_coordinates(geometry):
        raise ValueError(NO_SIZE.format(source))
    number = None if class_ids is None else as_column(class_ids, "class ids")
    label, classes = number_labels(count, overrides, names, number, known)
    return Annotations(
        image_names=images,
        image=of_image,
        label=label,
        classes=classes,
        normalized=normalized,
        sizes=sizes,
        kinds=kinds_of(np.full(count, geometry.get("boxes") is not None), geometry),
        **geometry,
        ids=None if ids is None else as_array(ids, "ids").tolist(),
        scores=None if scores is None else as_column(scores, "scores").astype(np.float64),
        flags=flags,
        attributes=attributes,
        source=source,
        report=Report(images=len(images)),
    )


def _has_coordinates(geometry: GeometryColumns) -> bool:
    """Return whether there is geometry that needs an image size; masks carry their own."""
    return any(geometry.get(name) is not None for name in ("boxes", "polygons", "points", "lines"))


def _images(count: int, overrides: Overrides, own: str | None) -> tuple[Integers, Sequence[str]]:
    """Return the image index of each annotation, and the names of the images."""
    passed = overrides.images
    if passed is None or isinstance(passed, str):
        name = own if passed is None else passed
        return np.zeros(count, dtype=np.int64), ("" if name is None else name,)
    values = as_array(passed, "images")
    if values.shape != (count,):
        raise ValueError(f"images must have shape ({count},), one per annotation, got {values.shape}")
    return number_names(values)


def _sizes(images: Sequence[str], size: Size | Mapping[str, Size] | None) -> Doubles | None:
    """Return the size of each image."""
    if size is None:
        return None
    if not isinstance(size, Mapping):
        return np.array([check_pair(size)] * len(images)).reshape(-1, 2)
    known = ImageSizes(ReadOptions(size=size))
    return np.array([known.find(name) for name in images], dtype=np.float64).reshape(-1, 2)


def join_objects(batches: Sequence[Annotations]) -> Annotations:
    """Return the batches of several objects as one; all have pixels, or all are normalized.

    Images stay separate, also those of equal names.
    """
    if len(batches) == 1:
        return batches[0]
    images = [name or f"image {i}" for i, batch in enumerate(batches) for name in batch.image_names]
    positions = np.concatenate([np.arange(len(batch), dtype=np.int64) for batch in batches])
    return replace(join_batches(batches), image_names=images, files=None, places=images, positions=positions)


_WAYS = (
    "boxes are (N, 4), x1 y1 x2 y2 or as box= says, and masks (N, h, w) of bools or uint8; for others see "
    "add_points (N, 2), add_polygons (vertices and offsets), add_boxes and add_masks"
)

_DICTS = (
    "run-length masks have 'size' and 'counts', results of an image are one dict of 'boxes' and 'labels', "
    "rows of a table are a DataFrame, and COCO results a file"
)


def is_arrays(value: Any) -> bool:
    """Return whether an object is a list or an array."""
    if isinstance(value, (str, bytes, Mapping)):
        return False
    return isinstance(value, Sequence) or any(hasattr(value, name) for name in ("__array__", "__dlpack__"))


def from_arrays(value: Any, overrides: Overrides) -> Annotations:
    """Return boxes, in pixels if a size is passed, else normalized; or masks."""
    if isinstance(value, Sequence) and value and all(isinstance(item, Mapping) for item in value):
        if not any({"size", "counts"} & item.keys() for item in value):
            keys = ", ".join(map(repr, islice(value[0], 8))) or "no keys"
            raise TypeError(f"a list of dicts with {keys} is not understood; {_DICTS}")
        masks = as_masks(value)
        _refuse_box(overrides)
        return make_batch("array", len(value), overrides, {"masks": masks})  # type: ignore[typeddict-item]
    array = as_array(value, "an array")
    if array.ndim == 3 and array.dtype in (np.bool_, np.uint8):
        _refuse_box(overrides)
        return make_batch("array", len(array), overrides, {"masks": Masks.of_bitmaps(array)})
    boxes = as_boxes(_boxes(array), box := overrides.box or "xyxy")
    size = [*overrides.size.values()] if isinstance(overrides.size, Mapping) else overrides.size
    warn_if_odd(boxes, size or None, "an array of boxes", box)
    return make_batch("array", len(boxes), overrides, {"boxes": boxes}, normalized=overrides.size is None)


def _refuse_box(overrides: Overrides) -> None:
    if overrides.box is not None:
        raise TypeError("box must not be given with masks")


def _boxes(array: NDArray[Any]) -> Doubles:
    if array.size == 0 and array.dtype.kind in "iuf":
        return np.zeros((0, 4))
    if array.dtype.kind not in "iuf":
        raise TypeError(f"an array of dtype {array.dtype} is neither boxes nor masks; {_WAYS}")
    if array.ndim != 2 or array.shape[1] != 4:
        raise TypeError(f"an array of shape {array.shape} is ambiguous; {_WAYS}")
    return np.ascontiguousarray(array, dtype=np.float64)


# Conversions


def as_array(value: Any, name: str) -> NDArray[Any]:
    """Return a tensor, array or list as an array, without a copy of CPU memory.

    Tensors with gradients or on another device are detached and moved (``.detach().cpu()``); others are read
    by ``__array__`` or ``__dlpack__``.
    """
    refuse_masked(value, name)
    if isinstance(value, np.ndarray):
        return value
    for step in ("detach", "cpu"):
        if callable(getattr(value, step, None)):
            value = getattr(value, step)()
    try:
        if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
            return np.from_dlpack(value)
        return np.asarray(value)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise TypeError(f"{name} must be an array, got {kind}: {error}") from error


def as_column(value: Any, name: str) -> NDArray[Any]:
    """Return (N,) numbers of any type."""
    array = as_array(value, name)
    if array.dtype.kind not in "iufb":
        raise TypeError(f"{name} must be numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    return array


def as_coordinates(value: Any, name: str, *shape: int) -> NDArray[np.float64]:
    """Return coordinates as float64 of this shape, in which -1 is any number."""
    array = as_array(value, name)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be numbers, got dtype {array.dtype}")
    if array.size == 0:
        return np.zeros([max(n, 0) for n in shape])
    if array.ndim != len(shape) or any(n not in {-1, m} for n, m in zip(shape, array.shape, strict=True)):
        wanted = ", ".join("N" if n < 0 else str(n) for n in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def points_of(xy: Any, name: str, visible: Any = None) -> Points:
    """Return (N, K, 2) keypoints; unless ``visible`` tells, those at (0, 0) are invisible.

    Detectors place keypoints there that they did not find.
    """
    coords = as_coordinates(xy, name, -1, -1, 2)
    seen = (coords != 0).any(axis=2) if visible is None else as_array(visible, "visible").astype(bool)
    count, each = coords.shape[:2]
    offsets = np.arange(count + 1, dtype=np.int64) * each
    return Points(coords.reshape(-1, 2), offsets, seen.reshape(-1))


def quadrilaterals(corners: Any) -> Polygons:
    """Return (N, 4, 2) corners as polygons."""
    coords = as_coordinates(corners, "xyxyxyxy", -1, 4, 2)
    each = np.arange(len(coords) + 1, dtype=np.int64)
    return Polygons(coords.reshape(-1, 2), each * 4, each, each)


def masks_of_codes(codes: Sequence[RunLengths | None]) -> Masks:
    """Return run lengths along the rows, one per annotation or None, as columns."""
    none = np.zeros(0, dtype=np.int64)
    sizes = [(0, 0) if code is None else (code.height, code.width) for code in codes]
    runs = [none if code is None else np.asarray(code.code) for code in codes]
    return Masks.of_runs(np.array(sizes, dtype=np.int64).reshape(-1, 2), runs, column_major=False)
