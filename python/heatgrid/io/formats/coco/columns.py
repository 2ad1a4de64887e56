"""Raw columns of COCO annotations, filled from the kernel's scan or from JSON objects."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.kernel import CocoColumns, CocoTrait
from heatgrid.core.ragged import Flag, Masks, WholeNumbers, concatenate, gather, offsets_of, pick
from heatgrid.io.curves import rotated_box
from heatgrid.io.parse import (
    NOT_AN_OBJECT,
    ROTATED,
    MisfitError,
    as_dict,
    box_from_size,
    numbers_in,
    rotation_of,
)
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

    def merged(self, other: RawColumns) -> RawColumns:
        """Return the annotations of both, ordered by position."""
        positions = np.concatenate([self.positions, other.positions])
        order = np.argsort(positions, kind="stable")
        counts = (len(self), len(other))
        columns: dict[str, Any] = {}
        for name in ("image", "label", "flags", "scores"):
            column = concatenate([getattr(self, name), getattr(other, name)], counts)
            columns[name] = None if column is None else column[order]
        ring_counts = np.concatenate([self.ring_counts, other.ring_counts])
        ring_order, _ = gather(offsets_of(ring_counts), order)
        for name, plural, index in (
            ("box", "boxes", order),
            ("ring", "rings", ring_order),
            ("keypoint", "keypoints", order),
        ):
            lengths = [getattr(self, f"{name}_lengths"), getattr(other, f"{name}_lengths")]
            columns[f"{name}_lengths"] = np.concatenate(lengths)[index]
            columns[plural] = _merge_lists(getattr(self, plural), getattr(other, plural), lengths, index)
        masks = concatenate([self.masks, other.masks], counts)
        row_of = np.argsort(order)[len(self) :].tolist()
        return RawColumns(
            positions=positions[order],
            ids=pick(_join_ids(self.ids, other.ids), order),
            ring_counts=ring_counts[order],
            masks=None if masks is None else masks.take(order),
            problems={row_of[row]: reason for row, reason in other.problems.items()},
            **columns,
        )


def _join_ids(ids: Sequence[object], others: Sequence[object]) -> Sequence[object]:
    if isinstance(ids, WholeNumbers) and isinstance(others, WholeNumbers):
        return WholeNumbers(np.concatenate([ids.array, others.array]))
    return [*ids, *others]


def _merge_lists(
    flat: NDArray[np.float64],
    others: NDArray[np.float64],
    lengths: Sequence[NDArray[np.int64]],
    order: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the numbers of all lists in this order, copied in runs of consecutive lists."""
    offsets = offsets_of(np.maximum(np.concatenate(lengths), 0))
    starts = np.flatnonzero((np.diff(order, prepend=-2) != 1) | (order == len(lengths[0])))
    begins = offsets[order[starts]].tolist()
    ends = offsets[order[np.append(starts[1:], len(order)) - 1] + 1].tolist() if len(order) else []
    n = len(flat)
    pieces = [
        others[begin - n : end - n] if begin >= n else flat[begin:end]
        for begin, end in zip(begins, ends, strict=True)
    ]
    return np.concatenate([flat[:0], *pieces])


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


_LARGEST_ID = 10**18


def object_columns(
    values: Sequence[Any], positions: NDArray[np.int64], image: NDArray[np.int64], label: NDArray[np.int64]
) -> RawColumns:
    """Return the annotations of JSON values."""
    problems = {i: NOT_AN_OBJECT for i, value in enumerate(values) if not isinstance(value, dict)}
    objects: list[dict[str, Any]] = [value if isinstance(value, dict) else {} for value in values]
    for i, entry in enumerate(objects):
        if not entry.get("segmentation"):
            objects[i] = _turn_box(entry, i, problems)
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


def _turn_box(entry: dict[str, Any], i: int, problems: dict[int, str]) -> dict[str, Any]:
    """Return an annotation with its rotated box as a segmentation; CVAT's attribute is degrees, clockwise."""
    degrees = rotation_of(as_dict(entry.get("attributes")), ("rotation",))
    if not entry.get("bbox") or not (degrees or rotation_of(entry)):
        return entry
    try:
        if not degrees:
            raise MisfitError(ROTATED)  # noqa: TRY301
        ring = rotated_box(box_from_size(*numbers_in(entry["bbox"], 4)), degrees)
        return entry | {"bbox": None, "segmentation": [list(chain.from_iterable(ring))]}
    except MisfitError as misfit:
        problems.setdefault(i, str(misfit))
        return entry | {"bbox": None}


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
            if len(value) == 1 and type(value[0]) is dict:
                codes[i] = value[0]
                continue
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
