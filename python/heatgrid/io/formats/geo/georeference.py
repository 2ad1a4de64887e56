"""Conversion of map coordinates to pixels by the inverse of a raster's affine transform.

The transform is that of rasterio and of GDAL's world files: six numbers a b c d e f that place the pixel at
column x and row y at ``(a x + b y + c, d x + e y + f)`` on the map, in the coordinates' reference system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.errors import FormatError
from heatgrid.io.files import read_head
from heatgrid.io.options import WORLD, invert_transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions


UNPLACED = "image without a transform, whose coordinates cannot be placed"
_WORLD_SUFFIXES = (".tfw", ".jgw", ".pgw", ".tifw", ".jpgw", ".pngw", ".jp2w", ".wld")


class Georeference:
    """Transforms of a source's images from the map to pixels; none without ``transform``."""

    def __init__(self, options: ReadOptions) -> None:
        transform = options.transform
        self._is_used = transform is not None
        self._common: NDArray[np.float64] | None = None
        self._by_image: dict[str, NDArray[np.float64]] = {}
        self._folder: Path | None = None
        if isinstance(transform, Mapping):
            for name, numbers in transform.items():
                self._by_image[name] = invert_transform(numbers)
                self._by_image.setdefault(PurePosixPath(name).stem, self._by_image[name])
        elif transform == WORLD and options.images is not None:
            self._folder = Path(options.images)
        elif transform is not None:
            self._common = invert_transform(transform)

    def pixels(self, batch: Annotations) -> Annotations:
        """Return a batch with pixel coordinates, NaN for images without a transform."""
        if not self._is_used:
            return batch
        found = [self._find(name) for name in batch.image_names]
        missing = sum(one is None for one in found)
        batch.report.note(UNPLACED, missing, batch.source)
        nowhere = np.full((2, 3), np.nan)
        inverse = np.array([nowhere if one is None else one for one in found]).reshape(-1, 2, 3)[batch.image]
        polygons, lines, points = batch.polygons, batch.lines, batch.points
        if polygons is not None:
            polygons = replace(polygons, coords=_moved(polygons.coords, inverse, polygons.vertices))
        if lines is not None:
            ends = lines.paths[lines.annotations]
            lines = replace(lines, coords=_moved(lines.coords, inverse, ends))
        if points is not None:
            points = replace(points, coords=_moved(points.coords, inverse, points.offsets))
        return replace(batch, polygons=polygons, lines=lines, points=points)

    def _find(self, name: str) -> NDArray[np.float64] | None:
        if self._common is not None:
            return self._common
        path = PurePosixPath(name.replace("\\", "/"))
        if self._folder is None:
            return self._by_image.get(name, self._by_image.get(path.stem))
        for suffix in _WORLD_SUFFIXES:
            for file in (self._folder / f"{path.stem}{suffix}", self._folder / f"{path.name}{suffix}"):
                if file.is_file():
                    return _read_world_file(file)
        return None


def _moved(
    coords: NDArray[np.float64], inverse: NDArray[np.float64], ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return coordinates, each transformed by that of its annotation."""
    own = inverse[np.repeat(np.arange(len(inverse)), np.diff(ends))]
    moved: NDArray[np.float64] = np.einsum("nij,nj->ni", own[:, :, :2], coords) + own[:, :, 2]
    return moved


def _read_world_file(file: Path) -> NDArray[np.float64]:
    """Return the transform of a world file, whose c and f are those of the first pixel's center."""
    try:
        a, d, b, e, c, f = map(float, read_head(file, 4096).split())
        return invert_transform((a, b, c - (a + b) / 2, d, e, f - (d + e) / 2))
    except ValueError as error:
        raise FormatError("expected a world file of six numbers", file) from error
