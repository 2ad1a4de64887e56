"""One pass over a data set: a map per split, and the boxes of all counted annotations as columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from heatgrid.core.counts import Counts
from heatgrid.core.extents import measure_batch
from heatgrid.core.kernel import Outcome
from heatgrid.core.ragged import Flag, Shapes
from heatgrid.core.report import Report
from heatgrid.core.spec import CountSpec
from heatgrid.heatmap import Heatmap
from heatgrid.io.keywords import new_counts
from heatgrid.summary.comparison.blocks import ImageBlocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

    Integers = NDArray[np.int64]
    Doubles = NDArray[np.float64]

MIN_OVERLAP = 0.9
"""Intersection over union above which two boxes of one class are likely duplicates."""

NO_SPLIT = "no split"
"""Name of the split of images without one."""

_MAX_NEIGHBOURS = 1000
_SLACK = 2.0**-20  # of positions that are sorted by their first bits


class Place(NamedTuple):
    """An annotation: the name of its image, its file, its position there, and its id, if any.

    ``path`` is relative to the source, and ``"."`` for a source that is one file.
    """

    image: str
    path: str
    position: str
    id: object

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and strings; an id of another type as text."""
        known = isinstance(self.id, (int, float, str, type(None)))
        return self._asdict() | {"id": self.id if known else str(self.id)}


@dataclass(frozen=True, eq=False)
class Objects:
    """The N counted annotations of a data set, and its I images, as columns.

    Attributes
    ----------
    splits, classes
        Names, in order of appearance; None for images without a split.
    image_names
        (I,) names.
    image_split
        (I,) int64, index into ``splits``.
    sizes
        (I, 2) float64, width and height in pixels, NaN where unknown.
    image, label
        (N,) int64, index into ``image_names`` and ``classes``.
    corner, extent
        (2, N) float64, left and upper edge, width and height of the boxes, cut to the image and divided by
        its size; NaN without a box.
    pixels
        (2, N) float64, width and height in pixels; NaN where the size of the image is unknown.
    share
        (N,) float64, the box's share of the image's area.
    has_box
        (N,) bool, whether there is a box of positive area.
    crowd
        (N,) bool, whether the annotation is a crowd or group.
    """

    splits: tuple[str | None, ...]
    classes: tuple[str, ...]
    image_names: list[str]
    image_split: Integers
    sizes: Doubles
    image: Integers
    label: Integers
    corner: Doubles
    extent: Doubles
    pixels: Doubles
    share: Doubles
    has_box: NDArray[np.bool_]
    crowd: NDArray[np.bool_]
    _batches: list[Annotations]
    _starts: Integers
    _index: Integers
    _roots: tuple[Path, ...]

    @cached_property
    def by_image_and_class(self) -> tuple[Integers, Integers]:
        """Return objects in order of images, classes and left edges, and a number per image and class."""
        group = self.image * max(1, len(self.classes)) + self.label
        bits = 62 - int(group.max(initial=0)).bit_length()
        place = np.nan_to_num(self.corner[0]) * float((1 << bits) - 1)
        order = np.argsort((group << bits) + place.astype(np.int64))  # one key: much faster than lexsort
        return order, group[order]

    @cached_property
    def split(self) -> Integers:
        """(N,) int64, index into ``splits``."""
        return self.image_split[self.image]

    def size_map(self, split: int, grid: tuple[int, int]) -> Heatmap:
        """Return the size map of a split, of the objects with a box."""
        chosen = np.flatnonzero(self.has_box & (self.split == split))
        counts = Counts(CountSpec(grid=grid, of="size"), self.classes)
        sizes = Shapes(xy=np.ascontiguousarray(self.extent[:, chosen].T))
        counts.add_shapes(sizes, self.label[chosen], None, None, None, is_measured=True)
        return Heatmap.of(counts)

    def place(self, i: int) -> Place:
        """Return where annotation ``i`` is."""
        number = int(np.searchsorted(self._starts, i, side="right")) - 1
        path, position, identity = self._batches[number].place(int(self._index[i]))
        return Place(self.image_names[self.image[i]], relative(path, self._roots), position, identity)

    def sorted_by(self, rank: Integers) -> Objects:
        """Return the objects with class ``k`` as number ``rank[k]``."""
        names = tuple(self.classes[k] for k in np.argsort(rank).tolist())
        return replace(self, classes=names, label=rank[self.label])


