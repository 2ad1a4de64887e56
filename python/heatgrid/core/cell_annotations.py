"""Lists of the images or annotations that hit each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

Listed = Literal["images", "annotations"]


@dataclass(frozen=True, slots=True, eq=False)
class CellAnnotations:
    """Images or annotations that hit each cell: the first few of each cell, and their total numbers.

    Attributes
    ----------
    of
        ``"images"`` or ``"annotations"``.
    shape
        Rows and columns of the grid.
    names
        Names of all listed items, without repetition.
    starts
        (rows * columns + 1,) offsets of each cell's list in ``items``, row by row.
    items, hits
        Indices of ``names``, most hits first, and the number of annotations of each that hit the cell.
    totals
        (rows * columns,) number of items that hit each cell, listed or not.
    """

    of: Listed
    shape: tuple[int, int]
    names: tuple[str, ...]
    starts: Integers
    items: Integers
    hits: Integers
    totals: Integers

    def at(self, row: int, column: int) -> list[tuple[str, int]]:
        """Return the list of a cell: names, and the number of annotations of each that hit it.

        Raises
        ------
        IndexError
            The cell is outside the grid.
        """
        if not (0 <= row < self.shape[0] and 0 <= column < self.shape[1]):
            raise IndexError(f"no cell ({row}, {column}) in a grid of {self.shape}")
        cell = row * self.shape[1] + column
        part = slice(self.starts[cell], self.starts[cell + 1])
        names = [self.names[item] for item in self.items[part]]
        return list(zip(names, self.hits[part].tolist(), strict=True))


class CellListBuilder:
    """Items with most hits of each cell; earlier ones first among equals."""

    def __init__(self, cells: int, limit: int) -> None:
        self.hits = np.zeros((cells, limit), dtype=np.int32)
        self.items = np.zeros((cells, limit), dtype=np.int32)
        self.totals = np.zeros(cells, dtype=np.int64)

    def add(self, item: int, cells: Integers, hits: NDArray[np.int32]) -> bool:
        """Insert an item into the lists of its cells; return whether any list has it now."""
        self.totals[cells] += 1
        better = hits > self.hits[cells, -1]
        if not better.any():
            return False
        rows, new = cells[better], hits[better, np.newaxis]
        candidates = np.concatenate((self.hits[rows], new), axis=1)
        order = np.argsort(-candidates, axis=1, kind="stable")[:, :-1]
        items = np.concatenate((self.items[rows], np.full_like(new, item)), axis=1)
        self.hits[rows] = np.take_along_axis(candidates, order, axis=1)
        self.items[rows] = np.take_along_axis(items, order, axis=1)
        return True

    def lists(self, of: Listed, shape: tuple[int, int], names: list[str]) -> CellAnnotations:
        """Return the lists of all cells, with the names of listed items only."""
        listed = self.hits > 0
        used, items = np.unique(self.items[listed], return_inverse=True)
        starts = np.concatenate(([0], np.cumsum(listed.sum(axis=1))))
        hits = self.hits[listed].astype(np.int64)
        kept = tuple(names[i] for i in used)
        return CellAnnotations(of, shape, kept, starts, items.astype(np.int64), hits, self.totals)
