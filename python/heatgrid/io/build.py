"""Builder of batches: annotations one by one, sources one after the other."""

from __future__ import annotations

import math
from functools import cached_property
from itertools import chain, pairwise, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError
from heatgrid.io.attributes import attributes_of
from heatgrid.io.files import UNKNOWN, clean
from heatgrid.io.images import ImageSizes
from heatgrid.io.parse import is_known
from heatgrid.io.shapes import Shape, ShapeColumns

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.ragged import Masks
    from heatgrid.io.columns import ImageColumns
    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.parse import Box

T = TypeVar("T")

NO_GEOMETRY = "no geometry"
TOO_MANY = "more vertices than limits.vertices"
UNLABELED = f"annotation without a class, counted as {NO_CLASS}"
SEVERAL = "region of several classes, counted once per class"
ORDERED = "corners in the wrong order, swapped"


class BatchBuilder:
    """Collects images and their annotations, and makes batches of them.

    A position is the number of an annotation in its file; a place is its text, or that of an image.

    Classes are numbered in order of appearance and keep their numbers from batch to batch. Coordinates are
    ``normalized`` if they are divided by the image size; the run lengths of ``column_major`` masks follow
    columns.
    """

    def __init__(
        self,
        source: str,
        options: ReadOptions,
        *,
        normalized: bool = False,
        position_format: str = "object {}",
        column_major: bool = True,
    ) -> None:
        self.source = source
        self._options = options
        self._normalized = normalized
        self._position_format = position_format
        self._column_major = column_major
        self.restart()

    def restart(self) -> None:
        """Forget everything since the last batch, and the classes."""
        self._classes: dict[str, int] = {}
        self._labels: dict[str, int] = {}  # the class of each label as it is in a file
        self._clear()

    def _clear(self) -> None:
        self.report = Report()
        self._names: list[str] = []
        self._files: list[str] = []
        self._places: list[str] = []
        self._image_sizes: list[Size] = []
        self._image: list[int] = []
        self._label: list[int] = []
        self._shapes = ShapeColumns()
        self._ids: list[object] = []
        self._flags: list[int] = []
        self._scores: list[float] = []
        self._positions: list[int] = []
        self._holders: list[dict[str, str | None] | None] = []
        self._image_holders: list[dict[str, str | None] | None] = []

    @property
    def images(self) -> int:
        """Number of images since the last batch."""
        return len(self._names)

    @property
    def room(self) -> int:
        """Number of images that still belong to the current batch."""
        return self._options.batch_images - len(self._names)

    def image(
        self, name: str, file: str, size: Size = UNKNOWN, place: str = "", *, holder: object = None
    ) -> None:
        """Begin an image, to which the following annotations belong; ``place`` is its place in the file.

        ``holder`` is the object of the file that holds its attributes.
        """
        self._names.append(clean(name))
        self._files.append(file)
        self._places.append(place)
        self._image_sizes.append(size)
        if self._options.attributes:
            self._image_holders.append(self._attributes_of(holder))

    def _attributes_of(self, holder: object) -> dict[str, str | None] | None:
        """Return the attributes that the caller asks for, None if there are none."""
        return attributes_of(holder, self._options.attributes) if self._options.attributes else None

    @property
    def size(self) -> Size:
        """Size of the current image, for geometry that depends on it; searched if the file gives none."""
        size = self._image_sizes[-1]
        if not is_known(size):
            size = self._sizes.find(self._names[-1], self._files[-1], self.report)
            self._image_sizes[-1] = size
        return size

    @cached_property
    def _sizes(self) -> ImageSizes:
        return ImageSizes(self._options, Path(self.source))

    def add_shape(
        self,
        label: str,
        position: int,
        shape: Shape,
        *,
        flags: int = 0,
        key: object = None,
        score: float | None = None,
        holder: object = None,
    ) -> None:
        """Add an annotation to the current image, or skip it if it has no geometry or too many vertices.

        An empty ``label`` is that of `NO_CLASS`. ``position`` and ``key`` are the annotation's position in
        the file and its id there; ``flags`` are `Flag` bits; ``holder`` holds its attributes.
        """
        vertices = shape.vertices
        if not shape.kinds or vertices > self._options.limits.vertices:
            self.skip(TOO_MANY if vertices else NO_GEOMETRY, position, key, label=label or None)
            return
        if not label:
            self.note(UNLABELED, position, key)
        self._image.append(len(self._names) - 1)
        self._label.append(self._class_of(label))
        self._shapes.add(shape)
        self._ids.append(key)
        self._flags.append(int(flags))
        self._scores.append(math.nan if score is None else score)
        self._positions.append(position)
        if self._options.attributes:
            self._holders.append(self._attributes_of(holder))

    def add_masks(
        self,
        labels: Sequence[str],
        positions: Sequence[int],
        masks: Masks,
        boxes: NDArray[np.float64],
        *,
        flags: Sequence[int],
        keys: Sequence[object],
    ) -> None:
        """Add annotations with a mask and a box each to the current image; see `add_shape`."""
        for label, position, key in zip(labels, positions, keys, strict=True):
            if not label:
                self.note(UNLABELED, position, key)
        self._shapes.add_masks(masks, boxes)
        self._add_rows(labels, positions, flags, keys)
        if self._options.attributes:
            self._holders += [self._attributes_of(None)] * len(labels)

    def add_boxes(self, labels: Sequence[str], boxes: Sequence[Box], flags: Sequence[int]) -> None:
        """Add boxes without any fault to the current image, at positions 1, 2, 3, ..."""
        count = len(labels)
        first = 1.0 if self._options.one_based else 0.0
        self._shapes.add_boxes(
            [(x1 - first, y1 - first, x2, y2) for x1, y1, x2, y2 in boxes] if first else boxes
        )
        self._add_rows(labels, range(1, count + 1), flags, [None] * count)

    def add_objects(
        self,
        labels: Sequence[str],
        keys: Sequence[object],
        boxes: array[float],
        vertices: Sequence[int],
        coords: array[float],
    ) -> None:
        """Add boxes and polygons, as in `BoxesAndRings`, to the current image, at positions 0, 1, 2, ..."""
        self._shapes.add_boxes_and_rings(boxes, vertices, coords)
        self._add_rows(labels, range(len(labels)), [0] * len(labels), keys)

    def add_images(self, images: ImageColumns, file: str, begin: int, end: int) -> None:
        """Add the images from ``begin`` to ``end``, at most `room`, with annotations at 0, 1, 2, ..."""
        first, last = images.offsets[begin], images.offsets[end]
        counts = [after - before for before, after in pairwise(images.offsets[begin : end + 1])]
        owners = chain.from_iterable(
            map(repeat, range(len(self._names), len(self._names) + end - begin), counts)
        )
        self._names += map(clean, images.names[begin:end])
        self._files += [file] * (end - begin)
        self._places += images.places[begin:end]
        self._image_sizes += images.sizes[begin:end]
        shapes = images.shapes.part(first, last)
        vertices = [0] * (last - first) if shapes.vertices is None else shapes.vertices.tolist()
        self._shapes.add_boxes_and_rings(shapes.boxes, vertices, shapes.coords)
        positions = list(chain.from_iterable(map(range, counts)))
        flags, keys = images.flags[first:last], images.keys[first:last]
        scores = images.scores[first:last]
        self._add_rows(images.labels[first:last], positions, flags, keys, images=owners, scores=scores)

    def _add_rows(
        self,
        labels: Sequence[str],
        positions: Sequence[int],
        flags: Sequence[int],
        keys: Sequence[object],
        *,
        images: Iterable[int] | None = None,
        scores: Sequence[float] = (),
    ) -> None:
        """Add all but the shapes of annotations, of the current image if not of ``images``."""
        count = len(labels)
        self._image += [len(self._names) - 1] * count if images is None else images
        self._label += map(self._class_of, labels)
        self._ids += keys
        self._flags += flags
        self._scores += scores or [math.nan] * count
        self._positions += positions

    def _class_of(self, label: str) -> int:
        """Return the number of a label's class."""
        if (number := self._labels.get(label)) is None:
            number = self._classes.setdefault(clean(label) or NO_CLASS, len(self._classes))
            self._labels[label] = number
        return number

    def skip(self, reason: str, position: int, key: object = None, *, label: str | None = None) -> None:
        """Skip an annotation of the current image, or raise FormatError with ``on_error="raise"``."""
        self.skip_row(reason, self._files[-1], self._place(position), key, label=label)

    def skip_row(
        self, reason: str, file: str, place: str, key: object = None, *, label: str | None = None
    ) -> None:
        """Skip an annotation at any place in a file; see `skip`."""
        if self._options.strict:
            raise FormatError(reason, file, place, key)
        self.report.skip(reason, describe(file, place, key), label=None if label is None else clean(label))

    def note(self, text: str, position: int | None = None, key: object = None) -> None:
        """Add a note about the current image, or about one of its annotations."""
        if not self.report.keeps_another_example(text):
            self.report.note(text)
            return
        place = self._places[-1] if position is None else self._place(position)
        self.report.note(text, where=describe(self._files[-1], place, key))

    def box(self, corners: Box, position: int, key: object = None) -> Box:
        """Return corners, which count from 0, in order; add a note if they are not."""
        x1, y1, x2, y2 = corners
        if x1 > x2 or y1 > y2:
            self.note(ORDERED, position, key)
            x1, y1, x2, y2 = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
        first = 1 if self._options.one_based else 0
        return x1 - first, y1 - first, x2, y2

    def _place(self, position: int) -> str:
        place = self._position_format.format(position)
        return f"{self._places[-1]}.{place}" if self._places[-1] else place

    def build(self, split: str | None) -> Annotations:
        """Return everything since the last batch as a batch."""
        self.report.images += len(self._names)
        scores = np.array(self._scores, dtype=np.float64)
        batch = Annotations(
            image_names=self._names,
            image=np.array(self._image, dtype=np.int64),
            label=np.array(self._label, dtype=np.int64),
            classes=tuple(self._classes),
            normalized=self._normalized,
            sizes=np.array(self._image_sizes, dtype=np.float64).reshape(-1, 2),
            kinds=self._shapes.kinds(),
            **self._shapes.columns(column_major=self._column_major),
            ids=self._ids,
            flags=np.array(self._flags, dtype=np.uint8),
            scores=None if np.isnan(scores).all() else scores,
            source=self.source,
            split=split,
            files=self._files,
            places=self._places if any(self._places) else None,
            positions=np.array(self._positions, dtype=np.int64),
            position_format=self._position_format,
            attributes=self._attribute_columns(self._holders),
            image_attributes=self._attribute_columns(self._image_holders),
            report=self.report,
        )
        self._clear()
        return batch

    def _attribute_columns(self, found: list[Any]) -> dict[str, list[str | None]] | None:
        names = self._options.attributes
        return {name: [values[name] for values in found] for name in names} if names else None


