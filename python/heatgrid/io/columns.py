"""Columns of whole images with annotations that have no faults, and of several batches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import concatenate, offsets_of
from heatgrid.core.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import Size


@dataclass(frozen=True, slots=True)
class BoxesAndRings:
    """Geometry of N annotations, a box or a polygon of one ring each.

    ``boxes`` are (N, 4), NaN for polygons; ``vertices`` (N,) are the vertices of each ring in ``coords``
    (M, 2), 0 for boxes, and None if all are boxes.
    """

    boxes: NDArray[np.float64]
    vertices: NDArray[np.int64] | None = None
    coords: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    def part(self, begin: int, end: int) -> BoxesAndRings:
        """Return the geometry of the annotations from ``begin`` to ``end``."""
        if self.vertices is None:
            return BoxesAndRings(self.boxes[begin:end])
        first, last = self.vertices[:begin].sum(), self.vertices[:end].sum()
        return BoxesAndRings(self.boxes[begin:end], self.vertices[begin:end], self.coords[first:last])


@dataclass(frozen=True, slots=True)
class ImageColumns:
    """Images of one split with their annotations, all without faults and without attributes.

    The annotations of image i are those from ``offsets[i]`` to ``offsets[i + 1]``; the other columns are as
    in `BatchBuilder`. Without ``scores``, no annotation has one.
    """

    names: Sequence[str]
    sizes: Sequence[Size]
    places: Sequence[str]
    offsets: Sequence[int]
    labels: Sequence[str]
    shapes: BoxesAndRings
    flags: Sequence[int]
    keys: Sequence[object]
    scores: Sequence[float] = ()


def join_batches(batches: Sequence[Annotations]) -> Annotations:
    """Return batches of one source and split as one; all have pixels, or all are normalized.

    Classes are matched by name; images stay separate, also those of equal names.
    """
    if len(batches) == 1:
        return batches[0]
    counts = [len(batch) for batch in batches]
    images = [len(batch.image_names) for batch in batches]
    number = {name: i for i, name in enumerate(dict.fromkeys(chain(*(b.classes for b in batches))))}
    labels = [np.array([number[name] for name in b.classes], np.int64)[b.label] for b in batches]
    report = Report()
    for batch in batches:
        report.merge(batch.report)

    def joined(name: str, lengths: Sequence[int], missing: object) -> list[Any] | None:
        return _chained([getattr(batch, name) for batch in batches], lengths, missing)

    def by_name(name: str, lengths: Sequence[int]) -> dict[str, Any] | None:
        own: list[Mapping[str, Any]] = [getattr(batch, name) or {} for batch in batches]
        keys = dict.fromkeys(chain(*own))
        return {key: _chained([values.get(key) for values in own], lengths, None) for key in keys} or None

    begins = offsets_of(images)[:-1]
    shapes = ("boxes", "polygons", "masks", "points", "lines", "scores")
    is_numbered = all(batch.positions is not None for batch in batches)
    return replace(
        batches[0],
        image_names=[*chain.from_iterable(batch.image_names for batch in batches)],
        image=np.concatenate([b.image + begin for b, begin in zip(batches, begins, strict=True)]),
        label=np.concatenate(labels),
        classes=tuple(number),
        sizes=concatenate([batch.sizes for batch in batches], images),
        kinds=np.concatenate([batch.kinds for batch in batches]),
        **{name: concatenate([getattr(batch, name) for batch in batches], counts) for name in shapes},
        ids=joined("ids", counts, None),
        flags=np.concatenate([np.zeros(len(b), np.uint8) if b.flags is None else b.flags for b in batches]),
        files=joined("files", images, batches[0].source),
        places=joined("places", images, ""),
        positions=concatenate([batch.positions for batch in batches], counts) if is_numbered else None,
        attributes=by_name("attributes", counts),
        image_attributes=by_name("image_attributes", images),
        report=report,
    )


def _chained(columns: Sequence[Any], lengths: Sequence[int], missing: object) -> list[Any] | None:
    """Return the values of several columns, ``missing`` for a column that is None; None if all are."""
    if all(column is None for column in columns):
        return None
    pairs = zip(columns, lengths, strict=True)
    return [*chain.from_iterable([missing] * n if column is None else column for column, n in pairs)]
