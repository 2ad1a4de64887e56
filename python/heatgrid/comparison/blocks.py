"""What images, or blocks of them, add to a map: what a permutation test draws from, in bounded memory."""

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

MOST_CELLS = 10_000
"""The most cells of a grid that is tested."""

_MOST_NUMBERS = 1 << 22
_MOST_BLOCKS = 8192
_AT_A_TIME = 256


class ImageBlocks:
    """The counts of consecutive images, in blocks of one size.

    Blocks are of one image at first. When they are too many, neighbours are added up in pairs: blocks of 2,
    4, 8 … images, so that memory does not grow with the data set.

    Parameters
    ----------
    spec, options
        What is counted, and how. Grids of more than `MOST_CELLS` cells are replaced by coarser ones.

    Attributes
    ----------
    shape
        Rows and columns of the grid that is counted on.
    images
        How many images were added.
    size
        Images a block; the last block may have fewer.
    """

    def __init__(self, spec: CountSpec, options: ReadOptions) -> None:
        self.shape = coarser_grid(spec.grid)
        self.images, self.size = 0, 1
        # One class a block: the kernel then counts many blocks in one go.
        self._spec, self._options = replace(spec, grid=self.shape), options
        cells = self.shape[0] * self.shape[1]
        self._most = max(2, min(_MOST_BLOCKS, _MOST_NUMBERS // cells))
        self._counts: NDArray[np.float64] = np.zeros((0, cells))

    @property
    def counts(self) -> NDArray[np.float64]:
        """(blocks, cells) float64: whole numbers, but for areas."""
        return self._counts

    def add(self, batch: Annotations) -> None:
        """Add a batch's images, with or without annotations."""
        if not batch.image_names:
            return
        number = self.images + np.arange(len(batch.image_names))
        self.images += len(batch.image_names)
        while (self.images - 1) // self.size >= self._most:
            self.merge_pairs()
        block = number // self.size
        first, last = int(block[0]), int(block[-1])
        lacking = last + 1 - len(self._counts)
        self._counts = np.concatenate([self._counts, np.zeros((lacking, self._counts.shape[1]))])
        of_annotation = block[batch.image]
        for low in range(first, last + 1, _AT_A_TIME):
            high = min(low + _AT_A_TIME, last + 1)
            part = batch.select((of_annotation >= low) & (of_annotation < high))
            part = replace(
                part, label=block[part.image] - low, classes=tuple(str(i) for i in range(low, high))
            )
            counts = Counts(self._spec, part.classes)
            counts.add_batch(part, geometry=self._options.geometry)
            self._counts[low:high] += counts.grids.counts.reshape(high - low, -1)

    def merge_pairs(self) -> None:
        """Make blocks of twice as many images."""
        if len(self._counts) % 2:
            self._counts = np.concatenate([self._counts, np.zeros((1, self._counts.shape[1]))])
        self._counts = self._counts[0::2] + self._counts[1::2]
        self.size *= 2


def coarser_grid(shape: tuple[int, int]) -> tuple[int, int]:
    """Return a grid of about the same cells' shape, but of at most `MOST_CELLS`."""
    factor = max(1.0, math.sqrt(shape[0] * shape[1] / MOST_CELLS))
    rows, columns = (max(1, int(n / factor)) for n in shape)
    return min(rows, MOST_CELLS // columns) or 1, min(columns, MOST_CELLS // rows) or 1


def to_one_size(a: ImageBlocks, b: ImageBlocks) -> None:
    """Bring the blocks of two data sets to one number of images."""
    while a.size != b.size:
        (a if a.size < b.size else b).merge_pairs()
