"""Polygons with datashader: ``Canvas.polygons`` with ``count``, over a spatialpandas array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import datashader
from spatialpandas import GeoDataFrame
from spatialpandas.geometry import PolygonArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.workloads import Polygons


def polygons(workload: Polygons, side: int) -> Callable[[], Any]:
    """Prepare one call for all polygons as a ragged array of closed rings."""
    rings = [[[*ring.ravel().tolist(), *ring[0].tolist()]] for ring in workload.rings()]
    frame = GeoDataFrame({"geometry": PolygonArray(rings)})
    canvas = datashader.Canvas(side, side, x_range=(0.0, 1.0), y_range=(0.0, 1.0))

    def count() -> Any:
        return canvas.polygons(frame, "geometry", agg=datashader.count()).to_numpy()

    return count
