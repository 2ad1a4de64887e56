"""Whether the peers count what heatgrid counts: ``python -m bench --check``.

They do where their definitions meet: numpy exactly; rasterio and datashader away from ties, rounding and
shapes that hold no cell centre; pycocotools and OpenCV round vertices and outlines in their own way, so they
only come near.
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
    """Count the same few shapes on all sides."""
    given = {
        "boxes": workloads.boxes(SHAPES),
        "polygons": workloads.polygons(SHAPES),
        "masks": mask_workload.masks(SHAPES),
        "areas": workloads.polygons(SHAPES),
    }
    rows = [row for job, workload in given.items() for grid in GRIDS for row in compare(job, workload, grid)]
    note = "Sums over all cells, and by how much the cells differ in all from the first line of the group."
    return Table("Agreement", note, ("", "sum", "differences"), rows)


def compare(job: str, workload: Any, grid: int) -> list[list[str]]:
    """Count one workload on all sides; the first one that is there is the measure of the others."""
    counts: dict[str, NDArray[Any]] = {}
    for peer in peers.for_job(job):
        if peer.is_installed():
            counts[peer.name] = np.asarray(peer.prepare(workload, grid)())
    try:
        counts[HEATGRID] = np.asarray(subject.prepare(job, workload, grid)())
    except subject.UnsupportedError as error:
        print(f"{job}: {error}")
    measure = next(iter(counts.values()), None)
    return [
        [f"{job} on {grid}², {name}", f"{found.sum():.10g}", f"{np.abs(found - measure).sum():.3g}"]
        for name, found in counts.items()
    ]
