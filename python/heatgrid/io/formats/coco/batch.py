"""Batch of a COCO file: ids looked up, geometry checked, skipped annotations reported."""

from __future__ import annotations

import json
import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.ragged import Points, Polygons, WholeNumbers, finite_rows, offsets_of
from heatgrid.errors import FormatError
from heatgrid.io.build import NO_GEOMETRY, SEVERAL, TOO_MANY
from heatgrid.io.files import UNKNOWN, clean
from heatgrid.io.formats.coco.columns import RawColumns, object_columns, scanned_columns
from heatgrid.io.formats.coco.ids import Use, are_unique, match, read_categories, value_of
from heatgrid.io.parse import NEGATIVE, NOT_AN_OBJECT, NOT_NUMBERS, ODD, ROTATED
from heatgrid.io.shapes import GeometryColumns, kinds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.kernel import CocoColumns
    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions


Reference = tuple[list[str], "NDArray[np.float64]", "NDArray[np.int64] | list[Any]", list[Any]]
"""Names, sizes and ids of images, and categories, of the file that results refer to."""


def build_batch(
    images: list[Any],
    annotations: list[Any],
    positions: NDArray[np.int64],
    categories: list[Any],
    *,
    scan: CocoColumns | None = None,
    reference: Reference | None = None,
    path: Path,
    split: str | None = None,
    options: ReadOptions,
    report: Report,
) -> Annotations:
    """Return the batch of a file.

    With ``on_error="raise"``, the first annotation to be skipped raises FormatError. ``images`` and
    ``annotations`` are the JSON values that ``scan`` does not contain, all without a scan; ``positions`` are
    the indices of these annotations in the file's list. Images and categories are those of ``reference``, if
    given.
    """
    annotations, positions = _split_classes(annotations, positions, path, report)
    if reference is None:
        names, sizes, image_ids = read_images(images, scan, path, report)
    else:
        names, sizes, image_ids, categories = reference
        report.images = len(names)
    columns, classes = read_columns(
        annotations, positions, categories, scan=scan, image_ids=image_ids, path=path, report=report
    )
    problems: dict[int, str] = {}
    boxes, is_box = _boxes(columns.boxes, columns.box_lengths, problems)
    problems = columns.problems | problems
    geometry: GeometryColumns = {
        "boxes": boxes,
        "polygons": _polygons(columns, options.limits.vertices, problems),
        "masks": columns.masks,
        "points": _points(columns.keypoints, columns.keypoint_lengths, options.limits.vertices, problems),
    }
    batch = Annotations(
        image_names=names,
        image=columns.image,
        label=columns.label,
        classes=classes,
        normalized=False,
        sizes=sizes,
        kinds=kinds_of(is_box, geometry),
        **geometry,
        ids=columns.ids,
        flags=columns.flags,
        scores=columns.scores,
        source=str(path),
        split=split,
        positions=columns.positions,
        position_format="annotations[{}]",
        report=report,
    )
    is_usable = _report_problems(batch, problems, strict=options.strict)
    return batch if is_usable.all() else batch.select(is_usable)


def _split_classes(
    annotations: list[Any], positions: NDArray[np.int64], path: Path, report: Report
) -> tuple[list[Any], NDArray[np.int64]]:
    """Return one annotation per class of those whose category_id is a list, with their positions."""
    classes = [value_of(annotation, "category_id") for annotation in annotations]
    if list not in set(map(type, classes)):
        return annotations, positions
    split: list[Any] = []
    counts: list[int] = []
    for annotation, position, found in zip(annotations, positions.tolist(), classes, strict=True):
        several = isinstance(found, list) and bool(found)
        split += [annotation | {"category_id": one} for one in found] if several else [annotation]
        counts.append(len(found) if several else 1)
        if counts[-1] > 1:
            report.note(SEVERAL, where=f"{path}: annotations[{position}]")
    return split, np.repeat(positions, counts)


