"""Filters of annotations: classes, attributes, images, scores, areas and regions."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, cast

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.anchors import anchors_of_annotations, at_anchors, in_regions
from heatgrid.core.counts import raise_first
from heatgrid.core.extents import box_areas
from heatgrid.core.kernel import Outcome
from heatgrid.core.ragged import Flag, Kind, finite_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions


def filter_batch(batch: Annotations, options: ReadOptions) -> Annotations:
    """Return a batch without what the caller excludes; its report counts the excluded annotations."""
    if not options.filters:
        return batch
    outcome = kernel.pending(len(batch))
    images = np.ones(len(batch.image_names), dtype=bool)
    wanted = np.array([options.wants_class(name) for name in batch.classes], dtype=bool)
    if options.area is not None:
        outcome[:] = _judge_areas(batch, options)
    if options.only is not None:
        own = (any(fnmatchcase(name, one) for one in options.only) for name in batch.image_names)
        images = np.fromiter(own, dtype=bool, count=len(images))
        outcome[~images[batch.image]] = Outcome.EXCLUDED.value
    if options.exclude is not None and batch.flags is not None:
        flags = sum(Flag[name.upper()] for name in options.exclude)
        outcome[(batch.flags & flags) != 0] = Outcome.EXCLUDED.value
    if options.min_score is not None and batch.scores is not None:
        outcome[batch.scores < options.min_score] = Outcome.EXCLUDED.value
    if not wanted.all() and len(batch):
        outcome[~wanted[batch.label]] = Outcome.EXCLUDED.value
    if options.region or options.exclude_region:
        batch = _judge_regions(batch, outcome, options)
    if options.on_error == "raise":
        raise_first(batch, outcome)
    kept = outcome == Outcome.PENDING.value
    if not (kept.all() and images.all() and wanted.all()):
        report, others = batch.report.copy(), batch.select(~kept)
        report.add_classes(batch.classes)
        report.images -= int(np.count_nonzero(~images))
        report.record(outcome[~kept], others.classes, others.label, where=others.where)
        batch = replace(batch if kept.all() else batch.select(kept), report=report)
        batch = batch if images.all() else batch.with_images(images)
        batch = batch.with_classes(name for name, own in zip(batch.classes, wanted, strict=True) if own)
    if not options.at_anchor:
        return batch
    return at_anchors(batch, options.anchor, options.geometry, options.homography, on_error=options.on_error)


def _judge_regions(batch: Annotations, outcome: NDArray[np.uint8], options: ReadOptions) -> Annotations:
    """Return a batch with its regions; pending annotations get outcomes by their places, if not inside."""
    anchors, judged = anchors_of_annotations(batch, options.anchor, options.geometry)
    inside, unknown = in_regions(batch, (*options.region, *options.exclude_region), anchors)
    judged[unknown] = Outcome.NO_SIZE.value
    number = len(options.region)
    excluded = np.zeros(len(batch), dtype=bool)
    if number:
        excluded = ~np.any(inside[:number], axis=0)
    if options.exclude_region:
        excluded |= np.any(inside[number:], axis=0)
    judged[excluded & (judged == Outcome.PENDING.value)] = Outcome.EXCLUDED.value
    pending = outcome == Outcome.PENDING.value
    outcome[pending] = judged[pending]
    names = [region.name for region in options.region]
    return replace(batch, regions=dict(zip(names, inside, strict=False)))


def _judge_areas(batch: Annotations, options: ReadOptions) -> NDArray[np.uint8]:
    """Return `Outcome` codes: excluded outside of the range of areas, no size if the area is unknown."""
    low, high = cast("tuple[float, float]", options.area)
    outcome = kernel.pending(len(batch))
    area = box_areas(batch)
    outcome[(area < low) | (area >= high)] = Outcome.EXCLUDED.value
    unknown = np.isnan(area)
    outcome[unknown & ((batch.kinds & (Kind.BOX | Kind.POLYGON | Kind.MASK)) == 0)] = Outcome.EXCLUDED.value
    sized = np.zeros(len(batch), dtype=bool)
    if batch.sizes is not None:
        sized = finite_rows(batch.sizes)[batch.image]
    outcome[unknown & ~sized & (outcome == Outcome.PENDING.value)] = Outcome.NO_SIZE.value
    return outcome


def check_scores(batches: Iterable[Annotations]) -> Iterator[Annotations]:
    """Yield batches unchanged; raise ValueError at the end if ``min_score`` is set and none has a score."""
    has_annotations = has_scores = False
    for batch in batches:
        has_annotations |= len(batch) > 0
        has_scores |= batch.scores is not None
        yield batch
    if has_annotations and not has_scores:
        raise ValueError("min_score requires annotations with scores, but none has one")