def empty_batch(report: Report, source: str) -> Annotations:
    """Return a batch without images, which carries a report."""
    return Annotations(
        image_names=(),
        image=np.zeros(0, dtype=np.int64),
        label=np.zeros(0, dtype=np.int64),
        classes=(),
        normalized=True,
        kinds=np.zeros(0, dtype=np.uint8),
        source=source,
        report=report,
    )


def read_each(
    sources: Sequence[T],
    read_one: Callable[[T], Iterable[Annotations]],
    options: ReadOptions,
    refuse: Callable[[str, str | None], object] | None = None,
) -> Iterator[Annotations]:
    """Yield the batches of each source; a source that cannot be read yields an empty batch with a report.

    If passed, ``refuse`` receives the reason and the place of such a source instead. Raises FormatError if
    the only source cannot be read, or none of several, or, with ``on_error="raise"``, any of them.
    """
    first: FormatError | None = None
    succeeded = False
    for source in sources:
        try:
            yield from read_one(source)
            succeeded = True
        except FormatError as error:
            if options.strict or len(sources) == 1:
                raise
            first = first or error
            path = error.path or str(source)
            where = describe(path, error.where or "", error.annotation)
            if refuse is not None:
                refuse(error.text, where)
                continue
            report = Report()
            report.refuse(error.text, where)
            yield empty_batch(report, path)
    if first is not None and not succeeded:
        raise first


def read_in_batches(
    sources: Sequence[T],
    add: Callable[[T], Iterator[str | None]],
    builder: BatchBuilder,
    options: ReadOptions,
) -> Iterator[Annotations]:
    """Yield batches of about ``options.batch_images`` images of one split each; raises as `read_each`.

    ``add`` adds a source's images to the builder; before each image, it yields that image's split.
    """
    current: str | None = None

    def read_one(source: T) -> Iterator[Annotations]:
        nonlocal current
        for split in add(source):
            if builder.images and (split != current or builder.images >= options.batch_images):
                yield builder.build(current)
            current = split

    def refuse(reason: str, where: str | None) -> None:
        builder.report.refuse(reason, where)

    yield from read_each(sources, read_one, options, refuse)
    if builder.images:
        yield builder.build(current)
    if builder.report != Report():
        yield empty_batch(builder.report, builder.source)
