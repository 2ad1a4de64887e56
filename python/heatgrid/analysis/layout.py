"""Layout of hits: measures of their spread over the image, hotspots, and the contrast of polygon maps."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis.divergence import check_counts, entropy, shares
from heatgrid.core.arguments import as_array
from heatgrid.errors import html_table

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Spread of a map's hits over the image.

    The position of a cell is its center, x and y in [0, 1] of the image's width and height. ``p`` is a
    cell's share of all hits; ``mean`` is the unweighted mean over all cells. Without hits, all measures
    but the first three are None.

    Attributes
    ----------
    cells
        The number of cells.
    covered
        The number of cells with hits.
    empty_share
        The share of the image's area without hits: ``(cells - covered) / cells``.
    x, y
        The center of mass, ``sum(p * x)`` and ``sum(p * y)``.
    center_bias
        ``1 - sum(p * r) / mean(r)``, where r is the distance from (0.5, 0.5): 1 if all hits are in the
        middle, 0 for an even spread, negative if hits avoid the middle.
    border_proximity
        ``1 - sum(p * d) / mean(d)``, where d is the distance from the nearest edge, ``min(x, 1 - x, y, 1 -
        y)``: near 1 if all hits are along the edges, 0 for an even spread, negative if hits avoid the edges.
    entropy
        Shannon entropy of the shares in bits, ``-sum(p * log2(p))``: 0 for a single cell, ``log2(cells)``
        for an even spread. Cells have equal areas, so Batty's spatial entropy differs by a constant only.
    evenness
        ``entropy / log2(cells)``, in [0, 1], to compare grids of different shapes; 1 for a single cell.

    References
    ----------
    C. E. Shannon, "A mathematical theory of communication", Bell System Technical Journal 27 (1948).
    M. Batty, "Spatial entropy", Geographical Analysis 6 (1974), 1-31.
    E. C. Pielou, "The measurement of diversity in different types of biological collections", Journal of
    Theoretical Biology 13 (1966): evenness.
    B. W. Tatler, "The central fixation bias in scene viewing", Journal of Vision 7 (2007): the phenomenon;
    the formulas of center bias and border proximity are heatgrid's own.

    Examples
    --------
    >>> import heatgrid as hg
    >>> layout = hg.Heatmap(4).add_points([[0.1, 0.1]]).layout()
    >>> layout.covered, layout.x, layout.y
    (1, 0.125, 0.125)
    """

    cells: int
    covered: int
    empty_share: float
    x: float | None = None
    y: float | None = None
    center_bias: float | None = None
    border_proximity: float | None = None
    entropy: float | None = None
    evenness: float | None = None

    @classmethod
    def of(cls, counts: NDArray[Any]) -> Layout:
        """Return the layout of (rows, columns) counts; ValueError if a count is negative."""
        check_counts(counts)
        covered = int(np.count_nonzero(counts))
        emptiness = counts.size, covered, (counts.size - covered) / counts.size
        if not covered:
            return cls(*emptiness)
        p = shares(counts)
        y, x = centers(counts.shape[0])[:, np.newaxis], centers(counts.shape[1])[np.newaxis]
        from_center = np.hypot(x - 0.5, y - 0.5)
        from_edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
        bits = entropy(p)
        return cls(
            *emptiness,
            x=float((p * x).sum()),
            y=float((p * y).sum()),
            center_bias=_nearness(p, from_center),
            border_proximity=_nearness(p, from_edge),
            entropy=bits,
            evenness=bits / math.log2(counts.size) if counts.size > 1 else 1.0,
        )

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the measures as plain numbers."""
        return asdict(self)

    def _repr_html_(self) -> str:
        values = {name: "none" if one is None else f"{one:,.6g}" for name, one in self.to_dict().items()}
        return html_table(
            ("layout", "value"), [(name.replace("_", " "), one) for name, one in values.items()]
        )

    def __str__(self) -> str:
        return "\n".join(
            f"{name.replace('_', ' '):<17}{'none' if value is None else format(value, '>12,.6g')}"
            for name, value in self.to_dict().items()
        )


def centers(cells: int) -> NDArray[np.float64]:
    """Return the positions of an axis's cell centers in [0, 1]."""
    positions: NDArray[np.float64] = (np.arange(cells) + 0.5) / cells
    return positions


def _nearness(p: NDArray[np.float64], distance: NDArray[np.float64]) -> float:
    """Return 1 minus the hits' mean distance over that of an even spread."""
    usual = float(distance.mean())
    return 1 - float((p * distance).sum()) / usual if usual else 0.0


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A peak of a map.

    Attributes
    ----------
    row, column
        Its cell.
    count
        The cell's hits: an int, or a float for weights and areas.
    share
        ``count`` over the sum of all cells.
    x, y
        The cell's center in [0, 1] of the image's width and height.

    Examples
    --------
    >>> import heatgrid as hg
    >>> heat = hg.Heatmap(4).add_points([[0.1, 0.1], [0.1, 0.2], [0.9, 0.9]])
    >>> heat.hotspots(1)
    [Hotspot(row=0, column=0, count=2, share=0.6666666666666666, x=0.125, y=0.125)]
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
    """Return the n highest separated peaks; ties from top to bottom, then from left to right.

    A *peak* is a connected set of cells with one count above zero whose other neighbours are all lower; a
    cell has up to eight neighbours. Its position is the one of its cells that is nearest to their mean (of
    several the uppermost, then the leftmost). Peaks are taken from the highest down. A peak is left out if an
    earlier one is nearer than ``separation`` both along x and along y, that is, if ``|column - column'| <
    separation * columns`` and ``|row - row'| < separation * rows``.
    """
    check_natural("n", n)
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
        apart[0] = False  # the peak itself, even with separation 0
        row, column = row[apart], column[apart]
    return found


