"""COCO's flat numbers judged and put into a batch; what is left out, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.annotations import Annotations
from heatgrid.core.ragged import Kind, Points, Polygons, WholeNumbers, finite_rows, offsets_of
from heatgrid.core.report import describe
from heatgrid.errors import FormatError
from heatgrid.io.formats.coco.values import are_different

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.report import Report
    from heatgrid.io.formats.coco.values import Matches, Numbers, Values
    from heatgrid.io.options import ReadOptions

NO_GEOMETRY = "no geometry"
NEGATIVE = "negative width or height"
NOT_FOUR = "bbox is not four numbers"
ODD = "ring with an odd number of coordinates"
NOT_NUMBERS = "coordinate is not a number"
TOO_MANY = "more vertices than max_vertices"
NOT_THREES = "keypoints are not in threes"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Origin:
    """Where annotations come from, and how to read them.

    Attributes
    ----------
    path, split
        The file and its split.
    names, sizes
        Its images.
    classes
        The names of its classes.
    position
        (A,) int64, where each of all annotations stands in its list; None where it is their number.
    key
        Gives the id of an annotation by its number.
    options, report
        How to read, and where to say what was left out.
    """

    path: Path
    split: str | None
    names: Sequence[str]
    sizes: NDArray[np.float64]
    classes: Sequence[str]
    position: NDArray[np.int64] | None
    key: Callable[[int], object]
    options: ReadOptions
    report: Report


def assemble(values: Values, matches: Matches, origin: Origin) -> Annotations:
    """Return the batch of one file.

    Parameters
    ----------
    values
        What the annotations say whose image and class are known; its arrays become the batch's.
    matches
        Which these are.
    origin
        Where they come from.

    Raises
    ------
    FormatError
        With ``on_error="raise"``, at the first annotation that would be left out.
    """
    problems: dict[int, str] = {}
    boxes, boxed = _boxes(values.boxes, problems)
    problems = values.odd | problems
    polygons = _polygons(values.rings, values.ring_counts, origin.options.max_vertices, problems)
    points = None
    if values.keypoints is not None:
        points = _points(values.keypoints, origin.options.max_vertices, problems)
    kinds = boxed * np.uint8(Kind.BOX)
    if polygons is not None:
        kinds |= (np.diff(polygons.annotations) > 0) * np.uint8(Kind.POLYGON)
    if values.masks is not None:
        kinds |= (values.masks.sizes[:, 0] > 0) * np.uint8(Kind.MASK)
    if points is not None:
        kinds |= (np.diff(points.offsets) > 0) * np.uint8(Kind.POINT)
    report = origin.report
    batch = Annotations(
        image_names=origin.names,
        image=matches.image,
        label=matches.label,
        classes=tuple(origin.classes),
        normalized=False,
        sizes=origin.sizes,
        kinds=kinds,
        boxes=boxes,
        polygons=polygons,
        masks=values.masks,
        points=points,
        ids=values.ids,
        flags=values.flags,
        scores=values.scores,
        source=str(origin.path),
        split=origin.split,
        positions=matches.kept if origin.position is None else origin.position[matches.kept],
        position_format="annotations[{}]",
        report=report,
    )
    _note_duplicates(batch)
    bare = _bare(batch, problems)
    _leave_out(matches.lost | {int(matches.kept[i]): reason for i, reason in bare.items()}, origin)
    if not bare:
        return batch
    report.annotations += len(bare)  # select() takes them off, but they have been read
    return batch.select(batch.kinds != 0)


def _boxes(
    numbers: Numbers, problems: dict[int, str]
) -> tuple[NDArray[np.float64] | None, NDArray[np.bool_]]:
    """Return the corners, NaN where there is no box or a wrong one, and where there is a box."""
    boxed = numbers.lengths == 4
    if not boxed.all():
        present = (numbers.lengths > 0) | numbers.wrong
        if not present.any():
            return None, boxed
        for i in np.flatnonzero(present & ~boxed).tolist():
            problems.setdefault(i, NOT_FOUR)
    xywh = numbers.right(boxed).reshape(-1, 4)
    negative = np.flatnonzero((xywh[:, 2] < 0) | (xywh[:, 3] < 0))
    negative = negative[finite_rows(xywh[negative])]
    if len(negative):
        wrong = np.flatnonzero(boxed)[negative]
        for i in wrong.tolist():
            problems.setdefault(i, NEGATIVE)
        boxed[wrong] = False
        xywh = np.delete(xywh, negative, axis=0)
    corners = xywh  # in the same memory: fresh memory takes longer than the sums
    with np.errstate(invalid="ignore", over="ignore"):
        for far, near in ((2, 0), (3, 1)):  # numpy is slow along axes of two
            corners[:, far] += xywh[:, near]
    if boxed.all():
        return corners, boxed
    boxes = np.full((len(boxed), 4), np.nan)
    boxes[boxed] = corners
    return boxes, boxed


def _polygons(
    rings: Numbers, counts: NDArray[np.int64], max_vertices: int, problems: dict[int, str]
) -> Polygons | None:
    """Return the rings, each a part of its own."""
    lengths, items = rings.lengths, len(counts)
    if not len(lengths):
        return None
    annotations, numbers = offsets_of(counts), offsets_of(lengths)
    odd = (lengths & 1) != 0
    large = np.diff(numbers[annotations]) > 2 * max_vertices
    if not (odd.any() or large.any() or rings.wrong.any()):
        parts = np.arange(len(numbers), dtype=np.int64)
        return Polygons(rings.flat.reshape(-1, 2), numbers // 2, parts, annotations)
    owner = np.repeat(np.arange(items), counts)
    crowded = large[owner]
    for which, reason in ((rings.wrong, NOT_NUMBERS), (odd, ODD), (crowded, TOO_MANY)):
        for i in owner[which].tolist():
            problems.setdefault(i, reason)
    good = ~(rings.wrong | odd | crowded)
    return Polygons(
        rings.right(good).reshape(-1, 2),
        offsets_of(lengths[good] // 2),
        np.arange(np.count_nonzero(good) + 1, dtype=np.int64),
        offsets_of(np.bincount(owner[good], minlength=items)),
    )


def _points(numbers: Numbers, max_vertices: int, problems: dict[int, str]) -> Points | None:
    """Return the keypoints; whatever is positive in the place of the visibility counts as visible."""
    lengths = numbers.lengths
    if not (lengths.any() or numbers.wrong.any()):
        return None
    unlike_threes = lengths % 3 != 0
    crowded = lengths > 3 * max_vertices
    for which, reason in (
        (numbers.wrong, NOT_NUMBERS),
        (unlike_threes, NOT_THREES),
        (crowded, TOO_MANY),
    ):
        for i in np.flatnonzero(which).tolist():
            problems.setdefault(i, reason)
    good = ~(numbers.wrong | unlike_threes | crowded)
    triples = numbers.right(good).reshape(-1, 3)
    counts = np.where(good, lengths // 3, 0)
    return Points(np.ascontiguousarray(triples[:, :2]), offsets_of(counts), triples[:, 2] > 0)


def _note_duplicates(batch: Annotations) -> None:
    seen: set[object] = set()
    ids = () if batch.ids is None else batch.ids
    if isinstance(ids, WholeNumbers) and are_different(ids.array):
        return
    if len(set(map(type, ids)) - {int, str}) == 0 and len(set(ids)) == len(ids):
        return
    again = []
    for i, key in enumerate(ids):
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


def _leave_out(lost: dict[int, str], origin: Origin) -> None:
    """Report what was left out, in the file's order."""
    report = origin.report
    for i in sorted(lost):
        if not (origin.options.strict or report.room_for_example(lost[i])):
            report.skip(lost[i])
            continue
        key = origin.key(i)
        position = f"annotations[{i if origin.position is None else int(origin.position[i])}]"
        if origin.options.strict:
            raise FormatError(lost[i], origin.path, position, key)
        report.skip(lost[i], describe(str(origin.path), position, key))
