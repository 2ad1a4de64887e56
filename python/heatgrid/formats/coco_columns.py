"""COCO's lists of objects turned into columns, a column at a time, with a slow path for what is irregular."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.annotations import Annotations
from heatgrid.columns import Flag, Kind, Points, Polygons, offsets_of
from heatgrid.errors import FormatError
from heatgrid.formats.coco_masks import build_masks
from heatgrid.formats.coco_tables import Classes, Images, match
from heatgrid.report import describe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.formats.coco_tables import Tables
    from heatgrid.formats.options import ReadOptions
    from heatgrid.report import Report

NO_GEOMETRY = "no geometry"
NEGATIVE = "negative width or height"
NOT_FOUR = "bbox is not four numbers"
ODD = "ring with an odd number of coordinates"
NOT_NUMBERS = "coordinate is not a number"
TOO_MANY = "more vertices than max_vertices"
NOT_THREES = "keypoints are not in threes"


def build(tables: Tables, path: Path, split: str | None, options: ReadOptions, report: Report) -> Annotations:
    """Return the batch of one file.

    Raises
    ------
    FormatError
        With ``on_error="raise"``, at the first annotation that would be left out.
    """
    images, classes = Images(tables, path, report), Classes(tables, path, report)
    report.annotations = len(tables.annotations)
    kept, image, label, lost = match(tables.annotations, images.number, classes)
    objects = [tables.annotations[i] for i in kept]
    problems: dict[int, str] = {}
    boxes, boxed = _boxes([o.get("bbox") for o in objects], problems)
    polygons, codes = _polygons([o.get("segmentation") for o in objects], options.max_vertices, problems)
    masks = build_masks(codes, len(objects), problems)
    points = _points([o.get("keypoints") for o in objects], options.max_vertices, problems)
    kinds = boxed * np.uint8(Kind.BOX)
    if polygons is not None:
        kinds[np.diff(polygons.annotations) > 0] |= int(Kind.POLYGON)
    if masks is not None:
        kinds[masks.sizes[:, 0] > 0] |= int(Kind.MASK)
    if points is not None:
        kinds[np.diff(points.offsets) > 0] |= int(Kind.POINT)
    positions = np.array(kept, dtype=np.int64)
    if tables.positions is not None:
        positions = np.array(tables.positions, dtype=np.int64)[positions]
    batch = Annotations(
        image_names=images.names,
        image=np.array(image, dtype=np.int64),
        label=np.array(label, dtype=np.int64),
        classes=tuple(classes.names),
        normalized=False,
        sizes=images.sizes,
        kinds=kinds,
        boxes=boxes,
        polygons=polygons,
        masks=masks,
        points=points,
        ids=[o.get("id") for o in objects],
        flags=_flags(objects),
        scores=_scores([o.get("score") for o in objects]),
        source=str(path),
        split=split,
        positions=positions,
        position_format="annotations[{}]",
        report=report,
    )
    _note_duplicates(batch)
    bare = _bare(batch, problems)
    lost |= {kept[i]: reason for i, reason in bare.items()}
    _leave_out(lost, tables, path, options, report)
    if not bare:
        return batch
    report.annotations += len(bare)  # select() takes them off, but they have been read
    return batch.select(batch.kinds != 0)


def _numbers(values: object) -> list[float] | None:
    """Return a list's numbers, null as NaN and what is too large as infinity; None if it holds others."""
    if not isinstance(values, list):
        return None
    numbers: list[float] = []
    for value in values:
        try:
            numbers.append(float("nan") if value is None else float(value))
        except OverflowError:
            numbers.append(float("inf") if value > 0 else float("-inf"))
        except (TypeError, ValueError):
            return None
    return numbers


