"""Data sets and views of FiftyOne, whose samples are read in batches.

``values()`` reads the columns that are needed (https://docs.voxel51.com/user_guide/using_aggregations.html).
The name of an image is the id of its sample, for ``dataset.select(ids)``; its file is the sample's file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.ragged import Flag, offsets_of
from heatgrid.core.report import Report
from heatgrid.core.spec import suggestion
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.attributes import attribute_of
from heatgrid.io.bitmaps import decode_png
from heatgrid.io.build import UNLABELED
from heatgrid.io.files import UNKNOWN, clean
from heatgrid.io.objects.batch import Overrides, as_array, masks_of_codes, number_names
from heatgrid.io.objects.fiftyone import box_mask, path_shape, point_shape, scores_of
from heatgrid.io.options import ReadOptions, canonical_split, split_in
from heatgrid.io.parse import MisfitError, is_known
from heatgrid.io.shapes import GeometryColumns, RunLengths, ShapeColumns, kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

NO_MASK_FILE = "box used, the file of the mask cannot be read"
OTHER_FIELD = "field of labels left out, another one is read (field=)"
NO_METADATA = "sample without width and height: call compute_metadata() on the data set"

_LISTS = {"Detections": "detections", "Polylines": "polylines", "Keypoints": "keypoints"}
_TYPES = _LISTS | {"Detection": "detections", "Polyline": "polylines", "Keypoint": "keypoints"}
_COLUMNS = {
    "detections": ("bounding_box", "mask", "mask_path"),
    "polylines": ("points", "closed", "filled"),
    "keypoints": ("points",),
}
_SAMPLE = ("id", "filepath", "tags", "metadata.width", "metadata.height")
_FLAGS = {
    "crowd": ("iscrowd", "is_crowd"),
    "group": ("IsGroupOf", "is_group_of"),
    "difficult": ("difficult",),
    "truncated": ("truncated", "IsTruncated"),
    "occluded": ("occluded", "IsOccluded"),
}
_FIRST = 256
"""Samples of the first batch, and of all batches while there are masks, which are dense."""

Values = dict[str, list[Any]]
"""Columns by path: one value per sample, or one list of the values of its labels."""


def is_collection(value: Any) -> bool:
    """Return whether an object is a data set or a view."""
    return all(hasattr(value, name) for name in ("get_field_schema", "match_tags", "values"))


def from_collection(value: Any, overrides: Overrides) -> Annotations:
    """Return the labels of all samples as one batch."""
    for name in ("labels", "images"):
        if getattr(overrides, name) is not None:
            raise TypeError(
                f"{name} must not be given with a data set of FiftyOne, whose samples have their own"
            )
    options = ReadOptions(
        size=overrides.size,
        columns=overrides.columns,
        field=overrides.field,
        attributes=overrides.attributes or (),
    )
    return _Labels.of(value, options).read(value)[0]


def read_collection(collection: Any, options: ReadOptions) -> Iterator[Annotations]:
    """Yield the labels of a data set or view, batches of samples of one split each.

    Raises
    ------
    ValueError
        The field of labels is unknown or ambiguous, or image sizes are needed, and no sample has one.
    """
    labels = _Labels.of(collection, options)
    total, begin, step = collection.count(), 0, min(_FIRST, options.batch_images)
    has_sizes = not total or not options.needs_sizes
    while begin < total:
        batch, splits = labels.read(collection[begin : begin + step])
        batch.report.parts = int(begin == 0)  # the samples of a collection are different ones
        has_sizes |= batch.sizes is not None and not np.isnan(batch.sizes).all()
        begin += step
        step = _FIRST if batch.masks is not None else min(4 * step, options.batch_images)
        yield from by_split(batch, splits, options)
    if not has_sizes:
        raise ValueError(f"image sizes are needed: {NO_METADATA}, or pass size=")


@dataclass(frozen=True, slots=True)
class _Labels:
    """A field of labels: its path down to the labels, their kind, and what else is read of each sample."""

    path: str
    kind: str
    is_list: bool
    options: ReadOptions
    source: str
    columns: tuple[str, ...]  # paths of values
    split: str | None  # the field of the split; None takes the tags
    others: tuple[str, ...]  # fields of labels that are not read

    @classmethod
    def of(cls, collection: Any, options: ReadOptions) -> _Labels:
        """Return the field that the caller names, or else the only one."""
        roles = options.columns or {}
        if unknown := set(roles) - {"split"}:
            raise TypeError(f"columns must only name the split of a FiftyOne data set, got {sorted(unknown)}")
        field, type_name, others = _choose_field(collection, options.field)
        split: str | None = str(roles.get("split", "split"))
        if not collection.has_field(split):
            if roles:
                raise ValueError(f"columns: no field {split!r} in the data set")
            split = None
        kind = _TYPES[type_name]
        path = f"{field}.{kind}" if type_name in _LISTS else field
        of_samples = [*_SAMPLE, *options.attributes, *([] if split is None else [split])]
        columns = [name for name in of_samples if collection.has_field(name)]
        flags = [name for own in options.exclude or () for name in _FLAGS[own]]
        attributes = [name for name in options.attributes if name not in columns]
        of_labels = ("id", "label", "confidence", *_COLUMNS[kind], *flags, *attributes)
        columns += [f"{path}.{name}" for name in of_labels]  # undeclared ones are None
        source = getattr(collection, "dataset_name", None) or collection.name
        return cls(path, kind, path != field, options, source, tuple(dict.fromkeys(columns)), split, others)

    def read(self, part: Any) -> tuple[Annotations, list[str | None]]:
        """Return the labels of a part of the collection, and the split of each sample."""
        values = dict(zip(self.columns, part.values(list(self.columns)), strict=True))
        names, files = values["id"], values["filepath"]
        counts, column_of = self._flatten(values)
        report = Report(images=len(names))
        for name in self.others:
            report.note(OTHER_FIELD, where=name)
        image = np.repeat(np.arange(len(names)), counts)
        positions = np.arange(len(image)) - np.repeat(offsets_of(counts)[:-1], counts)
        label, classes = number_names([clean(name) if name else NO_CLASS for name in column_of("label")])
        sizes, asked = self._sizes(values), self.options.attributes
        batch = Annotations(
            image_names=names,
            image=image,
            label=label,
            classes=classes,
            normalized=True,
            sizes=sizes,
            kinds=np.zeros(len(image), dtype=np.uint8),
            ids=column_of("id"),
            flags=self._flags(column_of, len(image)),
            scores=scores_of(column_of("confidence")),
            source=self.source,
            files=files,
            positions=positions,
            position_format=f"{self.path}[{{}}]" if self.is_list else self.path,
            attributes={name: _texts(column_of(name)) for name in asked if name not in values},
            image_attributes={name: _texts(values[name]) for name in asked if name in values},
            report=report,
        )
        unnamed = np.array([not name for name in column_of("label")], dtype=bool)
        report.note_at(UNLABELED, np.flatnonzero(unnamed), batch.where)
        if self.options.needs_sizes:
            unsized = np.flatnonzero(np.isnan(sizes).any(axis=1))
            report.note_at(NO_METADATA, unsized, lambda i: str(files[i]))
        if self.kind == "detections":
            has_box, geometry = self._boxes(column_of, batch)
            kinds = kinds_of(has_box, geometry)
        else:
            shapes = self._shapes(column_of)
            kinds, geometry = shapes.kinds(), shapes.columns(column_major=False)
        return replace(batch, kinds=kinds, **geometry), self._splits(values)

    def _flatten(self, values: Values) -> tuple[list[int], Callable[[str], list[Any]]]:
        """Return the number of labels per sample, and a function from a name to the labels' values."""
        ids = values[f"{self.path}.id"]
        counts = [len(own or ()) for own in ids] if self.is_list else [int(own is not None) for own in ids]

        def column_of(name: str) -> list[Any]:
            column = values.get(f"{self.path}.{name}")
            if column is None:
                return [None] * sum(counts)
            if self.is_list:
                return list(chain.from_iterable(own or () for own in column))
            return [own for own, count in zip(column, counts, strict=True) if count]

        return counts, column_of

    def _sizes(self, values: Values) -> NDArray[np.float64]:
        """Return the size of each sample: that of its metadata, or else what the caller passes."""
        none = [None] * len(values["id"])
        sides = [values.get(f"metadata.{side}", none) for side in ("width", "height")]
        sizes = np.array(sides, dtype=np.float64).T.reshape(-1, 2).copy()
        size = self.options.size
        for i in np.flatnonzero(~(sizes > 0).all(axis=1)).tolist():
            sizes[i] = (size.get(values["id"][i], UNKNOWN) if isinstance(size, Mapping) else size) or UNKNOWN
        return sizes

    def _flags(self, column_of: Callable[[str], list[Any]], count: int) -> NDArray[np.uint8] | None:
        """Return the flags of the attributes that the caller excludes."""
        if self.options.exclude is None:
            return None
        flags = np.zeros(count, dtype=np.uint8)
        for attribute in self.options.exclude:
            for name in _FLAGS[attribute]:
                is_set = np.array([bool(value) for value in column_of(name)], dtype=bool)
                flags[is_set] |= np.uint8(Flag[attribute.upper()])
        return flags

    def _boxes(
        self, column_of: Callable[[str], list[Any]], batch: Annotations
    ) -> tuple[NDArray[np.bool_], GeometryColumns]:
        """Return which labels have a box, and boxes and masks."""
        xywh = _as_boxes(column_of("bounding_box"))
        has_box = np.asarray(~np.isnan(xywh).all(axis=1))
        boxes = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
        masks, files = column_of("mask"), column_of("mask_path")
        codes: list[RunLengths | None] = [None] * len(masks)
        for i, (mask, file) in enumerate(zip(masks, files, strict=True)):
            if mask is None and file is None:
                continue
            bitmap = _read_mask(file, self.options) if mask is None else as_array(mask, "mask") != 0
            if bitmap is None:
                batch.report.note(NO_MASK_FILE, where=batch.where(i))
                continue
            size = batch.sizes_of_annotations[i].tolist()
            x, y, width, height = xywh[i].tolist()
            codes[i] = box_mask(bitmap, (x, y, width, height), size if is_known(size) else None)
        has_masks = any(code is not None for code in codes)
        return has_box, {"boxes": boxes, "masks": masks_of_codes(codes) if has_masks else None}

    def _shapes(self, column_of: Callable[[str], list[Any]]) -> ShapeColumns:
        """Return polylines or keypoints; those without points have no geometry."""
        columns = ShapeColumns()
        points, closed, filled = map(column_of, ("points", "closed", "filled"))
        for i, own in enumerate(points):
            if self.kind == "keypoints":
                columns.add(point_shape(own or ()))
            else:
                columns.add(path_shape(own or (), is_area=bool(closed[i] or filled[i])))
        return columns

    def _splits(self, values: Values) -> list[str | None]:
        """Return the split of each sample: the value of its field, or else of its tags."""
        if self.split is not None:
            own = values[self.split]
            return [None if value is None else canonical_split(str(value)) for value in own]
        wanted = self.options.splits or ()
        return [
            next((canonical_split(tag) for tag in tags if canonical_split(tag) in wanted), None)
            or next(filter(None, map(split_in, tags)), None)
            for tags in values["tags"]
        ]


