"""Gathering annotations one at a time, for formats with a file or an element for each image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError
from heatgrid.io.files import clean
from heatgrid.io.shapes import Shape, ShapeColumns
from heatgrid.io.sizes import UNKNOWN, ImageSizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from heatgrid.io.options import ReadOptions, Size
    from heatgrid.io.shapes import Box, Point

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
    column_major
        Whether the run lengths of masks go down the columns.
    """

    def __init__(
        self,
        source: str,
        options: ReadOptions,
        *,
        normalized: bool = False,
        position_format: str = "object {}",
        column_major: bool = True,
    ) -> None:
        self.source = source
        self._options = options
        self._normalized = normalized
        self._position_format = position_format
        self._column_major = column_major
        self._sizes = ImageSizes(options)
        self._classes: dict[str, int] = {}
        self._clear()

    def _clear(self) -> None:
        self.report = Report()
        self._names: list[str] = []
        self._files: list[str] = []
        self._places: list[str] = []
        self._image_sizes: list[Size] = []
        self._image: list[int] = []
        self._label: list[int] = []
        self._shapes = ShapeColumns()
        self._ids: list[object] = []
        self._flags: list[int] = []
        self._scores: list[float] = []
        self._positions: list[int] = []

    @property
    def images(self) -> int:
        """The number of images gathered since the last batch."""
        return len(self._names)

    def image(self, name: str, file: str, size: Size = UNKNOWN, place: str = "") -> Size:
        """Begin an image; annotations that follow are its own.

        Parameters
        ----------
        name
            Its name.
        file
            The file that describes it.
        size
            Width and height in pixels; where they are not positive, the options are asked.
        place
            Where in the file it is described.

        Returns
        -------
        tuple of float
            Its width and height as far as they are known.
        """
        known = 0 < size[0] < float("inf") and 0 < size[1] < float("inf")
        self._names.append(clean(name))
        self._files.append(file)
        self._places.append(place)
        self._image_sizes.append(size if known else self._sizes.find(name))
        return self._image_sizes[-1]

    def add(
        self,
        label: str,
        position: int,
        *,
        box: Box | None = None,
        polygon: Sequence[Sequence[Sequence[Point]]] = (),
        flags: int = 0,
        key: object = None,
        score: float | None = None,
    ) -> None:
        """Add an annotation that has a box, a polygon or both; see `add_shape`."""
        shape = Shape(box=box, polygon=polygon)
        self.add_shape(label, position, shape, flags=flags, key=key, score=score)

    def add_shape(
        self,
        label: str,
        position: int,
        shape: Shape,
        *,
        flags: int = 0,
        key: object = None,
        score: float | None = None,
    ) -> None:
        """Add an annotation of the current image, or leave it out if it has no geometry.

        Parameters
        ----------
        label
            Its class.
        position
            Its place in the file.
        shape
            Its geometry.
        flags
            `Flag` bits.
        key
            Its id in the file.
        score
            Its confidence.
        """
        vertices = shape.vertices
        if not shape.kinds or vertices > self._options.max_vertices:
            self.skip(TOO_MANY if vertices else NO_GEOMETRY, position, key)
            return
        self.report.annotations += 1
        self._image.append(len(self._names) - 1)
        self._label.append(self._classes.setdefault(clean(label), len(self._classes)))
        self._shapes.add(shape)
        self._ids.append(key)
        self._flags.append(int(flags))
        self._scores.append(math.nan if score is None else score)
        self._positions.append(position)

    def skip(self, reason: str, position: int, key: object = None) -> None:
        """Leave an annotation of the current image out.

        Raises
        ------
        FormatError
            With ``on_error="raise"``.
        """
        place = self._place(position)
        if self._options.strict:
            raise FormatError(reason, self._files[-1], place, key)
        self.report.annotations += 1
        self.report.skip(reason, describe(self._files[-1], place, key))

    def note(self, text: str, position: int | None = None, key: object = None) -> None:
        """Note something about an annotation of the current image, or about the image."""
        place = self._places[-1] if position is None else self._place(position)
        self.report.note(text, where=describe(self._files[-1], place, key))

    def _place(self, position: int) -> str:
        place = self._position_format.format(position)
        return f"{self._places[-1]}.{place}" if self._places[-1] else place

    def build(self, split: str | None) -> Annotations:
        """Return what was gathered as a batch, and begin the next."""
        self.report.images += len(self._names)
        shapes = self._shapes
        scores = np.array(self._scores, dtype=np.float64)
        batch = Annotations(
            image_names=self._names,
            image=np.array(self._image, dtype=np.int64),
            label=np.array(self._label, dtype=np.int64),
            classes=tuple(self._classes),
            normalized=self._normalized,
            sizes=np.array(self._image_sizes, dtype=np.float64).reshape(-1, 2),
            kinds=shapes.kinds(),
            boxes=shapes.boxes(),
            polygons=shapes.polygons(),
            masks=shapes.masks(column_major=self._column_major),
            points=shapes.points(),
            lines=shapes.lines(),
            ids=self._ids,
            flags=np.array(self._flags, dtype=np.uint8),
            scores=None if np.isnan(scores).all() else scores,
            source=self.source,
            split=split,
            files=self._files,
            places=self._places if any(self._places) else None,
            positions=np.array(self._positions, dtype=np.int64),
            position_format=self._position_format,
            report=self.report,
        )
        self._clear()
        return batch