def _flatten(lists: Sequence[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return all numbers of many lists, the lists' lengths, and which of them hold something else."""
    wrong = np.zeros(len(lists), dtype=bool)
    try:
        if set(map(type, lists)) - {list}:
            raise TypeError  # noqa: TRY301 - the slow path sorts them out
        lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
        flat = np.fromiter(chain.from_iterable(lists), dtype=np.float64, count=int(lengths.sum()))
    except (TypeError, ValueError, OverflowError):
        numbers = [_numbers(values) for values in lists]
        wrong = np.array([values is None for values in numbers], dtype=bool)
        lengths = np.array([len(values or ()) for values in numbers], dtype=np.int64)
        flat = np.array(list(chain.from_iterable(values or () for values in numbers)), dtype=np.float64)
    return flat, lengths, wrong


def _boxes(
    values: list[Any], problems: dict[int, str]
) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Return the corners, NaN where there is no box or a wrong one, and where there is a box."""
    boxed = np.zeros(len(values), dtype=bool)
    present = [i for i, value in enumerate(values) if value is not None and value != []]
    if not present:
        return None, boxed
    flat, lengths, wrong = _flatten([values[i] for i in present])
    wrong |= lengths != 4
    for k in np.flatnonzero(wrong).tolist():
        problems.setdefault(present[k], NOT_FOUR)
    xywh = flat[np.repeat(~wrong, lengths)].reshape(-1, 4)
    negative = (xywh[:, 2:] < 0).any(axis=1) & np.isfinite(xywh).all(axis=1)
    right = np.array(present, dtype=np.int64)[~wrong]
    for i in right[negative].tolist():
        problems.setdefault(i, NEGATIVE)
    boxed[right[~negative]] = True
    boxes = np.full((len(values), 4), np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        corners = np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
    boxes[boxed] = corners[~negative]
    return boxes, boxed


def _polygons(
    values: list[Any], max_vertices: int, problems: dict[int, str]
) -> tuple[Polygons | None, dict[int, dict[str, Any]]]:
    """Return the rings, each a part of its own, and the run-length codes found among the segmentations."""
    rings: list[Any] = []
    counts = np.zeros(len(values), dtype=np.int64)
    codes: dict[int, dict[str, Any]] = {}
    for i, value in enumerate(values):
        if not value:
            continue
        if type(value) is list:
            part = value if type(value[0]) is list else [value]
            rings += part
            counts[i] = len(part)
        elif type(value) is dict:
            codes[i] = value
        else:
            problems.setdefault(i, "segmentation is neither rings nor a run-length code")
    if not rings:
        return None, codes
    flat, lengths, wrong = _flatten(rings)
    owner = np.repeat(np.arange(len(values)), counts)
    odd = lengths % 2 == 1
    crowded = np.bincount(owner, weights=lengths, minlength=len(values))[owner] > 2 * max_vertices
    for which, reason in ((wrong, NOT_NUMBERS), (odd, ODD), (crowded, TOO_MANY)):
        for i in owner[which].tolist():
            problems.setdefault(i, reason)
    good = ~(wrong | odd | crowded)
    if not good.all():
        flat, lengths, owner = flat[np.repeat(good, lengths)], lengths[good], owner[good]
    return Polygons(
        flat.reshape(-1, 2),
        offsets_of(lengths // 2),
        np.arange(len(lengths) + 1, dtype=np.int64),
        offsets_of(np.bincount(owner, minlength=len(values))),
    ), codes


def _points(values: list[Any], max_vertices: int, problems: dict[int, str]) -> Points | None:
    """Return the keypoints; whatever is positive in the place of the visibility counts as visible."""
    present = [i for i, value in enumerate(values) if value]
    if not present:
        return None
    flat, lengths, wrong = _flatten([values[i] for i in present])
    crowded = lengths > 3 * max_vertices
    for which, reason in ((wrong, NOT_NUMBERS), (lengths % 3 != 0, NOT_THREES), (crowded, TOO_MANY)):
        for k in np.flatnonzero(which).tolist():
            problems.setdefault(present[k], reason)
        wrong |= which
    triples = flat[np.repeat(~wrong, lengths)].reshape(-1, 3)
    counts = np.zeros(len(values), dtype=np.int64)
    counts[present] = np.where(wrong, 0, lengths // 3)
    return Points(np.ascontiguousarray(triples[:, :2]), offsets_of(counts), triples[:, 2] > 0)


def _flags(objects: list[dict[str, Any]]) -> NDArray[np.uint8]:
    crowd, ignore = int(Flag.CROWD), int(Flag.IGNORE)
    return np.array(
        [(crowd if o.get("iscrowd") else 0) | (ignore if o.get("ignore") else 0) for o in objects],
        dtype=np.uint8,
    )


def _scores(values: list[Any]) -> NDArray[np.float64] | None:
    if not any(value is not None for value in values):
        return None
    numbers = [_numbers([value]) for value in values]
    return np.array([number[0] if number else np.nan for number in numbers])


def _note_duplicates(batch: Annotations) -> None:
    ids = [key for key in batch.ids or () if isinstance(key, int | str)]
    if len(set(ids)) == len(ids):
        return
    seen: set[object] = set()
    again = []
    for i, key in enumerate(batch.ids or ()):
        if isinstance(key, int | str):
            if key in seen:
                again.append(i)
            seen.add(key)
    batch.report.note_at("duplicate annotation id, kept", np.array(again), batch.where)


def _bare(batch: Annotations, problems: dict[int, str]) -> dict[int, str]:
    """Say why annotations have no geometry; note the problems of those that have another."""
    report = batch.report
    bare = batch.kinds == 0
    for i in sorted(problems):
        if not bare[i]:
            text = f"{problems[i]}: left out, other geometry kept"
            report.note(text, where=batch.where(i) if report.room_for_example(text) else None)
    return {i: problems.get(i, NO_GEOMETRY) for i in np.flatnonzero(bare).tolist()}


def _leave_out(
    lost: dict[int, str], tables: Tables, path: Path, options: ReadOptions, report: Report
) -> None:
    """Report what was left out, in the file's order."""
    for i in sorted(lost):
        annotation = tables.annotations[i]
        key = annotation.get("id") if isinstance(annotation, dict) else None
        position = f"annotations[{i if tables.positions is None else tables.positions[i]}]"
        if options.strict:
            raise FormatError(lost[i], path, position, key)
        place = describe(str(path), position, key) if report.room_for_example(lost[i]) else None
        report.skip(lost[i], place)
