"""Batch of a COCO file: ids looked up, geometry checked, and what is left out reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.ragged import Kind, Points, Polygons, WholeNumbers, finite_rows, offsets_of
from heatgrid.errors import FormatError
from heatgrid.io.files import ImageSizes
from heatgrid.io.formats.coco.columns import scanned_columns
from heatgrid.io.formats.coco.ids import (
    are_unique,
    find,
    read_categories,
    read_images,
    value_of,
)
from heatgrid.io.formats.coco.objects import object_columns
from heatgrid.io.json_values import NOT_AN_OBJECT

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.reading import CocoColumns
    from heatgrid.core.report import Report
    from heatgrid.io.formats.coco.columns import Columns
    from heatgrid.io.formats.coco.ids import Use
    from heatgrid.io.options import ReadOptions

UNKNOWN_IMAGE = "unknown image_id"
UNKNOWN_CATEGORY = "unknown category_id"
NO_GEOMETRY = "no geometry"
NEGATIVE = "negative width or height"
NOT_FOUR = "bbox is not four numbers"
ODD = "ring with an odd number of coordinates"
NOT_NUMBERS = "coordinate is not a number"
TOO_MANY = "more vertices than max_vertices"
NOT_THREES = "keypoints are not in threes"


def build_batch(
    images: list[Any],
    annotations: list[Any],
    categories: list[Any],
    *,
    positions: NDArray[np.int64],
    scan: CocoColumns | None = None,
    path: Path,
    split: str | None = None,
    options: ReadOptions,
    report: Report,
) -> Annotations:
    """Return the batch of a file.

    With ``on_error="raise"``, the first annotation to be skipped raises FormatError. ``images`` and
    ``annotations`` are the JSON values that ``scan`` does not contain, all without a scan; ``positions`` are
    the indices of these annotations in the file's list.
    """
    names, sizes, image_ids = read_images(images, scan, ImageSizes(options), path, report)
    uses: list[Use] = []
    if scan is not None:
        indices = np.arange(len(scan.ids) + len(scan.other_indices))
        others = scan.other_indices
        uses.append((np.delete(indices, others), find(image_ids, scan.image_ids), scan.category_ids))
    if annotations or scan is None:
        ids, category_ids = ([value_of(a, key) for a in annotations] for key in ("image_id", "category_id"))
        uses.append((positions, find(image_ids, ids), category_ids))
    classes, labels = read_categories(categories, uses, path, report)
    parts = [] if scan is None else [scanned_columns(scan, *uses[0][:2], labels[0])]
    if annotations or scan is None:
        parts.append(object_columns(annotations, *uses[-1][:2], labels[-1]))
    columns = parts[0] if len(parts) == 1 else parts[0].insert(parts[1])
    batch, problems = _check_geometry(
        columns,
        options.max_vertices,
        image_names=names,
        sizes=sizes,
        classes=classes,
        source=str(path),
        split=split,
        report=report,
    )
    return _select_usable(batch, problems, strict=options.strict)


def _check_geometry(
    columns: Columns, max_vertices: int, **properties: Any
) -> tuple[Annotations, dict[int, str]]:
    """Return a batch of all annotations, and why geometry of some is left out."""
    problems: dict[int, str] = {}
    boxes, is_box = _boxes(columns, problems)
    problems = columns.problems | problems
    polygons = _polygons(columns, max_vertices, problems)
    points = _points(columns, max_vertices, problems)
    kinds = is_box * np.uint8(Kind.BOX)
    if polygons is not None:
        kinds |= (np.diff(polygons.annotations) > 0) * np.uint8(Kind.POLYGON)
    if columns.masks is not None:
        kinds |= (columns.masks.sizes[:, 0] > 0) * np.uint8(Kind.MASK)
    if points is not None:
        kinds |= (np.diff(points.offsets) > 0) * np.uint8(Kind.POINT)
    batch = Annotations(
        image=columns.image,
        label=columns.label,
        normalized=False,
        kinds=kinds,
        boxes=boxes,
        polygons=polygons,
        masks=columns.masks,
        points=points,
        ids=columns.ids,
        flags=columns.flags,
        scores=columns.scores,
        positions=columns.positions,
        position_format="annotations[{}]",
        **properties,
    )
    return batch, problems


def _select_usable(batch: Annotations, problems: dict[int, str], *, strict: bool) -> Annotations:
    """Return the annotations with an image, a class and geometry, and report the others."""
    report = batch.report
    is_known = (batch.image >= 0) & (batch.label >= 0)
    is_usable = is_known & (batch.kinds != 0)
    _note_duplicates(batch, is_known)
    for i in sorted(problems):
        if is_usable[i]:
            text = f"{problems[i]}: left out, other geometry kept"
            report.note(text, where=batch.where(i) if report.room_for_example(text) else None)
    report.annotations = len(batch)
    if is_usable.all():
        return batch
    for i in np.flatnonzero(~is_usable).tolist():
        reason = problems.get(i, NO_GEOMETRY)
        if not is_known[i] and reason != NOT_AN_OBJECT:
            reason = UNKNOWN_IMAGE if batch.image[i] < 0 else UNKNOWN_CATEGORY
        if strict:
            raise FormatError(reason, *batch.place(i))
        label = batch.classes[batch.label[i]] if batch.label[i] >= 0 else None
        report.skip(reason, batch.where(i) if report.room_for_example(reason) else None, label=label)
    usable = batch.select(is_usable)
    usable.report.annotations = len(batch)  # those left out were read, too
    return usable


def _note_duplicates(batch: Annotations, is_known: NDArray[np.bool_]) -> None:
    """Note annotations whose id an earlier one has."""
    ids = batch.ids or ()
    if isinstance(ids, WholeNumbers) and are_unique(ids.array):
        return
    if set(map(type, ids)) <= {int, str} and len(set(ids)) == len(ids):
        return
    seen: set[object] = set()
    again = []
    for i in np.flatnonzero(is_known).tolist():
        key = ids[i]
        if isinstance(key, int | str):
            if key in seen:
                again.append(i)
            seen.add(key)
    batch.report.note_at("duplicate annotation id, kept", np.array(again, dtype=np.int64), batch.where)


def _boxes(
    columns: Columns, problems: dict[int, str]
) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Return the corners, NaN without a valid box, and which annotations have one."""
    is_box = columns.box_lengths == 4
    if not is_box.all():
        is_present = columns.box_lengths != 0
        if not is_present.any():
            return None, is_box
        problems |= dict.fromkeys(np.flatnonzero(is_present & ~is_box).tolist(), NOT_FOUR)
    corners = _numbers_of(columns.boxes, columns.box_lengths, is_box).reshape(-1, 4)  # x, y, width, height
    negative = np.flatnonzero((corners[:, 2] < 0) | (corners[:, 3] < 0))
    negative = negative[finite_rows(corners[negative])]
    if len(negative):
        rows = np.flatnonzero(is_box)[negative]
        problems |= dict.fromkeys(rows.tolist(), NEGATIVE)
        is_box[rows] = False
        corners = np.delete(corners, negative, axis=0)
    with np.errstate(invalid="ignore", over="ignore"):
        corners[:, 2] += corners[:, 0]  # in place, column by column: faster than new memory and short rows
        corners[:, 3] += corners[:, 1]
    if is_box.all():
        return corners, is_box
    boxes = np.full((len(is_box), 4), np.nan)
    boxes[is_box] = corners
    return boxes, is_box


