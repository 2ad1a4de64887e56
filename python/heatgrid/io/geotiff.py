"""GeoTIFF files of maps, for geographic information systems."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.errors import printable, require
from heatgrid.io.npz import header
from heatgrid.io.options import invert_transform

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.grid_map import GridMap
    from heatgrid.core.spec import CountSpec


def dump(
    heat: GridMap,
    *,
    crs: Any = None,
    bounds: Sequence[float] | None = None,
    transform: Sequence[float] | None = None,
    image_size: tuple[float, float] | None = None,
    by_class: bool = True,
) -> bytes:
    """Return a map as the bytes of a GeoTIFF: a band of all classes, then one per class.

    Counts are int32, or int64 if they do not fit; other values float64, where no data is NaN. The options are
    those of `heatgrid.viz.options.GeoOptions`.
    """
    rasterio = require("rasterio", "geo")
    cells = _cell_transform(heat.spec, bounds, transform, image_size)
    named = zip(heat.classes, heat.by_class, strict=True) if by_class else ()
    bands: list[tuple[str, NDArray[Any]]] = [("all classes", heat.counts), *named]
    values = np.stack([grid for _, grid in bands])
    if values.dtype == np.int64 and np.abs(values).max() < 2**31:
        values = values.astype(np.int32)
    try:
        system = None if crs is None else rasterio.crs.CRS.from_user_input(crs)
    except rasterio.errors.CRSError as error:
        raise ValueError(f"crs must be a coordinate reference system, got {crs!r}: {error}") from None
    profile = {
        "driver": "GTiff",
        "count": len(bands),
        "height": values.shape[1],
        "width": values.shape[2],
        "dtype": values.dtype.name,
        "nodata": math.nan if values.dtype.kind == "f" else None,
        "crs": system,
        "transform": rasterio.Affine(*cells),
        "compress": "deflate",
    }
    with rasterio.MemoryFile() as file:
        with file.open(**profile) as raster:
            raster.write(values)
            raster.descriptions = tuple(printable(name) for name, _ in bands)
            raster.update_tags(heatgrid=json.dumps(header(heat.spec, heat.classes)))
        return bytes(file.read())


def _cell_transform(
    spec: CountSpec,
    bounds: Sequence[float] | None,
    transform: Sequence[float] | None,
    image_size: tuple[float, float] | None,
) -> tuple[float, ...]:
    """Return the affine transform a b c d e f from columns and rows of the grid to the map."""
    if spec.of != "place" or spec.fit != "stretch":
        raise ValueError(
            "a GeoTIFF needs a map of places with fit='stretch': others are not the image's area"
        )
    rows, columns = spec.grid
    if (bounds is None) == (transform is None):
        raise ValueError("a GeoTIFF needs the place of the image: bounds=, or transform= and image_size=")
    if bounds is not None:
        left, bottom, right, top = _numbers("bounds", bounds, "left, bottom, right, top", 4)
        if not (left < right and bottom < top):
            raise ValueError(f"bounds must be left < right and bottom < top, got {bounds!r}")
        return (right - left) / columns, 0.0, left, 0.0, (bottom - top) / rows, top
    if image_size is None:
        raise ValueError("transform requires image_size=, the image's width and height in pixels")
    width, height = _numbers("image_size", image_size, "width and height", 2)
    if not (width > 0 and height > 0):
        raise ValueError(f"image_size must be above 0, got {image_size!r}")
    invert_transform(transform)  # or raises ValueError
    a, b, c, d, e, f = map(float, list(transform or ())[:6])
    x, y = width / columns, height / rows  # pixels per cell
    return a * x, b * y, c, d * x, e * y, f


def _numbers(name: str, values: Sequence[float], meaning: str, count: int) -> list[float]:
    try:
        numbers = [float(value) for value in values]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{name} must be {count} finite numbers, {meaning}, got {values!r}")
    return numbers
