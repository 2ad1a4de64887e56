"""From a batch of annotations to counts: classes matched by name, one geometry chosen for each annotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.geometry import resolve
from heatgrid.core.ragged import Kind
from heatgrid.core.arguments import as_weights, choose
from heatgrid.core.counting import OUTCOMES
from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.accumulator import Accumulator
    from heatgrid.core.annotations import Annotations
    from heatgrid.core.geometry import Choice, Geometry
    from heatgrid.core.counting import Tally

GEOMETRIES = ("auto", "box", "polygon", "mask", "point", "line")
OTHER_CLASS = "annotation of a class that the map does not have"
INVALID = OUTCOMES.index("invalid")
BROKEN = "not finite once divided by its image's size"


def check_geometry(geometry: str, rule: str) -> None:
    """Raise ValueError for a geometry that maps do not count, or not by this rule."""
    choose("geometry", geometry, dict.fromkeys(GEOMETRIES))
    if geometry in {"point", "line"} and rule == "area":
        raise ValueError(f"geometry={geometry!r} does not go with rule='area': {geometry}s have none")


def add_annotations(
    heat: Accumulator, batch: Annotations, geometry: Geometry, on_error: str, weights: ArrayLike | None
) -> None:
    """Count a batch into a map and account for every annotation in the map's report."""
    check_geometry(geometry, heat.rule)
    strict = choose("on_error", on_error, {"skip": False, "raise": True})
    weighed = _one_each(weights, len(batch))
    batch, weighed = _of_its_classes(heat, batch, weighed)
    choice = resolve(
        batch, geometry, with_area=heat.rule == "area", fit=heat.definition.fit, on_error=on_error
    )
    united = heat.definition.count == "images"
    for shapes in _united(batch, choice) if united else shapes_by_kind(batch, choice):
        tally = shapes.count_into(heat, weighed)
        if strict and tally.invalid and tally.outcomes is not None:
            first = int(shapes.index[np.flatnonzero(tally.outcomes == INVALID)[0]])
            raise FormatError(BROKEN, *batch.place(first))
    heat.report += batch.report
    heat.report += choice.report
    # Those that were counted have reported themselves.
    heat.report.annotations -= len(batch) - choice.report.skips - choice.report.outside


def _one_each(weights: ArrayLike | None, count: int) -> NDArray[np.float64] | None:
    if weights is None:
        return None
    array = as_weights(weights)
    if len(array) != count:
        raise ValueError(f"weights must have shape ({count},), one an annotation, got {array.shape}")
    return array


def _of_its_classes(
    heat: Accumulator, batch: Annotations, weights: NDArray[np.float64] | None
) -> tuple[Annotations, NDArray[np.float64] | None]:
    if not heat.has_classes or batch.classes == heat.classes:
        return batch, weights
    own = batch.with_classes(heat.classes)
    if len(own) == len(batch):
        return own, weights
    own.report.note(OTHER_CLASS, len(batch) - len(own))
    known = np.array([name in set(heat.classes) for name in batch.classes], dtype=bool)
    return own, None if weights is None else weights[known[batch.label]]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Some annotations of a batch, as one call of the kernel takes them."""

    batch: Annotations
    index: NDArray[np.int64]
    kind: str
    arguments: tuple[Any, ...]

    def count_into(self, heat: Accumulator, weights: NDArray[np.float64] | None) -> Tally:
        """Count them into a map; say what became of each."""
        batch, index = self.batch, self.index
        options: dict[str, Any] = {}
        is_letterbox = heat.definition.fit == "letterbox"
        pixels = self.kind != "masks" and not batch.normalized
        if (pixels or is_letterbox) and batch.sizes is not None:
            options["normalized"] = is_letterbox and batch.normalized
            image = _some(batch.image, index)
            options["sizes"] = batch.sizes[0] if len(batch.sizes) == 1 else batch.sizes.take(image, axis=0)
        if heat.definition.count == "images":
            options["images"] = batch.image[index]
        if weights is not None:
            options["weights"] = weights[index]
        return heat.count_into(
            self.kind,
            *self.arguments,
            labels=_some(batch.label, index) if heat.has_classes else None,
            where=lambda i: batch.where(int(index[i])),
            **options,
        )


def shapes_by_kind(batch: Annotations, choice: Choice) -> Iterator[Shapes]:
    """Yield a call a kind of shape: the quickest way."""
    if choice.boxes is not None and len(index := choice.index(Kind.BOX)):
        yield Shapes(batch, index, "boxes", (_some(choice.boxes, index),))
    if batch.polygons is not None and len(index := choice.index(Kind.POLYGON)):
        polygons = batch.polygons if len(index) == len(batch) else batch.polygons.take(index)
        offsets = polygons.rings, polygons.parts, polygons.annotations
        yield Shapes(batch, index, "polygons", (polygons.coords, offsets))
    if batch.masks is not None and len(index := choice.index(Kind.MASK)):
        yield Shapes(batch, index, "masks", (batch.masks.take(index),))
    if batch.points is not None and len(index := choice.index(Kind.POINT)):
        kinds = np.full(len(index), Kind.POINT, dtype=np.uint8)
        yield Shapes(batch, index, "mixed", (kinds, (None, None, None, batch.points.take(index), None)))
    if batch.lines is not None and len(index := choice.index(Kind.LINE)):
        lines = batch.lines if len(index) == len(batch) else batch.lines.take(index)
        yield Shapes(batch, index, "lines", (lines.coords, (lines.paths, lines.annotations)))


def _united(batch: Annotations, choice: Choice) -> Iterator[Shapes]:
    """Yield all kinds in one call, since the annotations of an image are united whatever they are."""
    index = np.flatnonzero(choice.kinds)
    if not len(index):
        return
    columns = (
        None if choice.boxes is None else _some(choice.boxes, index),
        None if batch.polygons is None else batch.polygons.take(index),
        None if batch.masks is None else batch.masks.take(index),
        None if batch.points is None else batch.points.take(index),
        None if batch.lines is None else batch.lines.take(index),
    )
    yield Shapes(batch, index, "mixed", (choice.kinds[index], columns))


def _some(column: NDArray[Any], index: NDArray[np.int64]) -> NDArray[Any]:
    return column if len(index) == len(column) else column[index]
