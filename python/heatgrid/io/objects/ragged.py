"""Simple features as ragged arrays: flat coordinates, and offsets from the innermost level out.

So shapely.to_ragged_array and GeoArrow (https://geoarrow.org/format) hold them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import Lines, Points, Polygons, offsets_of
from heatgrid.io.objects.assembly import Geometry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEVELS = {"point": 0, "linestring": 1, "multipoint": 1, "polygon": 2, "multilinestring": 2, "multipolygon": 3}
"""The kinds of geometry, and how many levels of offsets each has."""


def geometry_of(kind: str, coords: NDArray[np.float64], offsets: Sequence[NDArray[np.int64]]) -> Geometry:
    """Return the geometry of N features of one kind; an empty feature has none.

    Parameters
    ----------
    kind
        One of `LEVELS`.
    coords
        (M, 2) float64; a point that is not there is not a number.
    offsets
        As many as the kind has levels, innermost first.
    """
    if kind == "point":
        there = np.flatnonzero(~np.isnan(coords).any(axis=1))
        each = offsets_of(np.bincount(there, minlength=len(coords)))
        return Geometry(points=Points(coords[there], each, np.ones(len(there), dtype=bool)))
    if kind == "multipoint":
        return Geometry(points=Points(coords, offsets[0], np.ones(len(coords), dtype=bool)))
    each = np.arange(len(offsets[-1]), dtype=np.int64)
    if kind in {"linestring", "multilinestring"}:
        return Geometry(lines=Lines(coords, *_without_empty(offsets[0], [*offsets[1:], each][0])))
    parts, polygons = _without_empty(offsets[1], [*offsets[2:], each][0])
    return Geometry(polygons=Polygons(coords, offsets[0], parts, polygons))


def _without_empty(
    items: NDArray[np.int64], owners: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the offsets of the items that are not empty, and the offsets of their owners into these."""
    there = np.diff(items) > 0
    return items[np.concatenate([[True], there])], offsets_of(there.astype(np.int64))[owners]