def _report_problems(batch: Annotations, problems: dict[int, str], *, strict: bool) -> NDArray[np.bool_]:
    """Return which annotations have an image and geometry; report the others."""
    report, label = batch.report, batch.label
    is_known = batch.image >= 0
    is_usable: NDArray[np.bool_] = is_known & (batch.kinds != 0)
    again = _duplicates(batch.ids or (), batch.positions, is_known)
    report.note_at("duplicate annotation id, kept", again, batch.where)
    for i in sorted(problems):
        if is_usable[i]:
            text = f"{problems[i]}: ignored, other geometry kept"
            report.note(text, where=batch.where(i) if report.keeps_another_example(text) else None)
    for i in np.flatnonzero(~is_usable).tolist():
        reason = problems.get(i, NO_GEOMETRY)
        if not is_known[i] and reason != NOT_AN_OBJECT:
            reason = "unknown image_id"
        if strict:
            raise FormatError(reason, *batch.place(i))
        name = batch.classes[label[i]] if label[i] >= 0 else None
        report.skip(reason, batch.where(i) if report.keeps_another_example(reason) else None, label=name)
    return is_usable


def _duplicates(
    ids: Sequence[object], positions: NDArray[np.int64] | None, is_known: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the annotations whose id an earlier one has, at another position in the file."""
    again: list[int] = []
    seen: dict[object, int] = {}
    is_unique = isinstance(ids, WholeNumbers) and are_unique(ids.array)
    if not is_unique and (set(map(type, ids)) - {int, str} or len(set(ids)) < len(ids)):
        places = range(len(ids)) if positions is None else positions.tolist()
        for i in np.flatnonzero(is_known).tolist():
            key = ids[i]
            if isinstance(key, int | str) and seen.setdefault(key, places[i]) != places[i]:
                again.append(i)
    return np.array(again, dtype=np.int64)


def _boxes(
    numbers: NDArray[np.float64], lengths: NDArray[np.int64], problems: dict[int, str]
) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Return the corners, NaN without a valid box, and which annotations have one."""
    is_box = lengths == 4
    if not is_box.all():
        is_present = lengths != 0
        if not is_present.any():
            return None, is_box
        for i in np.flatnonzero(is_present & ~is_box).tolist():
            problems[i] = ROTATED if lengths[i] == 5 else "bbox is not four numbers"
    corners = _numbers_of(numbers, lengths, is_box).reshape(-1, 4)  # x, y, width, height
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


def _polygons(columns: RawColumns, max_vertices: int, problems: dict[int, str]) -> Polygons | None:
    """Return the rings, each of them a part of its own."""
    lengths, count = columns.ring_lengths, len(columns.ring_counts)
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


def _points(
    numbers: NDArray[np.float64], lengths: NDArray[np.int64], max_vertices: int, problems: dict[int, str]
) -> Points | None:
    """Return the keypoints; a positive visibility means visible."""
    if not lengths.any():
        return None
    is_broken, is_large = lengths % 3 != 0, lengths > 3 * max_vertices
    for which, reason in (
        (lengths < 0, NOT_NUMBERS),
        (is_broken, "keypoints are not in threes"),
        (is_large, TOO_MANY),
    ):
        for i in np.flatnonzero(which).tolist():
            problems.setdefault(i, reason)
    is_good = ~(is_broken | is_large)
    triples = _numbers_of(numbers, lengths, is_good).reshape(-1, 3)
    counts = np.where(is_good, lengths // 3, 0)
    return Points(np.ascontiguousarray(triples[:, :2]), offsets_of(counts), triples[:, 2] > 0)


def read_images(
    images: list[Any], scan: CocoColumns | None, path: Path, report: Report
) -> tuple[list[str], NDArray[np.float64], NDArray[np.int64] | list[Any]]:
    """Return the names, sizes and ids of all images, each id once."""
    if scan is not None and not images and are_unique(scan.image_numbers):
        report.images = len(scan.image_numbers)
        return _image_names(scan), _image_sizes(scan), scan.image_numbers
    found: dict[Any, tuple[str, tuple[float, float]]] = {}
    for i, (key, name, size) in enumerate(_all_images(images, scan)):
        if not isinstance(key, int | str | float):
            report.note("image without an id ignored", where=f"{path}: images[{i}]")
        elif key in found:
            report.note("duplicate image id: first one used", where=f"{path}: images[{i}] (id {key})")
        else:
            found[key] = name, size
    report.images = len(found)
    names = [name for name, _ in found.values()]
    sizes = np.array([size for _, size in found.values()], dtype=np.float64).reshape(-1, 2)
    return names, sizes, list(found)


def _all_images(
    images: list[Any], scan: CocoColumns | None
) -> Iterator[tuple[Any, str, tuple[float, float]]]:
    """Yield id, name and size of each image in the file's order."""
    scanned: Iterator[tuple[Any, str, tuple[float, float]]] = iter(())
    indices: Sequence[int] = range(len(images))
    if scan is not None:
        sizes: list[Any] = _image_sizes(scan).tolist()
        scanned = zip(scan.image_numbers.tolist(), _image_names(scan), sizes, strict=True)
        indices = scan.other_image_indices.tolist()
    done = 0
    for index, image in zip(indices, images, strict=True):
        yield from islice(scanned, index - done)
        done = index + 1
        key = value_of(image, "id")
        if not isinstance(key, int | str | float):
            yield None, "", UNKNOWN
            continue
        name = image.get("file_name") or str(image.get("coco_url") or key).rsplit("/", 1)[-1]
        try:
            size = _side(image["width"]), _side(image["height"])
        except (KeyError, TypeError, ValueError):
            size = UNKNOWN
        yield key, clean(name), size
    yield from scanned


def _side(value: Any) -> float:
    """Return a number as the scanner reads it: infinite if it is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _image_sizes(scan: CocoColumns) -> NDArray[np.float64]:
    """Return image sizes; both sides are NaN if either is unknown."""
    sizes = scan.image_sizes.reshape(-1, 2)
    sizes[np.isnan(sizes).any(axis=1)] = UNKNOWN
    return sizes


def _image_names(scan: CocoColumns) -> list[str]:
    """Return the names of the scanned images, which are JSON strings with a newline after each."""
    text = scan.image_names.decode()
    if "\\" in text:
        strings = text.replace("\n", '","')
        names: list[str] = json.loads(f'["{strings}"]')[:-1]
    else:
        names = text.split("\n")[:-1]
    return names if text.isascii() and "\\u" not in text else [clean(name) for name in names]


def read_columns(
    annotations: list[Any],
    positions: NDArray[np.int64],
    categories: list[Any],
    *,
    scan: CocoColumns | None,
    image_ids: NDArray[np.int64] | list[Any],
    path: Path,
    report: Report,
) -> tuple[RawColumns, tuple[str, ...]]:
    """Return all annotations, those of the scan and the others, and the names of their classes."""
    uses: list[Use] = []
    if scan is not None:
        indices = np.arange(len(scan.ids) + len(scan.other_indices))
        others = scan.other_indices
        image = match(image_ids, scan.image_ids, "image_id", path, report)
        uses.append((np.delete(indices, others), image, scan.category_ids))
    if annotations or scan is None:
        ids, category_ids = ([value_of(a, key) for a in annotations] for key in ("image_id", "category_id"))
        uses.append((positions, match(image_ids, ids, "image_id", path, report), category_ids))
    classes, labels = read_categories(categories, uses, path, report)
    if scan is None:
        return object_columns(annotations, *uses[0][:2], labels[0]), classes
    columns = scanned_columns(scan, *uses[0][:2], labels[0])
    if annotations:
        columns = columns.merged(object_columns(annotations, *uses[1][:2], labels[1]))
    return columns, classes
