"""Counts per image, or per block of images, in bounded memory: the sample of a permutation test."""

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

MAX_CELLS = 10_000
"""Maximum number of cells of a grid that is tested."""

_MAX_COUNTS = 1 << 22
_MAX_BLOCKS = 8192
_BLOCKS_PER_STEP = 256


class ImageBlocks:
    """Counts of consecutive images, in blocks of equal numbers of images.

    Each block starts with one image. When there are too many blocks, neighbours are added in pairs: blocks of
    2, 4, 8 … images, so that memory does not grow with the data set.

    Parameters
    ----------
    spec, options
        What to count. Grids of more than `MAX_CELLS` cells are replaced by coarser ones.

    Attributes
    ----------
    shape
        Rows and columns of the grid of the blocks.
    images
        The number of images added.
    size
        Images per block; the last block may have fewer.
    counts
        (blocks, cells) float64: integers, except with ``rule="area"``.
    """

    def __init__(self, spec: CountSpec, options: ReadOptions) -> None:
        self.shape = coarser_grid(spec.grid)
        self.images, self.size = 0, 1
        self._spec, self._geometry = replace(spec, grid=self.shape), options.geometry
        cells = self.shape[0] * self.shape[1]
        self._max_blocks = max(2, min(_MAX_BLOCKS, _MAX_COUNTS // cells))
        self.counts: NDArray[np.float64] = np.zeros((0, cells))

    def add(self, batch: Annotations) -> None:
        """Add the images of a batch, including images without annotations."""
        if not batch.image_names:
            return
        number = self.images + np.arange(len(batch.image_names))
        self.images += len(batch.image_names)
        while (self.images - 1) // self.size >= self._max_blocks:
            self.merge_pairs()
        block = number // self.size
        first, last = int(block[0]), int(block[-1])
        missing = last + 1 - len(self.counts)
        self.counts = np.concatenate([self.counts, np.zeros((missing, self.counts.shape[1]))])
        of_annotation = block[batch.image]
        for low in range(first, last + 1, _BLOCKS_PER_STEP):
            high = min(low + _BLOCKS_PER_STEP, last + 1)
            part = batch.select((of_annotation >= low) & (of_annotation < high))
            names = tuple(str(i) for i in range(low, high))
            part = replace(part, label=block[part.image] - low, classes=names)
            counts = Counts(self._spec, names)  # one class per block: one call counts many blocks
            counts.add_batch(part, geometry=self._geometry)
            self.counts[low:high] += counts.grids.counts.reshape(high - low, -1)

    def merge_pairs(self) -> None:
        """Double the number of images per block."""
        if len(self.counts) % 2:
            self.counts = np.concatenate([self.counts, np.zeros((1, self.counts.shape[1]))])
        self.counts = self.counts[0::2] + self.counts[1::2]
        self.size *= 2


def coarser_grid(shape: tuple[int, int]) -> tuple[int, int]:
    """Return a grid with about the same aspect and at most `MAX_CELLS` cells."""
    factor = max(1.0, math.sqrt(shape[0] * shape[1] / MAX_CELLS))
    rows, columns = (max(1, int(n / factor)) for n in shape)
    return min(rows, MAX_CELLS // columns) or 1, min(columns, MAX_CELLS // rows) or 1


def equalize(a: ImageBlocks, b: ImageBlocks) -> None:
    """Bring two data sets to the same number of images per block."""
    while a.size != b.size:
        (a if a.size < b.size else b).merge_pairs()
