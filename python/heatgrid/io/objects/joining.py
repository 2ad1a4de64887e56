"""Batches put together into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.ragged import Lines, Masks, Points, Polygons, offsets_of
from heatgrid.core.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


def joined(batches: Sequence[Annotations]) -> Annotations:
    """Return one batch of several, of one source, that all have pixels or are all normalised.

    Classes are matched by name; images stay apart, even those of the same name or of none.
    """
    if len(batches) == 1:
        return batches[0]
    counts = [len(batch) for batch in batches]
    begins = offsets_of([len(batch.image_names) for batch in batches])
    place: dict[str, int] = {}
    for batch in batches:
        for name in batch.classes:
            place.setdefault(name, len(place))
    label = [np.array([place[name] for name in b.classes], dtype=np.int64)[b.label] for b in batches]
    report = Report()
    for batch in batches:
        report += batch.report
    images = [name or f"image {i}" for i, batch in enumerate(batches) for name in batch.image_names]
    return Annotations(
        image_names=images,
        image=np.concatenate([b.image + begin for b, begin in zip(batches, begins[:-1], strict=True)]),
        label=np.concatenate(label),
        classes=tuple(place),
        normalized=batches[0].normalized,
        sizes=_filled([b.sizes for b in batches], np.diff(begins).tolist(), 2),
        kinds=np.concatenate([batch.kinds for batch in batches]),
        boxes=_filled([batch.boxes for batch in batches], counts, 4),
        polygons=_ragged([b.polygons for b in batches], counts, _no_polygons, _join_polygons),
        masks=_ragged([b.masks for b in batches], counts, _no_masks, _join_masks),
        points=_ragged([b.points for b in batches], counts, _no_points, _join_points),
        lines=_ragged([b.lines for b in batches], counts, _no_lines, _join_lines),
        ids=_listed([batch.ids for batch in batches], counts),
        scores=_scores([batch.scores for batch in batches], counts),
        source=batches[0].source,
        positions=np.concatenate([np.arange(count, dtype=np.int64) for count in counts]),
        places=images,
        report=report,
    )


def _filled(
    columns: Sequence[NDArray[np.float64] | None], counts: Sequence[int], width: int
) -> NDArray[np.float64] | None:
    """Return columns after each other, NaN where one is missing; None where all are."""
    if all(column is None for column in columns):
        return None
    return np.concatenate(
        [np.full((n, width), np.nan) if c is None else c for c, n in zip(columns, counts, strict=True)]
    )


def _scores(
    columns: Sequence[NDArray[np.float64] | None], counts: Sequence[int]
) -> NDArray[np.float64] | None:
    found = _filled([None if c is None else c.reshape(-1, 1) for c in columns], counts, 1)
    return None if found is None else found.reshape(-1)


def _listed(columns: Sequence[Sequence[object] | None], counts: Sequence[int]) -> list[object] | None:
    if all(column is None for column in columns):
        return None
    pairs = zip(columns, counts, strict=True)
    return [value for c, n in pairs for value in ([None] * n if c is None else c)]


def _ragged(
    columns: Sequence[Any], counts: Sequence[int], nothing: Callable[[int], Any], join: Callable[[Any], Any]
) -> Any:
    if all(column is None for column in columns):
        return None
    return join([nothing(n) if c is None else c for c, n in zip(columns, counts, strict=True)])


def _after_each_other(offsets: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return offsets_of(np.concatenate([np.diff(one) for one in offsets]))


def _no_polygons(count: int) -> Polygons:
    none = np.zeros(1, dtype=np.int64)
    return Polygons(np.zeros((0, 2)), none, none, np.zeros(count + 1, dtype=np.int64))


def _join_polygons(columns: Sequence[Polygons]) -> Polygons:
    return Polygons(
        np.concatenate([c.coords for c in columns]),
        _after_each_other([c.rings for c in columns]),
        _after_each_other([c.parts for c in columns]),
        _after_each_other([c.annotations for c in columns]),
    )


def _no_points(count: int) -> Points:
    return Points(np.zeros((0, 2)), np.zeros(count + 1, dtype=np.int64), np.zeros(0, dtype=bool))


def _join_points(columns: Sequence[Points]) -> Points:
    return Points(
        np.concatenate([c.coords for c in columns]),
        _after_each_other([c.offsets for c in columns]),
        np.concatenate([c.visible for c in columns]),
    )


def _no_lines(count: int) -> Lines:
    none = np.zeros(1, dtype=np.int64)
    return Lines(np.zeros((0, 2)), none, np.zeros(count + 1, dtype=np.int64))


def _join_lines(columns: Sequence[Lines]) -> Lines:
    return Lines(
        np.concatenate([c.coords for c in columns]),
        _after_each_other([c.paths for c in columns]),
        _after_each_other([c.annotations for c in columns]),
    )


def _no_masks(count: int) -> Masks:
    none = np.zeros(count + 1, dtype=np.int64)
    sizes = np.zeros((count, 2), dtype=np.int64)
    return Masks(sizes, np.zeros(0, dtype=np.uint8), none, np.zeros(0, dtype=np.int64), none)


def _join_masks(columns: Sequence[Masks]) -> Masks:
    return Masks(
        np.concatenate([c.sizes for c in columns]),
        np.concatenate([c.codes for c in columns]),
        _after_each_other([c.code_offsets for c in columns]),
        np.concatenate([c.runs for c in columns]),
        _after_each_other([c.run_offsets for c in columns]),
        next((c.column_major for c in columns if len(c.runs) or len(c.codes)), True),
    )
