"""Polygons with OpenCV: ``fillPoly`` into a mask of the bounding box, added to the grid.

OpenCV fills every pixel that the outline passes through, so its counts exceed those of the center rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.workloads import Polygons

FRACTION_BITS = 8


def polygons(workload: Polygons, side: int) -> Callable[[], NDArray[np.int64]]:
    """Prepare the count, which includes scaling and the bounding boxes of all polygons."""
    cv2.setNumThreads(1)
    offsets = workload.offsets

    def count() -> NDArray[np.int64]:
        grid = np.zeros((side, side), dtype=np.int64)
        # In OpenCV, pixel centers have integer coordinates.
        pixels = workload.coords * side - 0.5
        low = np.clip(np.minimum.reduceat(pixels, offsets[:-1]), 0, side - 1).astype(np.int64)
        high = np.clip(np.maximum.reduceat(pixels, offsets[:-1]) + 1.5, 1, side).astype(np.int64)
        lengths = np.diff(offsets)
        fixed = np.rint((pixels - np.repeat(low, lengths, axis=0)) * (1 << FRACTION_BITS)).astype(np.int32)
        bounds = zip(low.tolist(), high.tolist(), offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        for (x1, y1), (x2, y2), first, last in bounds:
            mask = np.zeros((y2 - y1, x2 - x1), dtype=np.uint8)
            cv2.fillPoly(mask, [fixed[first:last]], 1, shift=FRACTION_BITS)
            grid[y1:y2, x1:x2] += mask
        return grid

    return count