def check_natural(name: str, value: int) -> int:
    """Return an int of at least 0, or raise TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an int, got {value!r}")
    if value < 0:
        raise ValueError(f"{name} must not be negative, got {value}")
    return int(value)


def _peaks(counts: NDArray[Any]) -> tuple[Cells, Cells]:
    """Return the rows and columns of all peaks, in reading order."""
    lower = np.minimum(counts.min(), 0) - 1
    around = np.pad(counts, 1, constant_values=lower)
    low = np.zeros(counts.shape, dtype=bool)
    for shift in _shifts(around, counts.shape):
        low |= shift > counts
    low |= counts <= 0
    plateau = _plateaus(counts)
    is_peak = np.ones(counts.size, dtype=bool)
    is_peak[plateau[low]] = False  # one higher neighbour disqualifies the whole plateau
    row, column = np.nonzero(is_peak[plateau])
    peak = np.unique(plateau[row, column], return_inverse=True)[1]
    return _middles(peak, row, column)


def _middles(peak: Cells, row: Cells, column: Cells) -> tuple[Cells, Cells]:
    """Return for each peak the cell nearest to the mean of its cells; the first of several."""
    if not len(peak):
        return row, column
    size = np.bincount(peak)
    # Multiplied by the plateau's size: integers make ties exact.
    down = size[peak] * row - np.bincount(peak, row)[peak]
    right = size[peak] * column - np.bincount(peak, column)[peak]
    distance = down**2 + right**2
    order = np.lexsort((column, row, distance, peak))
    first = order[np.searchsorted(peak[order], np.arange(len(size)))]
    return row[first], column[first]


def _shifts(around: NDArray[Any], shape: tuple[int, ...]) -> list[NDArray[Any]]:
    """Return views of the eight neighbours of all cells; ``around`` is padded by one cell."""
    rows, columns = shape
    steps = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    return [around[i : i + rows, j : j + columns] for i, j in steps]


def _plateaus(counts: NDArray[Any]) -> Cells:
    """Label connected cells of equal counts with the index of the first cell, by pointer jumping."""
    around = np.pad(counts, 1, constant_values=np.minimum(counts.min(), 0) - 1)
    same = [shift == counts for shift in _shifts(around, counts.shape)]
    root = np.arange(counts.size).reshape(counts.shape)
    while True:
        rim = np.pad(root, 1)
        least = root.copy()
        for alike, neighbour in zip(same, _shifts(rim, counts.shape), strict=True):
            np.minimum(least, neighbour, out=least, where=alike)
        hooked = root.ravel().copy()
        np.minimum.at(hooked, root.ravel(), least.ravel())  # moves the whole tree, not only this cell
        hooked = np.minimum(hooked, least.ravel())
        while not np.array_equal(hooked, further := hooked[hooked]):
            hooked = further
        if np.array_equal(hooked, root.ravel()):
            return root
        root = hooked.reshape(counts.shape)


def polygon_contrast(
    counts: ArrayLike,
    polygons: int,
    *,
    sigma: float = 0.115,
    truncate: float = 4.0,
    power: float = 2.3,
    floor: float = 0.04,
    gain: float = 0.2555,
) -> NDArray[np.int64]:
    """Blur a polygon map, increase its contrast, and scale it to the number of polygons.

    Parameters
    ----------
    counts
        (rows, columns) counts.
    polygons
        Number of polygons that were counted.
    sigma
        Standard deviation of the Gaussian, as a share of the number of rows.
    truncate
        Radius of the Gaussian kernel in standard deviations.
    power
        Exponent of the blurred map, which is divided by its maximum first.
    floor
        Value that is mapped to 0 after that; the range from it to 1 is stretched to [0, 1].
    gain
        New maximum as a share of ``polygons``; the maximum is at least 1.

    Returns
    -------
    ndarray
        (rows, columns) int64 in ``[0, max(1, round(gain * polygons))]``, rounded half to even.

    Raises
    ------
    ValueError
        A count is negative, or the counts are not a grid.

    Examples
    --------
    >>> import heatgrid as hg
    >>> counts = hg.count_polygons([[0.2, 0.2], [0.8, 0.2], [0.5, 0.8]], [0, 3], 10)
    >>> hg.polygon_contrast(counts, 1).shape
    (10, 10)
    """
    from heatgrid.viz.pixels import gaussian

    values = as_array(counts, "counts").astype(np.float64)
    if values.ndim != 2:
        raise ValueError(f"counts must have shape (rows, columns), got {values.shape}")
    if not (values >= 0).all():
        raise ValueError("counts must not be negative")
    if not values.any():
        return np.zeros(values.shape, dtype=np.int64)
    blurred: NDArray[np.float64] = gaussian(values, sigma * values.shape[0], truncate=truncate)
    shares = (blurred / blurred.max()) ** power
    stretched = np.clip((shares - floor) / (1.0 - floor), 0.0, 1.0)
    top = max(1, round(gain * polygons))
    scaled: NDArray[np.float64] = np.clip(np.rint(stretched * top), 0, top)
    return scaled.astype(np.int64)
