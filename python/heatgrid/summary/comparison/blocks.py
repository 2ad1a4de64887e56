"""Counts of consecutive images in blocks, and the images that two data sets have in common."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.counts import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.spec import CountSpec
    from heatgrid.io.options import ReadOptions

    Integers = NDArray[np.int64]

MAX_CELLS = 10_000
"""Maximum number of cells of a grid that is tested."""
MAX_CLASS_CELLS = 100
"""Maximum number of cells of a grid on which single classes are tested."""

_MAX_COUNTS = 1 << 22
_MAX_BLOCKS = 8192
_PLANES_PER_STEP = 256


class ImageBlocks:
    """Counts of consecutive images, in blocks of equal numbers of images.

    ``counts`` is (blocks, classes, cells) float64: integers, except with ``rule="area"``. ``classes`` are
    the indices of the classes by name, without ``by_class`` a single one. Each block starts with one image.
    When there are too many counts, neighbours are added in pairs: blocks of ``size`` 2, 4, 8 … images, so
    that memory does not grow with the data set. The last block may have fewer images.
    """

    def __init__(
        self, spec: CountSpec, options: ReadOptions, *, by_class: bool = False, max_cells: int = MAX_CELLS
    ) -> None:
        factor = max(1.0, math.sqrt(spec.grid[0] * spec.grid[1] / max_cells))
        rows, columns = (max(1, int(n / factor)) for n in spec.grid)
        self.shape = min(rows, max_cells // columns) or 1, min(columns, max_cells // rows) or 1
        self.images, self.size = 0, 1
        self.classes: dict[str, int] = {}
        self._spec, self._geometry = replace(spec, grid=self.shape), options.counted_geometry
        self._by_class = by_class
        self.counts: NDArray[np.float64] = np.zeros((0, 0, math.prod(self.shape)))

    def add(self, batch: Annotations, number: Integers | None = None) -> None:
        """Add the images of a batch, including images without annotations.

        ``number`` are the numbers of its images, -1 for those to leave out; by default the next ones.
        """
        if not batch.image_names:
            return
        names = batch.classes if self._by_class else ("all",)
        plane = [self.classes.setdefault(name, len(self.classes)) for name in names]
        if number is None:
            number = self.images + np.arange(len(batch.image_names))
        self.images = max(self.images, int(number.max()) + 1)
        limit = max(2, min(_MAX_BLOCKS, _MAX_COUNTS // max(1, len(self.classes) * self.counts.shape[2])))
        while (self.images - 1) // self.size >= limit:
            self.merge_pairs()
        missing = -(-self.images // self.size) - len(self.counts), len(self.classes) - self.counts.shape[1]
        self.counts = np.pad(self.counts, [(0, missing[0]), (0, missing[1]), (0, 0)])
        if not plane:
            return
        label = batch.label if self._by_class else np.zeros_like(batch.label)
        of_annotation = (number // self.size)[batch.image]  # of images to leave out, it is negative
        present = np.unique(of_annotation[of_annotation >= 0])
        step = max(1, _PLANES_PER_STEP // len(plane))
        for some in np.split(present, range(step, len(present), step)) if len(present) else ():
            chosen = (of_annotation >= some[0]) & (of_annotation <= some[-1])
            planes = tuple(map(str, range(len(some) * len(plane))))
            plane_of = np.searchsorted(some, of_annotation[chosen]) * len(plane) + label[chosen]
            part = replace(batch.select(chosen), label=plane_of, classes=planes)
            counts = Counts(self._spec, planes)  # one class per block and class: one call counts them all
            counts.add_batch(part, geometry=self._geometry)
            self.counts[np.ix_(some, np.array(plane))] += counts.grids.counts.reshape(
                len(some), len(plane), -1
            )

    def merge_pairs(self) -> None:
        """Double the number of images per block."""
        if len(self.counts) % 2:
            self.counts = np.pad(self.counts, [(0, 1), (0, 0), (0, 0)])
        self.counts = self.counts[0::2] + self.counts[1::2]
        self.size *= 2


def equalize(a: ImageBlocks, b: ImageBlocks, *, paired: bool = False) -> None:
    """Bring two data sets to the same number of images per block, and ``paired`` ones to equal blocks."""
    while a.size != b.size:
        (a if a.size < b.size else b).merge_pairs()
    if paired:
        rows = max(len(a.counts), len(b.counts))
        for own in (a, b):
            own.counts = np.pad(own.counts, [(0, rows - len(own.counts)), (0, 0), (0, 0)])


def _stem(name: str) -> str:
    """Return a name without its suffix, but with its folders."""
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and "/" not in suffix else name


def _last_part(name: str) -> str:
    return name.rpartition("/")[2]


class ImagePairs:
    """Images that two data sets have in common, by their names, with or without a suffix and folders.

    Images of one name in one data set are one image. Names match if they are equal, or equal without their
    suffixes, or if one of them has no folder and they are equal without the other's. ``second`` are the
    counts of the second data set in these images, numbered as in the first.
    """

    def __init__(self, second: tuple[ImageBlocks, ...]) -> None:
        self.second = second
        self._number: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._last_parts: dict[str, int] = {}
        self._annotated: set[int] = set()
        self._common: set[int] = set()
        self._annotated_in_both: set[int] = set()
        self._annotated_in_second = 0
        self._only_second = 0
        self._is_distinct = True

    def add_first(self, batch: Annotations) -> None:
        """Add the images of a batch of the first data set."""
        known = len(self._number)
        numbers = [self._number.setdefault(name, len(self._number)) for name in batch.image_names]
        self._is_distinct &= len(self._number) == known + len(numbers)
        self._annotated.update(numbers[i] for i in np.unique(batch.image).tolist())

    def add_second(self, batch: Annotations) -> None:
        """Add the images of a batch of the second data set, and count those that the first has."""
        if not self._stems:
            for name, number in self._number.items():
                stem = _stem(name)
                for table, key in ((self._stems, stem), (self._last_parts, _last_part(stem))):
                    table[key] = -1 if key in table else number  # -1: not the only one
        found = [
            self._number[name] if name in self._number else self._find(_stem(name))
            for name in batch.image_names
        ]
        self._common.update(number for number in found if number >= 0)
        self._only_second += found.count(-1)
        annotated = {found[i] for i in np.unique(batch.image).tolist()}
        self._annotated_in_second += len(np.unique(batch.image))
        self._annotated_in_both |= annotated & self._annotated
        for own in self.second:
            own.add(batch, np.array(found, dtype=np.int64))

    def _find(self, stem: str) -> int:
        """Return the number of the first data set's image of a name without suffix, -1 if there is none."""
        if stem in self._stems:
            return self._stems[stem]
        if "/" in stem:
            return self._stems.get(_last_part(stem), -1)
        return self._last_parts.get(stem, -1)

    def number(self, batch: Annotations) -> Integers:
        """Return the numbers of images of the first data set, -1 for those that the second does not have."""
        found = [self._number[name] for name in batch.image_names]
        return np.array([n if n in self._common else -1 for n in found], dtype=np.int64)

    @property
    def images(self) -> int:
        """Number of images that both data sets have."""
        return len(self._common)

    @property
    def others(self) -> tuple[int, int]:
        """Numbers of images that only one of the two has."""
        return len(self._number) - len(self._common), self._only_second

    @property
    def are_usual(self) -> bool:
        """True if at least half of the annotated images of one data set are annotated in the other."""
        both = len(self._annotated_in_both)
        return both > 0 and 2 * both >= min(len(self._annotated), self._annotated_in_second)

    @property
    def needs_recount(self) -> bool:
        """True if the first data set must be counted again, without the images that the second lacks."""
        return not (self._is_distinct and self._annotated <= self._common)
