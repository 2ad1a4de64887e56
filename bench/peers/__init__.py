"""Peers of heatgrid: one module per library, imported when it is needed."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Peer:
    """Another way to count the same shapes.

    Attributes
    ----------
    name : str
        Name in the tables.
    job : str
        Shapes that it counts: "boxes", "polygons", "masks" or "areas".
    module, function : str
        Name of ``function(workload, side) -> count``. Only the call ``count()`` is timed.
    needs : tuple of str
        Packages that it imports.
    largest : int
        Largest side of a grid that it is timed on.
    """

    name: str
    job: str
    module: str
    function: str
    needs: tuple[str, ...] = ()
    largest: int = 640

    def is_installed(self) -> bool:
        """Return whether all packages of the peer are installed."""
        return all(importlib.util.find_spec(name) is not None for name in self.needs)

    def prepare(self, workload: Any, side: int) -> Callable[[], Any]:
        """Convert a workload to the input of the peer, and return the call that counts it."""
        function: Callable[[Any, int], Callable[[], Any]]
        function = getattr(importlib.import_module(f"bench.peers.{self.module}"), self.function)
        return function(workload, side)


PEERS = (
    Peer("pure Python", "boxes", "pure_python", "boxes"),
    Peer("numpy slices", "boxes", "numpy_boxes", "slices"),
    Peer("numpy corners, bincount", "boxes", "numpy_boxes", "corners_bincount", largest=2000),
    Peer("numpy corners, add.at", "boxes", "numpy_boxes", "corners_add_at", largest=2000),
    Peer("numpy corners, tuned", "boxes", "numpy_boxes", "corners_in_blocks", largest=2000),
    Peer("pure Python", "polygons", "pure_python", "polygons"),
    Peer("OpenCV fillPoly", "polygons", "opencv", "polygons", ("cv2",), largest=1000),
    Peer("rasterio MergeAlg.add", "polygons", "gdal", "polygons", ("rasterio",), largest=1000),
    Peer("pycocotools", "polygons", "coco", "polygons", ("pycocotools",)),
    Peer("datashader", "polygons", "shader", "polygons", ("datashader", "spatialpandas")),
    Peer("pycocotools", "masks", "coco", "masks", ("pycocotools",)),
    Peer("exactextract", "areas", "coverage", "areas", ("exactextract",)),
)


def for_job(job: str) -> list[Peer]:
    """Return the peers of one job."""
    return [peer for peer in PEERS if peer.job == job]
