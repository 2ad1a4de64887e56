"""Polygons and masks with pycocotools: run-length codes, decoded to full images and added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pycocotools import mask as coco_mask

from bench.mask_workload import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.mask_workload import Masks
    from bench.workloads import Polygons


def polygons(workload: Polygons, side: int) -> Callable[[], NDArray[np.int64]]:
    """Prepare encoding at the size of the grid, merging, decoding and adding, per annotation."""
    rings = [[(ring * side).ravel().tolist()] for ring in workload.rings()]

    def count() -> NDArray[np.int64]:
        grid = np.zeros((side, side), dtype=np.int64)
        for ring in rings:
            codes = coco_mask.frPyObjects(ring, side, side)
            grid += coco_mask.decode(coco_mask.merge(codes))
        return grid

    return count


def masks(workload: Masks, side: int) -> Callable[[], NDArray[np.int64]]:
    """Prepare decoding each mask, and adding the pixels under the cell centers."""
    centers = (np.arange(side) + 0.5) / side
    rows = (centers * HEIGHT).astype(np.int64)
    columns = (centers * WIDTH).astype(np.int64)
    pixels = np.ix_(rows, columns)

    def count() -> NDArray[np.int64]:
        grid = np.zeros((side, side), dtype=np.int64)
        for code in workload.codes:
            grid += coco_mask.decode(code)[pixels]
        return grid

    return count
