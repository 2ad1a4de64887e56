"""Conversion of map coordinates to pixels by the inverse of a raster's affine transform.

The transform is that of rasterio and of GDAL's world files: six numbers a b c d e f that place the pixel at
column x and row y at ``(a x + b y + c, d x + e y + f)`` on the map, in the coordinates' reference system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

    Transform = Sequence[float]

UNPLACED = "image without a transform, whose coordinates cannot be placed"
_WORLD_SUFFIXES = (".tfw", ".jgw", ".pgw", ".tifw", ".jpgw", ".pngw", ".jp2w", ".wld")


class Georeference:
    """Transforms of a source's images from the map to pixels; none without ``transform``."""

    def __init__(self, options: ReadOptions) -> None:
        given = options.transform
        self._one = (
            None if given is None or given == WORLD or isinstance(given, Mapping) else invert_transform(given)
        )
        self._several: dict[str, NDArray[np.float64]] = {}
        for name, one in given.items() if isinstance(given, Mapping) else ():
            self._several[name] = invert_transform(one)
            self._several.setdefault(PurePosixPath(name).stem, self._several[name])
        self._folder = Path(options.images) if given == WORLD and options.images is not None else None
        self._given = given is not None

    def __bool__(self) -> bool:
        return self._given

    def pixels(self, batch: Annotations) -> Annotations:
        """Return a batch with pixel coordinates, NaN for images without a transform."""
        if not self._given:
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
        if self._one is not None:
            return self._one
        path = PurePosixPath(name.replace("\\", "/"))
        if self._folder is None:
            return self._several.get(name, self._several.get(path.stem))
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