class Collector:
    """Maps per split, and columns of objects, to which batches are added."""

    def __init__(
        self, spec: CountSpec, options: ReadOptions, roots: tuple[Path, ...], *, with_blocks: bool
    ) -> None:
        self.roots = roots
        self.spec, self.options, self.with_blocks = spec, options, with_blocks
        self.maps: dict[str | None, Counts] = {}
        self.blocks: dict[str | None, ImageBlocks] = {}
        self.stray = Report()
        self._classes: dict[str, int] = {}
        self._batches: list[Annotations] = []
        self._columns: list[tuple[NDArray[Any], ...]] = []
        self._images: list[tuple[Integers, Doubles]] = []

    def add(self, batch: Annotations) -> None:
        """Count a batch, and keep its boxes; it is released except for names, ids and positions."""
        if not batch.image_names:
            self.stray.merge(batch.report)
            return
        if batch.split not in self.maps:
            self.maps[batch.split] = new_counts(self.spec, self.options)
            self.blocks[batch.split] = ImageBlocks(self.spec, self.options)
        outcome = self.maps[batch.split].add_batch(batch, **self.options.counting)
        if self.with_blocks:
            self.blocks[batch.split].add(batch)
        count = len(batch.image_names)
        sizes = np.full((count, 2), np.nan) if batch.sizes is None else batch.sizes
        first = sum(len(numbers) for numbers, _ in self._images)
        split = list(self.maps).index(batch.split)
        self._images.append((np.full(count, split), sizes))
        names = np.array(
            [self._classes.setdefault(name, len(self._classes)) for name in batch.classes], dtype=np.int64
        )
        index = np.flatnonzero(outcome <= Outcome.COUNTED_AS_POINT.value)
        # A slice avoids copies where all are counted, as usual.
        chosen: Any = slice(None) if len(index) == len(batch) else index
        crowd = np.zeros(len(index), dtype=bool)
        if batch.flags is not None:
            crowd = (batch.flags[chosen] & (Flag.CROWD | Flag.GROUP)) != 0
        boxes = measure_batch(batch, outcome, self.options.geometry)[:, chosen]
        image, label = batch.image[chosen] + first, names[batch.label[chosen]]
        self._columns.append((image, label, boxes, crowd, index))
        self._batches.append(
            replace(batch, boxes=None, polygons=None, masks=None, points=None, lines=None, report=Report())
        )

    def objects(self) -> Objects:
        """Return all columns, classes with most objects first."""
        empty = np.zeros(0, dtype=np.int64)
        columns = self._columns or [(empty, empty, np.zeros((6, 0)), np.zeros(0, dtype=bool), empty)]
        image, label, boxes, crowd, index = (
            parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
            for parts in zip(*columns, strict=True)
        )
        images = self._images or [(empty, np.zeros((0, 2)))]
        share = boxes[2] * boxes[3]
        found = Objects(
            splits=tuple(self.maps),
            classes=tuple(self._classes),
            image_names=[name for batch in self._batches for name in batch.image_names],
            image_split=np.concatenate([split for split, _ in images]),
            sizes=np.concatenate([sizes for _, sizes in images]),
            image=image,
            label=label,
            corner=boxes[:2],
            extent=boxes[2:4],
            pixels=boxes[4:],
            share=share,
            has_box=share > 0,
            crowd=crowd,
            _batches=self._batches,
            _starts=np.cumsum([0, *(len(part[0]) for part in columns)])[:-1],
            _index=index,
            _roots=self.roots,
        )
        order = np.argsort(-np.bincount(label, minlength=len(self._classes)), kind="stable")
        return found.sorted_by(np.argsort(order, kind="stable"))


@lru_cache(maxsize=256)
def relative(path: str, roots: tuple[Path, ...]) -> str:
    """Return a path relative to the source, or to the folder of the one of several sources that has it."""
    for root in roots:
        if Path(path).is_relative_to(root):
            return str(Path(path).relative_to(root if len(roots) == 1 else root.parent))
    return Path(path).name


def likely_duplicates(objects: Objects) -> tuple[Integers, Integers, Doubles]:
    """Return pairs of annotations of one image and class whose boxes overlap above `MIN_OVERLAP`.

    The result has the earlier annotations, the later ones, and their intersections over unions, most first.
    Crowds are left out. Of boxes that begin within a tenth of a width of each other, a thousand are compared.
    """
    order, group = objects.by_image_and_class
    shared = np.diff(group) == 0  # most objects are the only one of their class and image
    several = np.flatnonzero(np.concatenate([[False], shared]) | np.concatenate([shared, [False]]))
    index, group = order[several], group[several]
    kept = np.flatnonzero(objects.has_box[index] & ~objects.crowd[index])
    index, group = index[kept], group[kept]
    (x1, y1), (w, h), area = objects.corner[:, index], objects.extent[:, index], objects.share[index]
    x2, y2, reach = x1 + w, y1 + h, x1 + (1 - MIN_OVERLAP) * w + _SLACK
    found: list[tuple[Any, ...]] = [(index[:0], index[:0], area[:0])]
    first = np.arange(len(index))
    for step in range(1, _MAX_NEIGHBOURS + 1):
        first = first[first + step < len(index)]
        other = first + step
        # An overlap above t needs the intersection to be wider than t times either box.
        near = (group[other] == group[first]) & (x1[other] <= reach[first])
        first, other = first[near], other[near]
        if not len(first):
            break
        width = np.minimum(x2[first], x2[other]) - np.maximum(x1[first], x1[other])
        height = np.minimum(y2[first], y2[other]) - np.maximum(y1[first], y1[other])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        overlap = shared / (area[first] + area[other] - shared)
        is_pair = overlap > MIN_OVERLAP
        pair = index[first[is_pair]], index[other[is_pair]]
        found.append((np.minimum(*pair), np.maximum(*pair), overlap[is_pair]))
    earlier, later, overlap = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((later, earlier, -overlap))
    return earlier[order], later[order], overlap[order]
