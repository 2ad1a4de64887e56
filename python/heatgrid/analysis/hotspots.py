"""The highest places of a map that lie apart from each other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis.shares import centers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A peak of a map.

    Attributes
    ----------
    row, column
        Its cell.
    count
        The hits there: an int, or a float of weights and areas.
    share
        ``count`` over the sum of all cells.
    x, y
        The cell's centre in [0, 1] of the image's width and height.
    """

    row: int
    column: int
    count: float
    share: float
    x: float
    y: float

    def to_dict(self) -> dict[str, float]:
        """Return the hotspot as plain numbers."""
        return asdict(self)


def hotspots(counts: NDArray[Any], n: int = 5, *, separation: float = 0.1) -> list[Hotspot]:
    """Return the n highest separated peaks.

    Parameters
    ----------
    counts
        (rows, columns).
    n
        How many at most; there may be fewer.
    separation
        The least distance of two hotspots, along the rows or along the columns, as a share of the image's
        width or height.

    Returns
    -------
    list of Hotspot
        Highest first; of equal ones the upper first, then the left.

    Raises
    ------
    TypeError, ValueError
        An option is wrong.

    Notes
    -----
    A *peak* is a connected set of cells of one count above zero, whose other neighbours are all lower; a cell
    has up to eight neighbours. It stands for the one of its cells that is nearest to their mean (the
    uppermost, then leftmost, of several). From the highest peak down, a peak is taken unless one taken
    before is nearer than ``separation`` both along x and along y, that is, unless
    ``|column - column'| < separation * columns`` and ``|row - row'| < separation * rows``.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise TypeError(f"n must be an int, got {n!r}")
    if n < 0:
        raise ValueError(f"n must not be negative, got {n}")
    if not 0 <= separation <= 1:
        raise ValueError(f"separation must be in [0, 1], got {separation!r}")
    rows, columns = counts.shape
    row, column = _peaks(counts)
    heights = counts[row, column]
    order = np.lexsort((column, row, -heights))
    row, column = row[order], column[order]
    total = float(counts.sum(dtype=np.float64))
    found: list[Hotspot] = []
    while len(row) and len(found) < n:
        r, c = int(row[0]), int(column[0])
        count = counts[r, c].item()
        x, y = float(centers(columns)[c]), float(centers(rows)[r])
        found.append(Hotspot(r, c, count, count / total, x, y))
        apart = (np.abs(row - r) >= separation * rows) | (np.abs(column - c) >= separation * columns)
        apart[0] = False  # itself, also where nothing need be apart
        row, column = row[apart], column[apart]
    return found


def _peaks(counts: NDArray[Any]) -> tuple[Cells, Cells]:
    """Return the cell of each peak, in reading order."""
    lower = np.minimum(counts.min(), 0) - 1
    around = np.pad(counts, 1, constant_values=lower)
    low = np.zeros(counts.shape, dtype=bool)
    for shift in _shifts(around, counts.shape):
        low |= shift > counts
    low |= counts <= 0
    plateau = _plateaus(counts)
    is_peak = np.ones(counts.size, dtype=bool)
    is_peak[plateau[low]] = False  # one cell with a higher neighbour, and the whole plateau is a shoulder
    row, column = np.nonzero(is_peak[plateau])
    peak = np.unique(plateau[row, column], return_inverse=True)[1]
    return _middles(peak, row, column)


def _middles(peak: Cells, row: Cells, column: Cells) -> tuple[Cells, Cells]:
    """Return, of the cells of each peak, the one nearest to their mean; of several the first."""
    if not len(peak):
        return row, column
    size = np.bincount(peak)
    # Times the size of the plateau, so that all numbers are whole and ties exact.
    down = size[peak] * row - np.bincount(peak, row)[peak]
    right = size[peak] * column - np.bincount(peak, column)[peak]
    distance = down**2 + right**2
    order = np.lexsort((column, row, distance, peak))
    first = order[np.searchsorted(peak[order], np.arange(len(size)))]
    return row[first], column[first]


def _shifts(around: NDArray[Any], shape: tuple[int, ...]) -> list[NDArray[Any]]:
    """Return the eight neighbours of all cells, of an array with a rim of one cell."""
    rows, columns = shape
    steps = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    return [around[i : i + rows, j : j + columns] for i, j in steps]


def _plateaus(counts: NDArray[Any]) -> Cells:
    """Return the number of each cell's plateau: that of the first of its cells, in reading order.

    Every cell points at a cell of its plateau, at first itself; in each round it points where the least of
    its neighbours' does, then where that points in turn, until nothing changes: a logarithmic number of
    rounds, but for mazes.
    """
    around = np.pad(counts, 1, constant_values=np.minimum(counts.min(), 0) - 1)
    same = [shift == counts for shift in _shifts(around, counts.shape)]
    root = np.arange(counts.size).reshape(counts.shape)
    while True:
        rim = np.pad(root, 1)
        least = root.copy()
        for alike, neighbour in zip(same, _shifts(rim, counts.shape), strict=True):
            np.minimum(least, neighbour, out=least, where=alike)
        hooked = root.ravel().copy()
        np.minimum.at(hooked, root.ravel(), least.ravel())  # the whole tree, not the cell alone
        hooked = np.minimum(hooked, least.ravel())
        while not np.array_equal(hooked, further := hooked[hooked]):
            hooked = further
        if np.array_equal(hooked, root.ravel()):
            return root
        root = hooked.reshape(counts.shape)
