"""Boxes with numpy: one slice per box, or the corners of all boxes and two prefix sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.workloads import Boxes

Counts: TypeAlias = "NDArray[np.int64]"
Cells: TypeAlias = "NDArray[np.int64 | np.int32]"

# Boxes per block; the intermediate arrays of a block fit in L2.
BLOCK = 32768


def slices(workload: Boxes, side: int) -> Callable[[], Counts]:
    """Prepare ``grid[y1:y2, x1:x2] += 1``, box by box, after computing all bounds at once."""

    def count() -> Counts:
        grid = np.zeros((side, side), dtype=np.int64)
        for x1, y1, x2, y2 in cell_bounds(workload.xyxy, side, np.int64).T.tolist():
            grid[y1:y2, x1:x2] += 1
        return grid

    return count


def corners_bincount(workload: Boxes, side: int) -> Callable[[], Counts]:
    """Prepare corner differences gathered by ``numpy.bincount``, all boxes at once."""

    def count() -> Counts:
        corners = np.zeros((side + 1) * (side + 1), dtype=np.int64)
        gather_bincount(corners, cell_bounds(workload.xyxy, side, np.int64), side)
        return prefix_sums(corners, side)

    return count


def corners_add_at(workload: Boxes, side: int) -> Callable[[], Counts]:
    """Prepare corner differences gathered by ``numpy.add.at``, all boxes at once."""

    def count() -> Counts:
        corners = np.zeros((side + 1) * (side + 1), dtype=np.int64)
        x1, y1, x2, y2 = cell_bounds(workload.xyxy, side, np.int64)
        top, bottom = y1 * (side + 1), y2 * (side + 1)
        np.add.at(corners, top + x1, 1)
        np.add.at(corners, bottom + x2, 1)
        np.add.at(corners, top + x2, -1)
        np.add.at(corners, bottom + x1, -1)
        return prefix_sums(corners, side)

    return count


def corners_in_blocks(workload: Boxes, side: int) -> Callable[[], Counts]:
    """Prepare ``numpy.bincount``, tuned: 32-bit cells, and blocks that fit in the cache."""
    block = max(BLOCK, side * side)

    def count() -> Counts:
        corners = np.zeros((side + 1) * (side + 1), dtype=np.int64)
        for first in range(0, len(workload), block):
            bounds = cell_bounds(workload.xyxy[first : first + block], side, np.int32)
            gather_bincount(corners, bounds, side)
        return prefix_sums(corners, side)

    return count


def gather_bincount(corners: Counts, bounds: Cells, side: int) -> None:
    """Add +1 and -1 at the four corners of every box."""
    x1, y1, x2, y2 = bounds
    top, bottom = y1 * (side + 1), y2 * (side + 1)
    corners += np.bincount(np.concatenate((top + x1, bottom + x2)), minlength=len(corners))
    corners -= np.bincount(np.concatenate((top + x2, bottom + x1)), minlength=len(corners))


def cell_bounds(xyxy: NDArray[np.float64], side: int, dtype: type[np.int64 | np.int32]) -> Cells:
    """Return x1, y1, x2, y2 (4, N) of the cells whose centers lie in each box, or of the cell of its middle.

    Plain rounding: exact unless an edge is within rounding of a cell center.
    """
    edges = np.ascontiguousarray(xyxy.T)
    np.clip(edges, 0.0, 1.0, out=edges)
    edges *= side
    edges += 0.5
    bounds: Cells = edges.astype(dtype)
    thin = np.flatnonzero((bounds[2] <= bounds[0]) | (bounds[3] <= bounds[1]))
    if len(thin):
        middle = (edges[:2, thin] + edges[2:, thin] - 1.0) * 0.5
        bounds[:2, thin] = np.minimum(middle.astype(dtype), side - 1)
        bounds[2:, thin] = bounds[:2, thin] + 1
    return bounds


def prefix_sums(corners: Counts, side: int) -> Counts:
    """Return the counts of corner differences, without the extra row and column."""
    counts = corners.reshape(side + 1, side + 1)
    np.cumsum(counts, axis=0, out=counts)
    np.cumsum(counts, axis=1, out=counts)
    return counts[:-1, :-1]
