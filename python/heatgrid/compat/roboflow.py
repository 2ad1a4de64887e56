"""Counting functions of a pure-Python reimplementation of Roboflow's annotation heat map.

A forum user of Roboflow published these functions; here they call heatgrid's kernel. They add in place to an
integer numpy array of any layout, or to a list of lists, both (rows, columns), as the originals do.
Coordinates are normalized. A shape with a coordinate that is not finite is skipped with a `HeatgridWarning`.
One call of `heatgrid.count_boxes` or `heatgrid.count_polygons` counts all shapes at once, much faster than a
loop over these functions.

The original main loop counts a box larger than `HEATMAP_LARGE_REGION_AREA_RATIO` of its image at its center
only, with `increment_heatmap`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.analysis import polygon_contrast
from heatgrid.core.arguments import as_doubles
from heatgrid.core.array_functions import count_boxes, count_points, count_polygons
from heatgrid.core.stats import Stats, percentile

if TYPE_CHECKING:
    from collections.abc import MutableSequence, Sequence

    from numpy.typing import ArrayLike, NDArray

    Grid = NDArray[np.integer[Any]] | Sequence[MutableSequence[int]]

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
    """Add 1 to the cell of a point.

    Points beyond the right or bottom edge belong to the last cell; points left of or above the grid to none.
    """
    _add(grid, count_points([[_clip(x), _clip(y)]], _shape(grid)))


def increment_heatmap_box(grid: Grid, x1: float, y1: float, x2: float, y2: float) -> None:
    """Add 1 to the cells whose center lies in a box, edges included.

    A box that contains no cell center adds to the cell of its own center. Corners may be in any order.
    """
    _add(grid, count_boxes([[x1, y1, x2, y2]], _shape(grid)))


def increment_heatmap_polygon(grid: Grid, polygon: ArrayLike) -> None:
    """Add 1 to the cells whose center lies in a polygon, even-odd.

    A polygon that contains no cell center adds to the cell of the mean of its vertices, (x, y) each. Fewer
    than three vertices add nothing.
    """
    vertices = as_doubles(polygon, "polygon", 2)
    _add(grid, count_polygons(vertices, [0, len(vertices)], _shape(grid)))


def postprocess_polygon_only_heatmap(grid: Grid, grid_size: int, box_hits: int, polygon_hits: int) -> Grid:
    """Blur and stretch a map of polygons only, in place; a map with boxes is not changed.

    The grid, which is returned, is (grid_size, grid_size); ``box_hits`` and ``polygon_hits`` are the numbers
    of boxes and polygons that were counted. OverflowError: a count does not fit in the grid's dtype.
    """
    shape = _shape(grid)
    if polygon_hits > 0 and box_hits == 0:
        if shape != (grid_size, grid_size):
            raise ValueError(f"grid must have shape ({grid_size}, {grid_size}), got {shape}")
        counts = polygon_contrast(np.asarray(grid), polygon_hits)
        if not isinstance(grid, np.ndarray):
            for row, line in zip(grid, counts.tolist(), strict=True):
                row[:] = line
        else:
            _check_range(int(counts.max()), grid)
            grid[...] = counts
    return grid


def heat_stats(grid: Grid) -> dict[str, float]:
    """Return min, q1, median, q3 and max over all cells, and each rounded half to even as ``min_int`` etc."""
    stats = Stats.of(np.asarray(grid))
    return stats.quartiles | {f"{name}_int": value for name, value in stats.rounded.items()}


def _clip(coordinate: float) -> float:
    """Move a coordinate beyond the far edge onto the edge, which belongs to the last cell."""
    return min(coordinate, 1.0) if math.isfinite(coordinate) else coordinate


def _shape(grid: Grid) -> tuple[int, int]:
    if isinstance(grid, np.ndarray):
        if grid.ndim != 2:
            raise ValueError(f"grid must be two-dimensional, got shape {grid.shape}")
        if grid.dtype.kind not in "iu":
            raise TypeError(f"grid must hold integers, got dtype {grid.dtype}")
        return grid.shape[0], grid.shape[1]
    widths = {len(row) for row in grid}
    if len(widths) != 1:
        raise ValueError(f"grid must have rows of one length, got {sorted(widths) or 'no rows'}")
    return len(grid), widths.pop()


def _add(grid: Grid, counts: NDArray[np.int64]) -> None:
    """Add 1 to the cells that were counted."""
    hit = np.nonzero(counts)
    if not isinstance(grid, np.ndarray):
        for row, column in zip(*(index.tolist() for index in hit), strict=True):
            grid[row][column] += 1
    elif len(hit[0]):
        _check_range(int(grid[hit].max()) + 1, grid)
        grid[hit] += 1


def _check_range(largest: int, grid: NDArray[np.integer[Any]]) -> None:
    if largest > np.iinfo(grid.dtype).max:
        raise OverflowError(f"grid of dtype {grid.dtype} cannot hold a count of {largest}")
