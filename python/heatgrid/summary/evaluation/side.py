"""One of two data sets that are matched: its batches, and their boxes as columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.extents import bounding_boxes
from heatgrid.core.kernel import Outcome
from heatgrid.core.ragged import Flag, offsets_of
from heatgrid.core.report import Report
from heatgrid.io.files import image_stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

    Integers = NDArray[np.int64]
    Doubles = NDArray[np.float64]


STRANGE = "prediction on an image that the truth does not have"
STRANGE_IMAGE = "image that the truth does not have"
_SEVERAL = -2


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """N annotations with boxes, on I images, of one of two data sets.

    Attributes
    ----------
    batches
        As read, without annotations that have no box.
    image_names, sizes
        (I,) names, and (I, 2) widths and heights in pixels, NaN where unknown.
    classes
        Names of all batches, each once.
    boxes, normalized
        (N, 4) x1 y1 x2 y2, and whether they are divided by the size of the image.
    image, label
        (N,) index into ``image_names`` and ``classes``.
    scores
        (N,) confidence, NaN where absent.
    flags
        (N,) `Flag` bits.
    image_in_truth
        (I,) index into the images of the truth; of the truth itself, 0, 1, 2 …
    report
        What was read: every annotation that has a box counts as counted, except regions to be ignored, which
        are excluded.
    """

    batches: list[Annotations]
    image_names: list[str]
    sizes: Doubles
    classes: tuple[str, ...]
    boxes: Doubles
    normalized: NDArray[np.bool_]
    image: Integers
    label: Integers
    scores: Doubles
    flags: NDArray[np.uint8]
    image_in_truth: Integers
    report: Report

    @classmethod
    def of(cls, batches: Iterable[Annotations], images: ImageNames | None = None) -> Side:
        """Read the batches of a data set, without annotations on other ``images``."""
        kept: list[Annotations] = []
        boxes: list[Doubles] = [np.zeros((0, 4))]
        numbers: dict[str, int] = {}
        found: list[Integers] = [np.zeros(0, dtype=np.int64)]
        report = Report()
        for batch in batches:
            report.merge(batch.report)
            report.splits |= {batch.split} if batch.image_names else set()
            outside = None if batch.flags is None else batch.flags & np.uint8(Flag.OUTSIDE)
            own, outcome = bounding_boxes(replace(batch, flags=outside))
            if images is None:
                found.append(sum(map(len, found)) + np.arange(len(batch.image_names)))
            else:
                found.append(images.find(batch.image_names))
                batch, own, outcome = _known(batch, own, outcome, found[-1], report)  # noqa: PLW2901
            usable = outcome == Outcome.PENDING.value
            outcome[usable] = Outcome.COUNTED.value
            if batch.flags is not None:
                outcome[usable & ((batch.flags & Flag.IGNORE) != 0)] = Outcome.EXCLUDED.value
            count = len(batch.image_names)
            report.record(outcome, batch.classes, batch.label, batch.image, count, where=batch.where)
            part = batch if usable.all() else batch.select(usable)
            kept.append(replace(part, report=Report(images=count)))
            boxes.append(own[usable])
            for name in batch.classes:
                numbers.setdefault(name, len(numbers))
        columns = [_columns(batch, first, numbers) for batch, first in zip(kept, _firsts(kept), strict=True)]
        image, label, scores, flags, normalized = (
            np.concatenate([np.zeros(0, dtype=kind), *parts])
            for kind, *parts in zip((np.int64, np.int64, float, np.uint8, bool), *columns, strict=True)
        )
        return cls(
            batches=kept,
            image_names=[name for batch in kept for name in batch.image_names],
            sizes=np.concatenate([np.zeros((0, 2)), *map(_sizes, kept)]),
            classes=tuple(numbers),
            boxes=np.concatenate(boxes),
            normalized=normalized,
            image=image,
            label=label,
            scores=scores,
            flags=flags,
            image_in_truth=np.concatenate(found),
            report=report,
        )

    def __len__(self) -> int:
        return len(self.image)

    def select(self, which: NDArray[np.bool_]) -> list[Annotations]:
        """Return the batches of some of the annotations, with all images."""
        ends = np.cumsum([len(batch) for batch in self.batches])[:-1]
        parts = np.split(which, ends) if self.batches else []
        return [batch.select(own) for batch, own in zip(self.batches, parts, strict=True)]

    def boxes_of(self, which: NDArray[np.bool_], size: Doubles) -> Doubles:
        """Return the boxes of some of the annotations of one image of this ``size``, divided by it."""
        index = np.flatnonzero(which)
        scale = np.where(self.normalized[index, np.newaxis], 1.0, np.tile(size, 2))
        return np.asarray(self.boxes[index] / scale)

    def scaled(self, sizes: Doubles) -> Doubles:
        """Return the boxes divided by the image ``sizes``, (N, 2), where they are not already."""
        return np.where(self.normalized[:, np.newaxis], self.boxes, self.boxes / np.tile(sizes, 2))


def _firsts(batches: Sequence[Annotations]) -> list[int]:
    """Return the number of images before each batch."""
    first: list[int] = offsets_of([len(batch.image_names) for batch in batches]).tolist()
    return first[:-1]


def _sizes(batch: Annotations) -> Doubles:
    return np.full((len(batch.image_names), 2), np.nan) if batch.sizes is None else batch.sizes


def _columns(batch: Annotations, first: int, numbers: dict[str, int]) -> tuple[NDArray[np.generic], ...]:
    """Return images, labels, scores, flags, and whether coordinates are normalized."""
    labels = np.array([numbers[name] for name in batch.classes], dtype=np.int64)
    count = len(batch)
    return (
        batch.image + first,
        labels[batch.label] if count else batch.label,
        np.full(count, np.nan) if batch.scores is None else batch.scores,
        np.zeros(count, dtype=np.uint8) if batch.flags is None else batch.flags,
        np.full(count, batch.normalized),
    )


def _known(
    batch: Annotations, boxes: Doubles, outcome: NDArray[np.uint8], index: Integers, report: Report
) -> tuple[Annotations, Doubles, NDArray[np.uint8]]:
    """Return what is on images of an ``index`` that is not -1; report all else."""
    for i in np.flatnonzero(index < 0).tolist():
        report.note(STRANGE_IMAGE, where=batch.image_names[i])
    strange = index[batch.image] < 0
    for k in np.unique(batch.label[strange]).tolist():
        own = np.flatnonzero(strange & (batch.label == k))
        report.skip(STRANGE, batch.where(int(own[0])), len(own), label=batch.classes[k])
    if not strange.any():
        return batch, boxes, outcome
    return batch.select(~strange), boxes[~strange], outcome[~strange]


class ImageNames:
    """Lookup of images by name, or else by name without folder and image suffix."""

    def __init__(self, names: Sequence[str]) -> None:
        self._tables: list[tuple[Callable[[str], str], dict[str, int]]] = []
        for spell in (str, image_stem):
            index: dict[str, int] = {}
            for i, name in enumerate(map(spell, names)):
                index[name] = _SEVERAL if name in index else i
            self._tables.append((spell, index))

    def find(self, names: Sequence[str]) -> Integers:
        """Return the index of each name, -1 if there is no such image; ValueError if there are several."""
        found = []
        for name in names:
            tables = (index[spell(name)] for spell, index in self._tables if spell(name) in index)
            found.append(next(tables, -1))
            if found[-1] == _SEVERAL:
                raise ValueError(f"truth must have one image per name, got several {name!r} (give splits=)")
        return np.array(found, dtype=np.int64)
