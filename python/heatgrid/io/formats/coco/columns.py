"""RawColumns of COCO annotations, filled from the kernel's scan or from JSON objects."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.kernel import CocoColumns, CocoTrait
from heatgrid.core.ragged import Flag, Masks, WholeNumbers, offsets_of
from heatgrid.io.parse import NOT_AN_OBJECT, MisfitError
from heatgrid.io.shapes import RunLengths, masks_of, run_lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(slots=True, eq=False, kw_only=True)
class RawColumns:
    """Raw values of N annotations, in the order of their file.

    ``positions`` are indices in the file's list of annotations; ``image`` and ``label`` are -1 if unknown.
    Boxes, rings and keypoints are the numbers of all annotations, with their lengths per annotation, or per
    ring; a length of -1 marks a value that is not a list of numbers. ``problems`` are the reasons why a
    segmentation, or a whole annotation, cannot be read, by row.
    """

    positions: NDArray[np.int64]
    image: NDArray[np.int64]
    label: NDArray[np.int64]
    ids: Sequence[object]
    flags: NDArray[np.uint8]
    scores: NDArray[np.float64] | None
    boxes: NDArray[np.float64]
    box_lengths: NDArray[np.int64]
    rings: NDArray[np.float64]
    ring_lengths: NDArray[np.int64]
    ring_counts: NDArray[np.int64]
    keypoints: NDArray[np.float64]
    keypoint_lengths: NDArray[np.int64]
    masks: Masks | None
    problems: dict[int, str]

    def __len__(self) -> int:
        return len(self.positions)

    def insert(self, other: RawColumns) -> RawColumns:
        """Return the annotations of both, ordered by position."""
        at = np.searchsorted(self.positions, other.positions)
        ring_at = np.repeat(offsets_of(self.ring_counts)[at], other.ring_counts)
        rows = at + np.arange(len(at))
        scores = None
        if self.scores is not None or other.scores is not None:
            scores = np.insert(self._scores(), at, other._scores())
        return RawColumns(
            positions=np.insert(self.positions, at, other.positions),
            image=np.insert(self.image, at, other.image),
            label=np.insert(self.label, at, other.label),
            ids=_insert_ids(self.ids, at, other.ids),
            flags=np.insert(self.flags, at, other.flags),
            scores=scores,
            boxes=_insert_lists(self.boxes, self.box_lengths, at, other.boxes, other.box_lengths),
            box_lengths=np.insert(self.box_lengths, at, other.box_lengths),
            rings=_insert_lists(self.rings, self.ring_lengths, ring_at, other.rings, other.ring_lengths),
            ring_lengths=np.insert(self.ring_lengths, ring_at, other.ring_lengths),
            ring_counts=np.insert(self.ring_counts, at, other.ring_counts),
            keypoints=_insert_lists(
                self.keypoints, self.keypoint_lengths, at, other.keypoints, other.keypoint_lengths
            ),
            keypoint_lengths=np.insert(self.keypoint_lengths, at, other.keypoint_lengths),
            masks=_insert_masks(self, at, other),
            problems={int(rows[row]): reason for row, reason in other.problems.items()},
        )

    def _scores(self) -> NDArray[np.float64]:
        return np.full(len(self), np.nan) if self.scores is None else self.scores


def scanned_columns(
    scan: CocoColumns, positions: NDArray[np.int64], image: NDArray[np.int64], label: NDArray[np.int64]
) -> RawColumns:
    """Return the annotations that the kernel's scan understood."""
    traits, count = scan.traits, len(scan.ids)
    crowd, ignore = (traits & trait.value != 0 for trait in (CocoTrait.crowd, CocoTrait.ignore))
    masks = None
    if len(scan.codes) or len(scan.runs):
        codes, runs = offsets_of(scan.code_lengths), offsets_of(scan.run_lengths)
        masks = Masks(scan.mask_sizes.reshape(-1, 2), scan.codes, codes, scan.runs, runs)
    return RawColumns(
        positions=positions,
        image=image,
        label=label,
        ids=_scanned_ids(scan.ids, traits & CocoTrait.id.value != 0),
        flags=crowd * np.uint8(Flag.CROWD) | ignore * np.uint8(Flag.IGNORE),
        scores=scan.scores if len(scan.scores) else None,
        boxes=scan.boxes,
        box_lengths=scan.box_lengths,
        rings=scan.rings,
        ring_lengths=scan.ring_lengths,
        ring_counts=scan.ring_counts,
        keypoints=scan.keypoints,
        keypoint_lengths=scan.keypoint_lengths if len(scan.keypoints) else np.zeros(count, dtype=np.int64),
        masks=masks,
        problems={},
    )


def _scanned_ids(ids: NDArray[np.int64], is_present: NDArray[np.bool_]) -> Sequence[object]:
    """Return the ids, None if absent."""
    if is_present.all():
        return WholeNumbers(ids)
    column = ids.astype(object)
    column[~is_present] = None
    return list(column.tolist())


def _insert_ids(ids: Sequence[object], at: NDArray[np.int64], others: Sequence[object]) -> Sequence[object]:
    """Insert ids before the rows ``at``."""
    if isinstance(ids, WholeNumbers) and isinstance(others, WholeNumbers):
        return WholeNumbers(np.insert(ids.array, at, others.array))
    column = np.empty(len(others), dtype=object)
    for i, key in enumerate(others):  # one by one: an id may be a list
        column[i] = key
    return list(np.insert(np.array(list(ids), dtype=object), at, column))


