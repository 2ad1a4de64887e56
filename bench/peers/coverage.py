"""Polygons with exactextract: the covered fraction of every cell, added up."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
from exactextract import exact_extract
from exactextract.feature import Feature, FeatureSource
from exactextract.raster import NumPyRasterSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from bench.workloads import Polygons


class BinaryFeature(Feature):  # type: ignore[misc]
    """A polygon as well-known binary: exactextract reads it several times faster than GeoJSON."""

    def __init__(self, ring: NDArray[np.float64]) -> None:
        Feature.__init__(self)
        closed = np.vstack((ring, ring[:1]))
        self.binary = struct.pack("<BIII", 1, 3, 1, len(closed)) + closed.astype("<f8").tobytes()
        self.values: dict[str, Any] = {}

    def geometry(self) -> bytes:
        """Return the polygon."""
        return self.binary

    def get(self, name: str) -> Any:
        """Return a result."""
        return self.values[name]

    def set(self, name: str, value: Any) -> None:
        """Store a result."""
        self.values[name] = value

    def fields(self) -> list[str]:
        """Return the names of the attributes: there are none."""
        return []


class BinaryFeatures(FeatureSource):  # type: ignore[misc]
    """All polygons, in order."""

    def __init__(self, features: list[BinaryFeature]) -> None:
        super().__init__()
        self.features = features

    def __iter__(self) -> Iterator[BinaryFeature]:
        return iter(self.features)

    def count(self) -> int:
        """Return the number of polygons."""
        return len(self.features)

    def srs_wkt(self) -> None:
        """Return None: there is no map projection."""


def areas(workload: Polygons, side: int) -> Callable[[], NDArray[np.float64]]:
    """Prepare one call for all polygons; ``numpy.bincount`` adds its fractions."""
    features = BinaryFeatures([BinaryFeature(ring) for ring in workload.rings()])
    raster = NumPyRasterSource(np.zeros((side, side)), xmin=0.0, ymin=0.0, xmax=1.0, ymax=1.0)

    def count() -> NDArray[np.float64]:
        found = exact_extract(raster, features, ["cell_id", "coverage"])
        cells = np.concatenate([feature["properties"]["cell_id"] for feature in found])
        covered = np.concatenate([feature["properties"]["coverage"] for feature in found])
        grid = np.zeros(side * side)
        grid += np.bincount(cells.astype(np.int64), weights=covered, minlength=side * side)
        # The first row of the raster has the highest y, that of heatgrid the lowest.
        return grid.reshape(side, side)[::-1]

    return count
