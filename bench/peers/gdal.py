"""Polygons with rasterio, that is GDAL: ``features.rasterize`` with ``MergeAlg.add``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasterio import features
from rasterio.enums import MergeAlg
from rasterio.transform import Affine

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.workloads import Polygons


def polygons(workload: Polygons, side: int) -> Callable[[], Any]:
    """Prepare one call for all polygons as GeoJSON geometries."""
    shapes = [
        ({"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}, 1)
        for ring in workload.rings()
    ]
    cells = Affine.scale(1 / side, 1 / side)

    def count() -> Any:
        return features.rasterize(
            shapes, out_shape=(side, side), transform=cells, merge_alg=MergeAlg.add, dtype="int32"
        )

    return count