def _insert_lists(
    flat: NDArray[np.float64],
    lengths: NDArray[np.int64],
    at: NDArray[np.int64],
    others: NDArray[np.float64],
    other_lengths: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Insert the numbers of other lists before the lists ``at``."""
    begins = offsets_of(np.maximum(lengths, 0))[at].tolist()
    ends = offsets_of(np.maximum(other_lengths, 0))[1:].tolist()
    pieces: list[NDArray[np.float64]] = []  # np.insert is slower, and takes much memory
    for old_begin, old_end, begin, end in zip([0, *begins], begins, [0, *ends], ends, strict=False):
        pieces += [flat[old_begin:old_end], others[begin:end]]
    return np.concatenate([*pieces, flat[begins[-1] if begins else 0 :]])


def _insert_masks(columns: RawColumns, at: NDArray[np.int64], other: RawColumns) -> Masks | None:
    """Insert the masks of other annotations before the rows ``at``."""
    if columns.masks is None and other.masks is None:
        return None
    masks, others = (one.masks or masks_of([None] * len(one)) for one in (columns, other))
    codes, other_codes = np.diff(masks.code_offsets), np.diff(others.code_offsets)
    runs, other_runs = np.diff(masks.run_offsets), np.diff(others.run_offsets)
    return Masks(
        np.insert(masks.sizes, at, others.sizes, axis=0),
        np.insert(masks.codes, np.repeat(masks.code_offsets[at], other_codes), others.codes),
        offsets_of(np.insert(codes, at, other_codes)),
        np.insert(masks.runs, np.repeat(masks.run_offsets[at], other_runs), others.runs),
        offsets_of(np.insert(runs, at, other_runs)),
    )


_LARGEST_ID = 10**18


def object_columns(
    values: Sequence[Any], positions: NDArray[np.int64], image: NDArray[np.int64], label: NDArray[np.int64]
) -> RawColumns:
    """Return the annotations of JSON values."""
    problems = {i: NOT_AN_OBJECT for i, value in enumerate(values) if not isinstance(value, dict)}
    objects: list[dict[str, Any]] = [value if isinstance(value, dict) else {} for value in values]
    rings, ring_counts, codes = _split_segmentations([o.get("segmentation") for o in objects], problems)
    ring_numbers, ring_lengths = _flatten(rings)
    boxes, box_lengths = _flatten([[] if o.get("bbox") is None else o["bbox"] for o in objects])
    keypoints, keypoint_lengths = _flatten([o.get("keypoints") or [] for o in objects])
    return RawColumns(
        positions=positions,
        image=image,
        label=label,
        ids=_ids([o.get("id") for o in objects]),
        flags=_flags(objects),
        scores=_scores([o.get("score") for o in objects]),
        boxes=boxes,
        box_lengths=box_lengths,
        rings=ring_numbers,
        ring_lengths=ring_lengths,
        ring_counts=ring_counts,
        keypoints=keypoints,
        keypoint_lengths=keypoint_lengths,
        masks=_masks(codes, len(objects), problems),
        problems=problems,
    )


def _ids(values: list[Any]) -> Sequence[object]:
    """Return ids, as an array if possible."""
    if set(map(type, values)) == {int} and all(-_LARGEST_ID < value < _LARGEST_ID for value in values):
        return WholeNumbers(np.array(values, dtype=np.int64))
    return values


def _numbers(values: object) -> list[float] | None:
    """Return the numbers of a list, null as NaN and large ones as infinity; None if it holds others."""
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


def _flatten(lists: Sequence[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the numbers of all lists, and the length of each; -1 if it is not a list of numbers."""
    try:
        if set(map(type, lists)) - {list}:
            raise TypeError  # noqa: TRY301 - the slow path follows
        lengths = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
        return np.fromiter(chain.from_iterable(lists), dtype=np.float64, count=int(lengths.sum())), lengths
    except (TypeError, ValueError, OverflowError):
        numbers = [_numbers(values) for values in lists]
        lengths = np.array([-1 if values is None else len(values) for values in numbers], dtype=np.int64)
        flat = list(chain.from_iterable(values or () for values in numbers))
        return np.array(flat, dtype=np.float64), lengths


def _split_segmentations(
    values: list[Any], problems: dict[int, str]
) -> tuple[list[Any], NDArray[np.int64], dict[int, dict[str, Any]]]:
    """Return all rings, their count per annotation, and run-length codes by row."""
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
    return rings, counts, codes


def _flags(objects: Sequence[dict[str, Any]]) -> NDArray[np.uint8]:
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


def _masks(codes: dict[int, dict[str, Any]], count: int, problems: dict[int, str]) -> Masks | None:
    """Return the masks of ``count`` annotations from run-length codes by row."""
    masks: list[RunLengths | None] = [None] * count
    for i, code in codes.items():
        try:
            masks[i] = run_lengths(code)
        except MisfitError as misfit:
            problems.setdefault(i, str(misfit))
    return masks_of(masks) if any(masks) else None
