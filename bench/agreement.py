"""Comparison of the peers' counts with heatgrid's: ``python -m bench --check``.

Counts agree if the definitions agree. numpy agrees exactly. rasterio and datashader agree except for ties,
rounding, and shapes that contain no cell center. pycocotools and OpenCV round vertices and outlines
differently, so their counts only come close.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench import mask_workload, peers, subject, workloads
from bench.results import HEATGRID, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHAPES = 200
GRIDS = (10, 100)


def compare_all() -> Table:
    """Count the same shapes on all sides."""
    samples = {
        "boxes": workloads.boxes(SHAPES),
        "polygons": workloads.polygons(SHAPES),
        "masks": mask_workload.masks(SHAPES),
        "areas": workloads.polygons(SHAPES),
    }
    cases = [(job, workload, grid) for job, workload in samples.items() for grid in GRIDS]
    rows = [row for case in cases for row in compare(*case)]
    note = "Sums over all cells, and the sum of absolute differences from the first line of the group."
    return Table("Agreement", note, ("", "sum", "differences"), rows)


def compare(job: str, workload: Any, grid: int) -> list[list[str]]:
    """Count one workload on all sides; the first available side is the reference."""
    counts: dict[str, NDArray[Any]] = {}
    for peer in peers.for_job(job):
        if peer.is_installed():
            counts[peer.name] = np.asarray(peer.prepare(workload, grid)())
    try:
        counts[HEATGRID] = np.asarray(subject.prepare(job, workload, grid)())
    except subject.UnsupportedError as error:
        print(f"{job}: {error}")
    reference = next(iter(counts.values()), None)
    return [
        [f"{job} on {grid}², {name}", f"{found.sum():.10g}", f"{np.abs(found - reference).sum():.3g}"]
        for name, found in counts.items()
    ]
