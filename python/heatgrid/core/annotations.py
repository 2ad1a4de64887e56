"""Annotations: one columnar batch, as readers yield it and maps count it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import Flag, Kind, Lines, Masks, Points, Polygons, gather, offsets_of, pick
from heatgrid.core.report import Report, describe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray


__all__ = ["Annotations", "Flag", "Kind", "Lines", "Masks", "Points", "Polygons", "gather", "offsets_of"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Annotations:
    """N annotations on I images, as files hold them: raw, unclipped, with all geometry they have.

    An image belongs to one batch only, so that the union of its annotations can be counted.

    Attributes
    ----------
    image_names
        (I,) names; images without annotations are among them.
    image
        (N,) int64, index into ``image_names``.
    label
        (N,) int64, index into ``classes``.
    classes
        Class names, each once.
    normalized
        Whether coordinates are divided by the image's size; otherwise they are pixels.
    sizes
        (I, 2) float64, width and height in pixels, NaN where unknown; needed for pixels.
    kinds
        (N,) uint8, `Kind` bits of the geometry that is present, usable or not.
    boxes
        (N, 4) float64, x1 y1 x2 y2, NaN where absent.
    polygons, masks, points, lines
        Columns over the N annotations, or None where no annotation has any.
    ids
        (N,) annotation ids as the file has them.
    flags
        (N,) uint8, `Flag` bits.
    scores
        (N,) float64, confidence, NaN where absent.
    source
        The file or folder read.
    split
        ``"train"``, ``"val"``, ``"test"``, or another name that the source gives.
    files
        (I,) the annotation file of each image, where that is not ``source``.
    places
        (I,) where in its file each image is described (``"items[3]"``), where positions begin anew there.
    positions
        (N,) int64, the annotation's line number or index in its file.
    position_format
        How to write a position: ``"annotations[{}]"``, ``"line {}"``.
    report
        What the reader itself skipped and noted;
        ``report.read == report.skips``: the annotations of the batch itself are not recorded yet.
    """

    image_names: Sequence[str]
    image: NDArray[np.int64]
    label: NDArray[np.int64]
    classes: tuple[str, ...]
    normalized: bool
    sizes: NDArray[np.float64] | None = None
    kinds: NDArray[np.uint8]
    boxes: NDArray[np.float64] | None = None
    polygons: Polygons | None = None
    masks: Masks | None = None
    points: Points | None = None
    lines: Lines | None = None
    ids: Sequence[object] | None = None
    flags: NDArray[np.uint8] | None = None
    scores: NDArray[np.float64] | None = None
    source: str = ""
    split: str | None = None
    files: Sequence[str] | None = None
    places: Sequence[str] | None = None
    positions: NDArray[np.int64] | None = None
    position_format: str = "annotation {}"
    report: Report = field(default_factory=Report)

    def __len__(self) -> int:
        return len(self.image)

    def select(self, which: ArrayLike) -> Annotations:
        """Return the batch with some of its annotations, and all of its images.

        Parameters
        ----------
        which
            (N,) bool, or indices of annotations.
        """
        which = np.asarray(which)
        index = np.flatnonzero(which) if which.dtype == bool else which.astype(np.int64)
        if which.dtype == bool and which.shape != (len(self),):
            raise ValueError(f"which: expected {len(self)} booleans, got shape {which.shape}")
        return replace(
            self,
            image=self.image[index],
            label=self.label[index],
            kinds=self.kinds[index],
            boxes=None if self.boxes is None else self.boxes[index],
            polygons=None if self.polygons is None else self.polygons.take(index),
            masks=None if self.masks is None else self.masks.take(index),
            points=None if self.points is None else self.points.take(index),
            lines=None if self.lines is None else self.lines.take(index),
            ids=None if self.ids is None else pick(self.ids, index),
            flags=None if self.flags is None else self.flags[index],
            scores=None if self.scores is None else self.scores[index],
            positions=index if self.positions is None else self.positions[index],
        )

    def with_classes(self, classes: Iterable[str]) -> Annotations:
        """Return the batch with labels into ``classes``, without the annotations of other classes."""
        names = tuple(classes)
        number = {name: i for i, name in enumerate(names)}
        mapping = np.array([number.get(name, -1) for name in self.classes], dtype=np.int64)
        label = mapping[self.label] if len(self) else self.label
        kept = label >= 0
        if kept.all():
            return replace(self, label=label, classes=names)
        batch = self.select(kept)
        return replace(batch, label=label[kept], classes=names)

    def place(self, i: int) -> tuple[str, str, object]:
        """Return the file of annotation ``i``, its position there, and its id or None."""
        image = int(self.image[i])
        path = self.source if self.files is None else self.files[image]
        position = self.position_format.format(i if self.positions is None else int(self.positions[i]))
        if self.places is not None and self.places[image]:
            position = f"{self.places[image]}.{position}"
        return path, position, None if self.ids is None else self.ids[i]

    def where(self, i: int) -> str:
        """Return the place of annotation ``i`` as a report shows it."""
        path, position, annotation = self.place(i)
        return describe(path, position, annotation)

    def validate(self) -> None:
        """Raise ValueError unless the columns fit together."""
        n, images = len(self), len(self.image_names)
        shapes: dict[str, tuple[int, ...]] = {
            "image": (n,),
            "label": (n,),
            "kinds": (n,),
            "boxes": (n, 4),
            "flags": (n,),
            "scores": (n,),
            "positions": (n,),
            "sizes": (images, 2),
        }
        for name, shape in shapes.items():
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                raise ValueError(f"{name}: expected shape {shape}, got {column.shape}")
        for name, column, limit in (("image", self.image, images), ("label", self.label, len(self.classes))):
            if n and (column.min() < 0 or column.max() >= limit):
                raise ValueError(
                    f"{name}: expected numbers below {limit}, got {column.min()} to {column.max()}"
                )
        if len(set(self.classes)) != len(self.classes):
            message = "classes: expected each name once"
            raise ValueError(message)
        for ragged in (self.polygons, self.masks, self.points, self.lines):
            if ragged is not None:
                ragged.check(n)
        if self.report.read != self.report.skips:
            raise ValueError(f"report: {self.report.read} annotations recorded, {self.report.skips} skipped")
