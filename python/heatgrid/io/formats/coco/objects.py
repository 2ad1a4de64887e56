"""Annotations of a COCO file: those of the kernel's scan, and JSON objects however irregular."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Flag, Masks, WholeNumbers, offsets_of
from heatgrid.io.formats.coco.columns import Columns, scanned_columns
from heatgrid.io.formats.coco.ids import find, read_categories, value_of
from heatgrid.io.json_values import NOT_AN_OBJECT, MisfitError
from heatgrid.io.masks import run_lengths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.kernel import CocoColumns
    from heatgrid.core.report import Report
    from heatgrid.io.formats.coco.ids import Use

NEITHER = "segmentation is neither rings nor a run-length code"
_LARGEST_ID = 10**18


def read_columns(
    annotations: list[Any],
    positions: NDArray[np.int64],
    categories: list[Any],
    *,
    scan: CocoColumns | None,
    image_ids: NDArray[np.int64] | list[Any],
    path: Path,
    report: Report,
) -> tuple[Columns, tuple[str, ...]]:
    """Return all annotations, those of the scan and the others, and the names of their classes."""
    uses: list[Use] = []
    if scan is not None:
        indices = np.arange(len(scan.ids) + len(scan.other_indices))
        others = scan.other_indices
        uses.append((np.delete(indices, others), find(image_ids, scan.image_ids), scan.category_ids))
    if annotations or scan is None:
        ids, category_ids = ([value_of(a, key) for a in annotations] for key in ("image_id", "category_id"))
        uses.append((positions, find(image_ids, ids), category_ids))
    classes, labels = read_categories(categories, uses, path, report)
    if scan is None:
        return _object_columns(annotations, *uses[0][:2], labels[0]), classes
    columns = scanned_columns(scan, *uses[0][:2], labels[0])
    if annotations:
        columns = columns.insert(_object_columns(annotations, *uses[1][:2], labels[1]))
    return columns, classes


def _object_columns(
    values: Sequence[Any],
    positions: NDArray[np.int64],
    image: NDArray[np.int64],
    label: NDArray[np.int64],
) -> Columns:
    """Return the annotations of JSON values."""
    problems = {i: NOT_AN_OBJECT for i, value in enumerate(values) if not isinstance(value, dict)}
    objects: list[dict[str, Any]] = [value if isinstance(value, dict) else {} for value in values]
    rings, ring_counts, codes = _split_segmentations([o.get("segmentation") for o in objects], problems)
    ring_numbers, ring_lengths = _flatten(rings)
    boxes, box_lengths = _flatten([_or_empty(o.get("bbox")) for o in objects])
    keypoints, keypoint_lengths = _flatten([o.get("keypoints") or [] for o in objects])
    return Columns(
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


def _or_empty(value: Any) -> Any:
    return [] if value is None else value


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
            problems.setdefault(i, NEITHER)
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
    sizes = np.zeros((count, 2), dtype=np.int64)
    texts: dict[int, bytes] = {}
    runs: dict[int, NDArray[np.int64]] = {}
    for i, code in codes.items():
        try:
            mask = run_lengths(code)
        except MisfitError as misfit:
            problems.setdefault(i, str(misfit))
            continue
        sizes[i] = mask.height, mask.width
        if isinstance(mask.code, bytes):
            texts[i] = mask.code
        else:
            runs[i] = mask.code
    if not texts and not runs:
        return None
    return Masks(
        sizes,
        np.frombuffer(b"".join(texts.values()), dtype=np.uint8),
        offsets_of([len(texts.get(i, b"")) for i in range(count)]),
        np.fromiter(chain.from_iterable(runs.values()), dtype=np.int64),
        offsets_of([len(runs.get(i, ())) for i in range(count)]),
    )