def by_split(batch: Annotations, splits: Sequence[str | None], options: ReadOptions) -> Iterator[Annotations]:
    """Yield the samples of a batch by split, without those of other splits than the caller wants."""
    report = batch.report
    for split in dict.fromkeys(splits):
        if not options.wants(split):
            continue
        own = np.array([other == split for other in splits], dtype=bool)
        part = batch if own.all() else batch.with_images(own)
        report.images = len(part.image_names)
        yield replace(part, split=split, report=report)
        report = Report()


def _texts(values: Sequence[Any]) -> list[str | None]:
    return [attribute_of({"value": value}, "value") for value in values]


def _as_boxes(values: Sequence[Any]) -> NDArray[np.float64]:
    """Return x, y, width and height of each label, NaN where there are none."""
    try:
        boxes = np.array(values, dtype=np.float64)
        if boxes.shape == (len(values), 4):
            return boxes
    except (TypeError, ValueError):
        pass
    none = (math.nan,) * 4
    rows = [own if isinstance(own, (list, tuple)) and len(own) == 4 else none for own in values]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _read_mask(path: Any, options: ReadOptions) -> NDArray[np.bool_] | None:
    """Return the mask that a file holds, None if it cannot be read."""
    try:
        content = places.read_whole(path, options.limits.file_bytes)
        return decode_png(content, options.limits.bitmap_pixels)
    except (OSError, FormatError, MisfitError):
        return None


