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
    complete_sizes,
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

    Parameters
    ----------
    images, annotations
        JSON values of the lists that ``scan`` does not contain, in the file's order.
    categories
        JSON values of the whole list.
    positions
        Indices of ``annotations`` in the file's list.
    scan
        The kernel's scan of the file; None if all values are in the lists.
    path, split, options, report
        The file, its split, how to read it, and where to report.

    Raises
    ------
    FormatError
        With ``on_error="raise"``, at the first annotation that would be left out.
    """
    names, sizes, image_ids = read_images(images, scan, path, report)
    complete_sizes(sizes, names, ImageSizes(options))
    image = find(image_ids, [value_of(annotation, "image_id") for annotation in annotations])
    uses: list[Use] = [(positions, image, [value_of(a, "category_id") for a in annotations])]
    if scan is not None:
        indices = np.arange(len(scan.ids) + len(scan.other_indices))
        scan_image = find(image_ids, scan.image_ids)
        uses.append((np.delete(indices, scan.other_indices), scan_image, scan.category_ids))
    classes, labels = read_categories(categories, uses, path, report)
    columns = object_columns(annotations, positions, image, labels[0])
    if scan is not None:
        scanned = scanned_columns(scan, uses[1][0], scan_image, labels[1])
        columns = scanned.insert(columns) if annotations else scanned
    problems: dict[int, str] = {}
    boxes, is_box = _boxes(columns, problems)
    problems = columns.problems | problems
    polygons = _polygons(columns, options.max_vertices, problems)
    points = _points(columns, options.max_vertices, problems)
    kinds = is_box * np.uint8(Kind.BOX)
    if polygons is not None:
        kinds |= (np.diff(polygons.annotations) > 0) * np.uint8(Kind.POLYGON)
    if columns.masks is not None:
        kinds |= (columns.masks.sizes[:, 0] > 0) * np.uint8(Kind.MASK)
    if points is not None:
        kinds |= (np.diff(points.offsets) > 0) * np.uint8(Kind.POINT)
    batch = Annotations(
        image_names=names,
        image=columns.image,
        label=columns.label,
        classes=classes,
        normalized=False,
        sizes=sizes,
        kinds=kinds,
        boxes=boxes,
        polygons=polygons,
        masks=columns.masks,
        points=points,
        ids=columns.ids,
        flags=columns.flags,
        scores=columns.scores,
        source=str(path),
        split=split,
        positions=columns.positions,
        position_format="annotations[{}]",
        report=report,
    )
    return _select_usable(batch, problems, strict=options.strict)


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
