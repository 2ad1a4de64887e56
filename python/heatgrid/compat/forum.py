"""The pure-Python counting code that users passed around to reproduce a platform's annotation heat map.

The functions add in place to an integer numpy array or to a list of lists, both (rows, columns), as the
originals do; coordinates are normalised. The counting is the kernel's. A caller's main loop counts a box whose area
is over `HEATMAP_LARGE_REGION_AREA_RATIO` of its image at its centre only, by `increment_heatmap`.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.contrast import polygon_contrast
from heatgrid.counting import count_boxes, count_points, count_polygons
from heatgrid.stats import Stats, percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Grid = NDArray[np.integer[Any]] | MutableSequence[MutableSequence[int]]

__all__ = [
    "HEATMAP_LARGE_REGION_AREA_RATIO",
    "heat_stats",
    "increment_heatmap",
    "increment_heatmap_box",
    "increment_heatmap_polygon",
    "percentile",
    "postprocess_polygon_only_heatmap",
]

HEATMAP_LARGE_REGION_AREA_RATIO = 0.50


def increment_heatmap(grid: Grid, x: float, y: float) -> None:
    """Add 1 to the cell of a point; beyond the right or bottom edge the last cell, left of or above it none."""
    _add(grid, count_points([[min(x, 1.0), min(y, 1.0)]], _shape(grid)))


def increment_heatmap_box(grid: Grid, x1: float, y1: float, x2: float, y2: float) -> None:
    """Add 1 to the cells whose centre lies in a box, edges included; to the cell of its centre where none does."""
    _add(grid, count_boxes([[x1, y1, x2, y2]], _shape(grid)))


def increment_heatmap_polygon(grid: Grid, polygon: Sequence[Sequence[float]]) -> None:
    """Add 1 to the cells whose centre lies in a polygon of (x, y) vertices, even-odd; else to that of their mean."""
    _add(grid, count_polygons(polygon, [0, len(polygon)], _shape(grid)))


def postprocess_polygon_only_heatmap(grid: Grid, grid_size: int, box_hits: int, polygon_hits: int) -> Grid:
    """Blur and stretch a map that holds polygons only, in place; others stay as they are.

    Parameters
    ----------
    grid
        (grid_size, grid_size) counts.
    grid_size
        Cells along an axis.
    box_hits, polygon_hits
        How many boxes and polygons were counted.

    Returns
    -------
    ndarray or list
        The same grid.
    """
    if polygon_hits > 0 and box_hits == 0:
        counts = np.asarray(grid, dtype=np.int64)
        if counts.shape != (grid_size, grid_size):
            raise ValueError(f"grid must have shape ({grid_size}, {grid_size}), got {counts.shape}")
        _add(grid, polygon_contrast(counts, polygon_hits) - counts)
    return grid


def heat_stats(grid: Grid) -> dict[str, float]:
    """Return min, q1, median, q3 and max over all cells, and each rounded half to even as ``min_int`` ….

    The percentiles are those of `heatgrid.stats.percentile`.
    """
    stats = Stats.of(np.asarray(grid))
    return stats.quartiles | {f"{name}_int": value for name, value in stats.rounded.items()}


def _shape(grid: Grid) -> tuple[int, int]:
    if isinstance(grid, np.ndarray):
        if grid.ndim != 2:
            raise ValueError(f"grid must be two-dimensional, got shape {grid.shape}")
        return grid.shape[0], grid.shape[1]
    widths = {len(row) for row in grid}
    if len(widths) != 1:
        raise ValueError("grid must have rows of one length")
    return len(grid), widths.pop()


def _add(grid: Grid, counts: NDArray[np.int64]) -> None:
    if not isinstance(grid, np.ndarray):
        for row, line in zip(grid, counts.tolist(), strict=True):
            row[:] = [old + new for old, new in zip(row, line, strict=True)]
        return
    if grid.dtype.kind not in "iu":
        raise TypeError(f"grid must hold integers, got dtype {grid.dtype}")
    total = grid + counts
    limits = np.iinfo(grid.dtype)
    if total.max() > limits.max or total.min() < limits.min:
        raise OverflowError(f"a count does not fit into the grid's dtype {grid.dtype}")
    grid[...] = total