def _choose_field(collection: Any, wanted: str | None) -> tuple[str, str, tuple[str, ...]]:
    """Return a field of labels, its type, and the other fields of labels.

    It is the one that the caller wants, or else the only one with detections, or the only one.
    """
    found = label_fields(collection)
    if wanted is not None:
        known = _type_name(collection.get_field(wanted))
        if known in _TYPES:
            return wanted, known, ()
        what = f"holds {known}" if known else "is no field of labels"
        hint = "" if known else suggestion(wanted, [*found])
        raise ValueError(f"field: {wanted!r} {what}{hint}; {_list_fields(collection, found)}")
    first = [name for name, own in found.items() if _TYPES[own] == "detections"] or [*found]
    if len(first) == 1:
        return first[0], found[first[0]], tuple(name for name in found if name != first[0])
    raise ValueError(f"field must be given; {_list_fields(collection, found)}")


def label_fields(collection: Any) -> dict[str, str]:
    """Return the fields of a data set or view that hold boxes, polylines or keypoints, and their types."""
    types = {name: _type_name(field) for name, field in collection.get_field_schema().items()}
    return {name: own for name, own in types.items() if own in _TYPES}


def _type_name(field: Any) -> str:
    return getattr(getattr(field, "document_type", None), "__name__", "")


def _list_fields(collection: Any, found: Mapping[str, str]) -> str:
    """Return the fields of labels as words; for videos, the way to those of their frames."""
    if found:
        return f"fields of labels: {', '.join(f'{name} ({own})' for name, own in found.items())}"
    if collection.media_type == "video":
        return "the labels of videos are those of their frames: pass view.to_frames()"
    return "no field holds boxes, polylines or keypoints"
