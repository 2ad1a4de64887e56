"""From a batch of annotations to counts: classes matched by name, one geometry chosen for each annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.choice import resolve
from heatgrid.columns import Kind, Polygons
from heatgrid.conversion import choose
from heatgrid.counting import OUTCOMES
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.annotations import Annotations
    from heatgrid.choice import Geometry
    from heatgrid.counting import Tally
    from heatgrid.heatmap import Heatmap

GEOMETRIES = ("auto", "box", "polygon")
OTHER_CLASS = "annotation of a class that the map does not have"
INVALID = OUTCOMES.index("invalid")


def check_geometry(geometry: str) -> None:
    """Raise ValueError for a geometry that maps do not count."""
    choose("geometry", geometry, dict.fromkeys(GEOMETRIES))


def add_annotations(heat: Heatmap, batch: Annotations, geometry: Geometry, on_error: str) -> None:
    """Count a batch into a map and account for every annotation in the map's report."""
    check_geometry(geometry)
    strict = choose("on_error", on_error, {"skip": False, "raise": True})
    batch = _of_its_classes(heat, batch)
    choice = resolve(batch, geometry, countable=Kind.BOX | Kind.POLYGON, on_error=on_error)
    for kind, geometries in ((Kind.BOX, choice.boxes), (Kind.POLYGON, batch.polygons)):
        index = choice.index(kind)
        if geometries is not None and len(index):
            tally = _count(heat, batch, geometries, index)
            if strict and tally.invalid and tally.outcomes is not None:
                first = int(index[np.flatnonzero(tally.outcomes == INVALID)[0]])
                raise FormatError("not finite once divided by its image's size", *batch.place(first))
    report = batch.report + choice.report
    # Those that were counted have reported themselves.
    report.annotations -= len(batch) - choice.report.skips - choice.report.outside
    heat.report += report


def _of_its_classes(heat: Heatmap, batch: Annotations) -> Annotations:
    if not heat.has_classes or batch.classes == heat.classes:
        return batch
    own = batch.with_classes(heat.classes)
    own.report.note(OTHER_CLASS, len(batch) - len(own))
    return own


def _count(
    heat: Heatmap, batch: Annotations, geometries: NDArray[np.float64] | Polygons, index: NDArray[np.int64]
) -> Tally:
    """Count the annotations with these numbers by their boxes or polygons, of which each has one."""
    everything = len(index) == len(batch)
    sizes = None
    if not batch.normalized and batch.sizes is not None:
        sizes = batch.sizes[batch.image[index]]
    labels = None
    if heat.has_classes:
        labels = batch.label if everything else batch.label[index]

    def where(i: int) -> str:
        return batch.where(int(index[i]))

    if isinstance(geometries, Polygons):
        polygons = geometries if everything else geometries.take(index)
        offsets = polygons.rings, polygons.parts, polygons.annotations
        return heat.count_into("polygons", polygons.coords, offsets, sizes=sizes, labels=labels, where=where)
    boxes = geometries if everything else geometries[index]
    return heat.count_into("boxes", boxes, sizes=sizes, labels=labels, where=where)
