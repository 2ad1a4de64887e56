"""Ids of COCO files: lookup of images and categories, class names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.class_grids import NO_CLASS
from heatgrid.io.build import UNLABELED
from heatgrid.io.files import clean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.report import Report

NO_CATEGORIES = "no categories: classes are named by their id (truth= names them, and sizes of images)"

_TABLE_FACTOR = 4  # ids are looked up in a table if their range is at most so many times their count

Use = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64] | list[Any]"]
"""Positions of annotations, their images, and their category ids."""


def value_of(element: Any, key: str) -> Any:
    """Return the value of a JSON object's key, None if there is none."""
    return element.get(key) if isinstance(element, dict) else None


def read_categories(
    categories: list[Any], uses: Sequence[Use], path: Path, report: Report
) -> tuple[tuple[str, ...], list[NDArray[np.int64]]]:
    """Return the class names, and the label of each annotation; without categories, ids name classes."""
    labels: dict[str, int] = {}
    by_id: dict[Any, int] = {}
    for i, category in enumerate(categories):
        where = f"{path}: categories[{i}]"
        key = value_of(category, "id")
        if not isinstance(key, int | str | float) or key in by_id:
            is_duplicate = key is not None
            reason = (
                "duplicate category id: first one used" if is_duplicate else "category without an id ignored"
            )
            report.note(reason, where=where)
            continue
        name = clean(f"category_{key}" if category.get("name") in (None, "") else category["name"])
        if name in labels:
            report.note("categories of the same name merged", where=f"{where} (id {key}, {name})")
        by_id[key] = labels.setdefault(name, len(labels))
    if not categories:
        if any(len(positions) for positions, _, _ in uses):
            report.note(NO_CATEGORIES, where=str(path))
        for key in _ids_by_first_use(uses):
            by_id[key] = labels.setdefault(clean(f"category_{key}"), len(labels))
    label_or_none = np.array([*by_id.values(), -1], dtype=np.int64)
    found = [label_or_none[match(list(by_id), ids, "category_id", path, report)] for _, _, ids in uses]
    unknown = [(found[use] < 0) & (image >= 0) for use, (_, image, _) in enumerate(uses)]
    rows = [(use, row) for use in range(len(uses)) for row in np.flatnonzero(unknown[use]).tolist()]
    for use, row in sorted(rows, key=lambda place: uses[place[0]][0][place[1]]):
        positions, _, ids = uses[use]
        has_id = isinstance(ids[row], int | str | float | np.integer)
        name = clean(f"category_{ids[row]}") if has_id else NO_CLASS
        found[use][row] = labels.setdefault(name, len(labels))
        text = "unknown category_id, counted as category_<id>" if has_id else UNLABELED
        report.note(text, where=f"{path}: annotations[{positions[row]}]")
    return tuple(labels), found


def _ids_by_first_use(uses: Sequence[Use]) -> list[Any]:
    """Return the category ids of annotations with a known image, in the order in which they appear."""
    first: dict[Any, int] = {}
    for positions, image, ids in uses:
        known = image >= 0
        if isinstance(ids, list):
            rows = [i for i in np.flatnonzero(known).tolist() if isinstance(ids[i], int | str)]
            keys = [ids[i] for i in rows]
        else:
            numbers, indices = np.unique(ids[known], return_index=True)
            keys, rows = numbers.tolist(), np.flatnonzero(known)[indices].tolist()
        for key, position in zip(keys, positions[rows].tolist(), strict=True):
            first[key] = min(position, first.get(key, position))
    return sorted(first, key=first.__getitem__)


def find(ids: NDArray[np.int64] | list[Any], wanted: NDArray[np.int64] | list[Any]) -> NDArray[np.int64]:
    """Return the index of each wanted value among different ids, -1 if it is not among them."""
    if isinstance(wanted, list):
        if not wanted:
            return np.zeros(0, dtype=np.int64)
        index = {key: i for i, key in enumerate(ids if isinstance(ids, list) else ids.tolist())}
        found = [index.get(key, -1) if isinstance(key, int | str | float) else -1 for key in wanted]
        return np.array(found, dtype=np.int64)
    if isinstance(ids, list):
        integers = {key: i for i, key in enumerate(ids) if not isinstance(key, str) and key % 1 == 0}
        small = {int(key): i for key, i in integers.items() if -(1 << 62) < key < 1 << 62}
        indices = np.array([*small.values(), -1], dtype=np.int64)
        return indices[find(np.array(list(small), dtype=np.int64), wanted)]
    if not len(ids) or not len(wanted):
        return np.full(len(wanted), -1, dtype=np.int64)
    low, high = int(ids.min()), int(ids.max())
    if high - low < _TABLE_FACTOR * (len(ids) + len(wanted)):  # faster than a search
        table = np.full(high - low + 3, -1, dtype=np.int64)  # one more at either end, for all ids beyond
        table[ids - (low - 1)] = np.arange(len(ids))
        return table.take(wanted - (low - 1), mode="clip")
    order = np.argsort(ids)
    rank = np.searchsorted(ids, wanted, sorter=order)
    indices = order[np.minimum(rank, len(ids) - 1)]
    return np.where(ids[indices] == wanted, indices, -1)


def match(
    ids: NDArray[np.int64] | list[Any],
    wanted: NDArray[np.int64] | list[Any],
    key: str,
    path: Path,
    report: Report,
) -> NDArray[np.int64]:
    """Return what `find` returns; a number and its text, such as 2 and "2", are the same id."""
    found = find(ids, wanted)
    has_texts = any(isinstance(one, str) for each in (ids, wanted) if isinstance(each, list) for one in each)
    missing = np.flatnonzero(found < 0) if has_texts else found[:0]
    if len(missing):
        index = {str(one): i for i, one in enumerate(ids if isinstance(ids, list) else ids.tolist())}
        found[missing] = [index.get(str(wanted[row]), -1) for row in missing.tolist()]
        report.note(f"{key} matched as text", int(np.count_nonzero(found[missing] >= 0)), where=str(path))
    return found


def are_unique(numbers: NDArray[np.int64]) -> bool:
    """Return whether each number appears once."""
    if (numbers[1:] > numbers[:-1]).all():  # in order, as in most files
        return True
    ordered = np.sort(numbers)
    return bool((ordered[1:] != ordered[:-1]).all())
