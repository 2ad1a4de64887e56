"""Images and categories of a COCO file, looked up by the ids that annotations name."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io.files import UNKNOWN, ImageSizes, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.kernel import CocoColumns
    from heatgrid.core.report import Report

_TABLE_FACTOR = 4  # ids are looked up in a table if their range is at most so many times their count

Use = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64] | list[Any]"]
"""Positions of annotations, their images, and their category ids."""


def value_of(element: Any, key: str) -> Any:
    """Return the value of a JSON object's key, None if there is none."""
    return element.get(key) if isinstance(element, dict) else None


def read_images(
    images: list[Any], scan: CocoColumns | None, other_sizes: ImageSizes, path: Path, report: Report
) -> tuple[list[str], NDArray[np.float64], NDArray[np.int64] | list[Any]]:
    """Return the names, sizes and ids of all images, each id once."""
    if scan is not None and not images and are_unique(scan.image_numbers):
        report.images = len(scan.image_numbers)
        names, sizes = _image_names(scan), scan.image_sizes.reshape(-1, 2)
        return names, _complete_sizes(sizes, names, other_sizes), scan.image_numbers
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
    return names, _complete_sizes(sizes, names, other_sizes), list(found)


def _all_images(
    images: list[Any], scan: CocoColumns | None
) -> Iterator[tuple[Any, str, tuple[float, float]]]:
    """Yield id, name and size of each image in the file's order."""
    scanned: Iterator[tuple[Any, str, tuple[float, float]]] = iter(())
    indices: Sequence[int] = range(len(images))
    if scan is not None:
        sizes: list[Any] = scan.image_sizes.reshape(-1, 2).tolist()
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
            size = float(image["width"]), float(image["height"])
        except (KeyError, TypeError, ValueError, OverflowError):
            size = UNKNOWN
        yield key, clean(name), size
    yield from scanned


def _image_names(scan: CocoColumns) -> list[str]:
    """Return the names of the scanned images, which are JSON strings with a newline after each."""
    try:
        text = scan.image_names.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = scan.image_names.decode("utf-8", "replace")
    if "\\" in text:
        strings = text.replace("\n", '","')
        names: list[str] = json.loads(f'["{strings}"]')[:-1]
    else:
        names = text.split("\n")[:-1]
    return names if text.isascii() and "\\u" not in text else [clean(name) for name in names]


def _complete_sizes(
    sizes: NDArray[np.float64], names: Sequence[str], others: ImageSizes
) -> NDArray[np.float64]:
    """Replace sizes that are not positive and finite, in place."""
    unknown = ~((sizes > 0) & (sizes < np.inf)).all(axis=1)
    sizes[unknown] = UNKNOWN
    for i in np.flatnonzero(unknown).tolist() if others else ():
        sizes[i] = others.find(names[i])
    return sizes


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
        name = clean(category.get("name") or f"category_{key}")
        if name in labels:
            report.note("categories of the same name merged", where=f"{where} (id {key}, {name})")
        by_id[key] = labels.setdefault(name, len(labels))
    if not categories:
        if any(len(positions) for positions, _, _ in uses):
            report.note("no categories: classes are named by their id", where=str(path))
        for key in _ids_by_first_use(uses):
            by_id[key] = labels.setdefault(clean(f"category_{key}"), len(labels))
    label_or_none = np.array([*by_id.values(), -1], dtype=np.int64)
    return tuple(labels), [label_or_none[find(list(by_id), ids)] for _, _, ids in uses]


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
    places = order[np.minimum(rank, len(ids) - 1)]
    return np.where(ids[places] == wanted, places, -1)


def are_unique(numbers: NDArray[np.int64]) -> bool:
    """Return whether each number appears once."""
    if (numbers[1:] > numbers[:-1]).all():  # in order, as in most files
        return True
    ordered = np.sort(numbers)
    return bool((ordered[1:] != ordered[:-1]).all())
