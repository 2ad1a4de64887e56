"""COCO read the quick way: the kernel scans the text, and no number becomes a Python object.

The kernel knows what exporters write. Of a file with anything else, in its text or in what its ids refer to,
nothing is returned, and the general reader is to be asked; where something is returned, both are equal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Flag, Masks, WholeNumbers, offsets_of
from heatgrid.core.reading import CocoTrait
from heatgrid.core.report import Report
from heatgrid.io.files import ImageSizes, clean
from heatgrid.io.formats.coco.columns import Origin, assemble
from heatgrid.io.formats.coco.objects import UNKNOWN_CATEGORY, UNKNOWN_IMAGE
from heatgrid.io.formats.coco.tables import Classes, complete_sizes
from heatgrid.io.formats.coco.values import Matches, Numbers, Values, are_different

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.reading import CocoFile
    from heatgrid.io.options import ReadOptions

_SPREAD = 4  # ids at most so many times as far apart as they are many are looked up in a table


@dataclass(frozen=True, slots=True, eq=False)
class QuickColumns:
    """What was read of a file.

    Attributes
    ----------
    file
        The columns of its annotations.
    image_ids
        (I,) int64, each once.
    names
        The names of its images.
    categories
        The list of its categories, as objects.
    """

    file: CocoFile
    image_ids: NDArray[np.int64]
    names: Sequence[str]
    categories: list[Any]


def quick_columns(file: CocoFile | None) -> QuickColumns | None:
    """Return what a file holds; None where it, or the kernel's word on it, has anything unusual."""
    if file is None:
        return None
    image_ids = file.take_image_numbers()
    names = _names(file.image_names())
    try:
        categories = json.loads(file.categories() or b"[]")
    except ValueError:  # bytes that are no UTF-8
        return None
    if names is None or not are_different(image_ids):
        return None
    return QuickColumns(file, image_ids, names, categories)


def _names(lines: bytes) -> list[str] | None:
    """Return the strings whose JSON texts stand on a line each."""
    try:
        text = lines.decode()
    except UnicodeDecodeError:
        return None
    if "\\" in text:
        strings = text.replace("\n", '","')
        names: list[str] = json.loads(f'["{strings}"]')[:-1]
    else:
        names = text.split("\n")[:-1]
    return names if text.isascii() and "\\u" not in text else [clean(name) for name in names]


def build_quickly(found: QuickColumns, path: Path, split: str | None, options: ReadOptions) -> Annotations:
    """Return the batch of a file; see `heatgrid.io.formats.coco.columns.assemble`."""
    file, names = found.file, found.names
    wanted, categories = file.take_image_ids(), file.take_category_ids()
    report = Report(files=1, images=len(names))
    classes = Classes(found.categories, path, report, is_used=len(wanted) > 0)
    image = _places(found.image_ids, wanted)
    label = _labels(classes, categories, image >= 0)
    values = _values(file)
    ids = values.ids
    kept = np.flatnonzero((image >= 0) & (label >= 0))
    lost: dict[int, str] = {}
    if len(kept) < len(wanted):
        values = values.take(kept)
        lost = dict.fromkeys(np.flatnonzero(label < 0).tolist(), UNKNOWN_CATEGORY)
        lost |= dict.fromkeys(np.flatnonzero(image < 0).tolist(), UNKNOWN_IMAGE)
    origin = Origin(
        path=path,
        split=split,
        names=names,
        sizes=complete_sizes(file.take_image_sizes().reshape(-1, 2), names, ImageSizes(options)),
        classes=classes.names,
        position=None,
        key=ids.__getitem__,
        options=options,
        report=report,
    )
    return assemble(values, Matches(kept, image[kept], label[kept], lost), origin)


def _places(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each wanted number among different keys; -1 where there is none."""
    if not len(keys) or not len(wanted):
        return np.full(len(wanted), -1, dtype=np.int64)
    low, high = int(keys.min()), int(keys.max())
    if high - low < _SPREAD * (len(keys) + len(wanted)):  # a table is looked up faster than a sorted list
        table = np.full(high - low + 3, -1, dtype=np.int64)  # with an end on either side for all beyond
        table[keys - (low - 1)] = np.arange(len(keys))
        return table.take(wanted - (low - 1), mode="clip")
    order = np.argsort(keys)
    rank = np.searchsorted(keys, wanted, sorter=order)
    places = order[np.minimum(rank, len(keys) - 1)]
    return np.where(keys[places] == wanted, places, -1)


def _labels(classes: Classes, categories: NDArray[np.int64], known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the class of each annotation whose image is known; -1 where there is none."""
    ids, first = _first_of_each(categories if known.all() else categories[known])
    numbers = np.full(len(ids), -1, dtype=np.int64)
    for i in np.argsort(first).tolist():  # new classes are numbered in the order in which they appear
        try:
            numbers[i] = classes[int(ids[i])]
        except KeyError:
            continue
    places = _places(ids, categories)
    return np.where(known & (places >= 0), numbers[places] if len(ids) else -1, -1)


def _first_of_each(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different numbers, rising, and where each stands first."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    if high - low >= _SPREAD * len(numbers):
        return np.unique(numbers, return_index=True)
    table = np.full(high - low + 1, -1, dtype=np.int64)
    table[numbers[::-1] - low] = np.arange(len(numbers))[::-1]  # of several, the last one written stays
    ids = np.flatnonzero(table >= 0)
    return ids + low, table[ids]


def _values(file: CocoFile) -> Values:
    traits, scores, keypoints = file.take_traits(), file.take_scores(), file.take_keypoint_lengths()

    def marked(trait: CocoTrait) -> NDArray[np.bool_]:
        return np.asarray((traits & trait.value) != 0)

    return Values(
        boxes=_numbers(file.take_boxes(), file.take_box_lengths()),
        rings=_numbers(file.take_rings(), file.take_ring_lengths()),
        ring_counts=file.take_ring_counts(),
        masks=_masks(file),
        odd={},
        keypoints=_numbers(file.take_keypoints(), keypoints) if len(keypoints) else None,
        ids=_ids(file.take_ids(), marked(CocoTrait.id)),
        flags=marked(CocoTrait.crowd) * np.uint8(Flag.CROWD)
        | marked(CocoTrait.ignore) * np.uint8(Flag.IGNORE),
        scores=scores if len(scores) else None,
    )


def _ids(ids: NDArray[np.int64], given: NDArray[np.bool_]) -> Sequence[object]:
    """Return the annotations' ids, None where there is none."""
    if given.all():
        return WholeNumbers(ids)
    column = ids.astype(object)
    column[~given] = None
    return list(column.tolist())


def _numbers(flat: NDArray[np.float64], lengths: NDArray[np.int64]) -> Numbers:
    return Numbers(flat, lengths, np.zeros(len(lengths), dtype=bool))


def _masks(file: CocoFile) -> Masks | None:
    sizes = file.take_mask_sizes().reshape(-1, 2)
    if not len(sizes):
        return None
    codes, code_offsets = file.take_codes(), offsets_of(file.take_code_lengths())
    return Masks(sizes, codes, code_offsets, file.take_runs(), offsets_of(file.take_run_lengths()))
