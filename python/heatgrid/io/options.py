"""How to read: every reader takes the same options and uses those that concern it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from heatgrid.core.geometry import Geometry
from heatgrid.io.formats.geo.georeference import WORLD, check_transform
from heatgrid.io.splits import canonical_split

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from heatgrid.core.report import Report

Task = Literal["detect", "segment", "obb", "pose"]
OnError = Literal["skip", "raise"]
Size = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Options of all readers.

    Attributes
    ----------
    splits
        Read these splits only; None reads all. ``"valid"`` and ``"validation"`` mean ``"val"``.
    on_error
        ``"skip"`` leaves a bad annotation or file out and reports it, ``"raise"`` stops at the first.
    geometry
        The geometry to count of each annotation: ``"auto"`` (the polygon if it is usable, else the mask, else
        the box, else the lines, else the points), or one kind only.
    images
        A folder to take missing image sizes from; headers only are read.
    size
        The size in pixels of images that the annotations give none for: one ``(width, height)``,
        or a mapping of image names to such pairs.
    one_based
        Whether pixel coordinates begin at 1 and include both ends, as the VOC devkit writes them.
    columns
        Of tables, which column is what: ``{"image": "photo", "class": "species", "x1": "left edge"}``, by
        name, or by number from 0; see `heatgrid.io.formats.table.columns.ROLES`. Of GeoJSON, which property.
    normalized
        Whether the coordinates of tables are divided by their image's size; None tells by their range.
    transform
        Of maps (GeoJSON, well-known text), the raster's affine transform, six numbers a b c d e f as rasterio
        has them; or a mapping of image names to such; or ``"world"``, the world files beside the images in
        ``images``. Coordinates must be of the raster's reference system. None takes them as pixels.
    task
        What rows of YOLO label files mean where their column count leaves it open.
    max_bytes
        The largest file to read.
    max_depth
        The deepest nesting of XML elements.
    max_vertices
        The most vertices of one annotation, and the most rows of a mask.
    max_pixels
        The largest bitmap of a mask to decode.
    table_rows
        About how many rows of a table are in memory at a time, so that tables may be larger than it. Of more
        rows, those of an image must stand together.
    batch_images
        About how many images a batch holds, where a format has a file for each image.
    """

    splits: str | Sequence[str] | None = None
    on_error: OnError = "skip"
    geometry: Geometry = "auto"
    images: str | os.PathLike[str] | None = None
    size: Size | Mapping[str, Size] | None = None
    one_based: bool = False
    columns: Mapping[str, str | int] | None = None
    normalized: bool | None = None
    transform: Sequence[float] | Mapping[str, Sequence[float]] | str | None = None
    task: Task | None = None
    max_bytes: int = 8 << 30
    max_depth: int = 100
    max_vertices: int = 1_000_000
    max_pixels: int = 1 << 26
    table_rows: int = 1 << 22
    batch_images: int = 4096

    def __post_init__(self) -> None:
        if self.splits is not None:
            names = (self.splits,) if isinstance(self.splits, str) else self.splits
            object.__setattr__(self, "splits", tuple(canonical_split(str(name)) for name in names))
        _check_choice("geometry", self.geometry, get_args(Geometry))
        _check_choice("on_error", self.on_error, get_args(OnError))
        if self.task is not None:
            _check_choice("task", self.task, get_args(Task))
        columns: object = self.columns  # whatever the caller gave
        if columns is not None and not isinstance(columns, Mapping):
            message = f"columns: expected a mapping of what a column is to its name, got {columns!r}"
            raise ValueError(message)
        if self.images is not None and not Path(self.images).is_dir():
            message = f"images: expected a folder, got {self.images}"
            raise ValueError(message)

        if self.transform is not None:
            check_transform(self.transform)
        if self.transform == WORLD and self.images is None:
            raise ValueError(
                "transform: 'world' needs images=, the folder of the rasters and their world files"
            )

    def wants(self, split: str | None) -> bool:
        """Whether a split is to be read."""
        return self.splits is None or split in self.splits

    @property
    def strict(self) -> bool:
        """Whether the first error ends the reading."""
        return self.on_error == "raise"

    def note_splits_absent(self, found: Iterable[str | None], report: Report, path: object) -> None:
        """Note the splits asked for that a source does not have."""
        there = set(found)
        for name in self.splits or ():
            if name not in there:
                report.note(f"no split named {name}", where=str(path))


def _check_choice(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        message = f"{name} must be one of {', '.join(allowed)}, got {value!r}"
        raise ValueError(message)
