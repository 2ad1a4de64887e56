"""Lists of the images or annotations that hit each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

Listed = Literal["images", "annotations"]


@dataclass(frozen=True, slots=True, eq=False)
class CellAnnotations:
    """Images or annotations that hit each cell: the first few of each cell, and their total numbers.

    Attributes
    ----------
    kind
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

    Examples
    --------
    >>> import heatgrid as hg
    >>> lists = hg.annotations_by_cell("annotations.json", 10, limit=3)
    >>> lists.shape, len(lists.totals)
    ((10, 10), 100)
    """

    kind: Listed
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