def _numbers_of(
    flat: NDArray[np.float64], lengths: NDArray[np.int64], which: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the numbers of some of the lists, without a copy if of all."""
    return flat if which.all() else flat[np.repeat(which, np.maximum(lengths, 0))]


def _polygons(columns: Columns, max_vertices: int, problems: dict[int, str]) -> Polygons | None:
    """Return the rings, each of them a part of its own."""
    lengths, count = columns.ring_lengths, len(columns)
    if not len(lengths):
        return None
    annotations, rings = offsets_of(columns.ring_counts), offsets_of(np.maximum(lengths, 0))
    is_odd = (lengths & 1) != 0
    is_large = np.diff(rings[annotations]) > 2 * max_vertices
    if not (is_odd.any() or is_large.any()):
        parts = np.arange(len(rings), dtype=np.int64)
        return Polygons(columns.rings.reshape(-1, 2), rings // 2, parts, annotations)
    owner = np.repeat(np.arange(count), columns.ring_counts)
    in_large = is_large[owner]
    for which, reason in ((lengths < 0, NOT_NUMBERS), (is_odd, ODD), (in_large, TOO_MANY)):
        for i in owner[which].tolist():
            problems.setdefault(i, reason)
    is_good = ~(is_odd | in_large)
    return Polygons(
        _numbers_of(columns.rings, lengths, is_good).reshape(-1, 2),
        offsets_of(lengths[is_good] // 2),
        np.arange(np.count_nonzero(is_good) + 1, dtype=np.int64),
        offsets_of(np.bincount(owner[is_good], minlength=count)),
    )


def _points(columns: Columns, max_vertices: int, problems: dict[int, str]) -> Points | None:
    """Return the keypoints; a positive visibility means visible."""
    lengths = columns.keypoint_lengths
    if not lengths.any():
        return None
    is_broken, is_large = lengths % 3 != 0, lengths > 3 * max_vertices
    for which, reason in ((lengths < 0, NOT_NUMBERS), (is_broken, NOT_THREES), (is_large, TOO_MANY)):
        for i in np.flatnonzero(which).tolist():
            problems.setdefault(i, reason)
    is_good = ~(is_broken | is_large)
    triples = _numbers_of(columns.keypoints, lengths, is_good).reshape(-1, 3)
    counts = np.where(is_good, lengths // 3, 0)
    return Points(np.ascontiguousarray(triples[:, :2]), offsets_of(counts), triples[:, 2] > 0)
