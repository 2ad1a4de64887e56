"""Gathering annotations one at a time, for formats with a file or an element for each image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.annotations import Annotations
from heatgrid.columns import Kind, Polygons, offsets_of
from heatgrid.errors import FormatError
from heatgrid.formats.files import clean
from heatgrid.formats.sizes import UNKNOWN, ImageSizes
from heatgrid.report import Report, describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatgrid.formats.options import ReadOptions, Size

NO_GEOMETRY = "no geometry"
TOO_MANY = "more vertices than max_vertices"


class BatchBuilder:
    """Gather images and their annotations, then make a batch of them.

    Classes are numbered as they are met and keep their numbers from batch to batch.

    Parameters
    ----------
    source
        The file or folder that is read.
    options
        Gives sizes of images that have none, and says what to do about errors.
    normalized
        Whether coordinates are divided by the image's size.
    position_format
        How a position in a file is written.
    """

    def __init__(
        self,
        source: str,
        options: ReadOptions,
        *,
        normalized: bool = False,
        position_format: str = "object {}",
    ) -> None:
        self._source = source
        self._options = options
        self._normalized = normalized
        self._position_format = position_format
        self._sizes = ImageSizes(options)
        self._classes: dict[str, int] = {}
        self._clear()

    def _clear(self) -> None:
        self.report = Report()
        self._names: list[str] = []
        self._files: list[str] = []
        self._image_sizes: list[Size] = []
        self._image: list[int] = []
        self._label: list[int] = []
        self._kinds: list[int] = []
        self._boxes: list[tuple[float, float, float, float]] = []
        self._coords: list[tuple[float, float]] = []
        self._rings: list[int] = []  # vertices of each ring
        self._parts: list[int] = []  # rings of each part
        self._polygons: list[int] = []  # parts of each annotation
        self._ids: list[object] = []
        self._flags: list[int] = []
        self._positions: list[int] = []

    @property
    def images(self) -> int:
        """The number of images gathered since the last batch."""
        return len(self._names)

    def image(self, name: str, file: str, size: Size = UNKNOWN) -> None:
        """Begin an image; annotations that follow are its own.

        Parameters
        ----------
        name
            Its name.
        file
            The file that describes it.
        size
            Width and height in pixels; where they are not positive, the options are asked.
        """
        known = 0 < size[0] < float("inf") and 0 < size[1] < float("inf")
        self._names.append(clean(name))
        self._files.append(file)
        self._image_sizes.append(size if known or self._normalized else self._sizes.find(name))

    def add(
        self,
        label: str,
        position: int,
        *,
        box: tuple[float, float, float, float] | None = None,
        polygon: Sequence[Sequence[Sequence[tuple[float, float]]]] = (),
        flags: int = 0,
        key: object = None,
    ) -> None:
        """Add an annotation of the current image, or leave it out if it has no geometry.

        Parameters
        ----------
        label
            Its class.
        position
            Its place in the file.
        box
            x1 y1 x2 y2.
        polygon
            Parts, each an outer ring and its holes, each of (x, y) vertices.
        flags
            `Flag` bits.
        key
            Its id in the file.
        """
        vertices = sum(len(ring) for part in polygon for ring in part)
        kinds = (Kind.BOX if box is not None else 0) | (Kind.POLYGON if polygon else 0)
        if not kinds or vertices > self._options.max_vertices:
            self.skip(TOO_MANY if vertices else NO_GEOMETRY, position, key)
            return
        self.report.annotations += 1
        self._image.append(len(self._names) - 1)
        self._label.append(self._classes.setdefault(clean(label), len(self._classes)))
        self._kinds.append(int(kinds))
        self._boxes.append(box or (np.nan,) * 4)
        self._polygons.append(len(polygon))
        for part in polygon:
            self._parts.append(len(part))
            for ring in part:
                self._rings.append(len(ring))
                self._coords.extend(ring)
        self._ids.append(key)
        self._flags.append(int(flags))
        self._positions.append(position)

    def skip(self, reason: str, position: int, key: object = None) -> None:
        """Leave an annotation of the current image out.

        Raises
        ------
        FormatError
            With ``on_error="raise"``.
        """
        place = self._position_format.format(position)
        if self._options.strict:
            raise FormatError(reason, self._files[-1], place, key)
        self.report.annotations += 1
        self.report.skip(reason, describe(self._files[-1], place, key))

    def note(self, text: str, position: int | None = None, key: object = None) -> None:
        """Note something about an annotation of the current image, or about the image."""
        place = "" if position is None else self._position_format.format(position)
        self.report.note(text, where=describe(self._files[-1], place, key))

    def build(self, split: str | None) -> Annotations:
        """Return what was gathered as a batch, and begin the next."""
        self.report.images += len(self._names)
        kinds = np.array(self._kinds, dtype=np.uint8)
        batch = Annotations(
            image_names=self._names,
            image=np.array(self._image, dtype=np.int64),
            label=np.array(self._label, dtype=np.int64),
            classes=tuple(self._classes),
            normalized=self._normalized,
            sizes=np.array(self._image_sizes, dtype=np.float64).reshape(-1, 2),
            kinds=kinds,
            boxes=np.array(self._boxes, dtype=np.float64).reshape(-1, 4)
            if (kinds & Kind.BOX).any()
            else None,
            polygons=self._polygon_columns() if self._rings else None,
            ids=self._ids,
            flags=np.array(self._flags, dtype=np.uint8),
            source=self._source,
            split=split,
            files=self._files,
            positions=np.array(self._positions, dtype=np.int64),
            position_format=self._position_format,
            report=self.report,
        )
        self._clear()
        return batch

    def _polygon_columns(self) -> Polygons:
        coords = np.array(self._coords, dtype=np.float64).reshape(-1, 2)
        return Polygons(coords, offsets_of(self._rings), offsets_of(self._parts), offsets_of(self._polygons))
