"""What heatgrid is compared with: one module a family of peers, imported only when it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Peer:
    """One other way to count the same thing.

    Attributes
    ----------
    name : str
        As the tables print it.
    job : str
        What it counts: "boxes", "polygons", "masks" or "areas".
    module, function : str
        Where to find ``function(workload, side) -> count``. Preparing is not timed, calling ``count()`` is.
    needs : tuple of str
        The packages that it imports.
    largest : int
        The largest grid side it is timed on.
    """

    name: str
    job: str
    module: str
    function: str
    needs: tuple[str, ...] = ()
    largest: int = 640

    def is_installed(self) -> bool:
        """Tell whether everything that the peer imports is there."""
        return all(importlib.util.find_spec(name) is not None for name in self.needs)

    def prepare(self, workload: Any, side: int) -> Callable[[], Any]:
        """Convert a workload into what the peer takes, and return the call that counts it."""
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
    """Return the peers that count one kind of shape."""
    return [peer for peer in PEERS if peer.job == job]
