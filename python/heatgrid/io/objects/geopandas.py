"""GeoPandas: a ``GeoSeries``, or a ``GeoDataFrame`` whose other columns name classes, images and ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.objects import shapely
from heatgrid.io.objects.described import described_rows

if TYPE_CHECKING:
    from heatgrid.core.annotations import Annotations
    from heatgrid.io.objects.given import Given

NAME = "geopandas"
TITLE = "GeoPandas GeoSeries and GeoDataFrame"
SEVERAL = False
TAKES: tuple[str, ...] = ("columns", "transform")

UNPLACED = "coordinates of a map's reference system, taken as they are (transform= brings them to pixels)"


def accepts(value: Any) -> bool:
    """Tell whether an object has geometries, and a reference system that they may be of."""
    return all(hasattr(value, name) for name in ("geometry", "crs", "total_bounds"))


def convert(value: Any, given: Given) -> Annotations:
    """Return the rows' geometries: pixels where a size is given, else divided by it."""

    def column(name: str) -> Any:
        values = value[name]
        return values.to_numpy() if values.dtype.kind in "iuf" else values.tolist()

    names = [str(name) for name in getattr(value, "columns", ()) if name != value.geometry.name]
    given, described = described_rows(names, column, given)
    described.setdefault("ids", value.index.tolist())
    batch = shapely.convert(np.asarray(value.geometry, dtype=object), given, source=NAME, **described)
    if value.crs is not None and given.transform is None:
        batch.report.note(UNPLACED)
    return batch
