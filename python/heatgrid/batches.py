"""From a batch of annotations to counts: classes matched by name, one geometry chosen for each annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatgrid.choice import resolve
from heatgrid.columns import Kind
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from heatgrid.annotations import Annotations
    from heatgrid.choice import Choice, Geometry
    from heatgrid.heatmap import Heatmap

OTHER_CLASS = "annotation of a class that the map does not have"


def add_annotations(heat: Heatmap, batch: Annotations, geometry: Geometry, on_error: str) -> None:
    """Count a batch into a map and account for every annotation in the map's report."""
    batch = _of_its_classes(heat, batch)
    choice = resolve(batch, geometry, countable=Kind.BOX | Kind.POLYGON, on_error=on_error)
    report = batch.report + choice.report
    report.annotations -= len(batch) - choice.report.skips  # those that are counted report themselves
    heat.report += report
    for kind in (Kind.BOX, Kind.POLYGON):
        index = choice.index(kind)
        if len(index):
            _count(heat, batch, choice, kind, index, on_error)


def _of_its_classes(heat: Heatmap, batch: Annotations) -> Annotations:
    if not heat.has_classes or batch.classes == heat.classes:
        return batch
    own = batch.with_classes(heat.classes)
    own.report.note(OTHER_CLASS, len(batch) - len(own))
    return own


def _count(
    heat: Heatmap, batch: Annotations, choice: Choice, kind: Kind, index: NDArray[np.int64], on_error: str
) -> None:
    everything = len(index) == len(batch)
    sizes = None
    if not batch.normalized and batch.sizes is not None:
        sizes = batch.sizes[batch.image[index]]
    labels = None
    if heat.has_classes:
        labels = batch.label if everything else batch.label[index]

    def where(i: int) -> str:
        return batch.where(int(index[i]))

    if kind is Kind.BOX and choice.boxes is not None:
        boxes = choice.boxes if everything else choice.boxes[index]
        tally = heat.count_into("boxes", boxes, sizes=sizes, labels=labels, where=where)
    elif batch.polygons is not None:
        polygons = batch.polygons if everything else batch.polygons.take(index)
        offsets = polygons.rings, polygons.parts, polygons.annotations
        tally = heat.count_into("polygons", polygons.coords, offsets, sizes=sizes, labels=labels, where=where)
    if tally.invalid and on_error == "raise":
        raise FormatError("a coordinate is not finite once divided by its image's size", batch.source)
