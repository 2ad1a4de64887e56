"""COCO's annotations as Python objects turned into flat numbers: the general way, for every irregularity."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Flag
from heatgrid.io.formats.coco.columns import Origin, assemble
from heatgrid.io.formats.coco.masks import build_masks
from heatgrid.io.formats.coco.tables import Classes, Images
from heatgrid.io.formats.coco.values import Matches, Numbers, Values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations
    from heatgrid.core.report import Report
    from heatgrid.io.formats.coco.tables import Tables
    from heatgrid.io.options import ReadOptions

NOT_AN_OBJECT = "annotation is not an object"
UNKNOWN_IMAGE = "unknown image_id"
UNKNOWN_CATEGORY = "unknown category_id"
NEITHER = "segmentation is neither rings nor a run-length code"


def build(tables: Tables, path: Path, split: str | None, options: ReadOptions, report: Report) -> Annotations:
    """Return the batch of a file's lists; see `heatgrid.io.formats.coco.columns.assemble`."""
    annotations = tables.annotations
    report.annotations = len(annotations)
    images, classes = Images(tables, path, report), Classes(tables.categories, path, report)
    matches = _match(annotations, images.number, classes)
    origin = Origin(
        path=path,
        split=split,
        names=images.names,
        sizes=images.sizes,
        classes=classes.names,
        position=tables.positions,
        key=lambda i: annotations[i].get("id") if isinstance(annotations[i], dict) else None,
        options=options,
        report=report,
    )
    return assemble(_values([annotations[i] for i in matches.kept.tolist()]), matches, origin)


def _match(annotations: list[Any], images: dict[Any, int], classes: dict[Any, int]) -> Matches:
    """Look up each annotation's image and class."""
    kept: list[int] = []
    image: list[int] = []
    label: list[int] = []
    lost: dict[int, str] = {}
    for i, annotation in enumerate(annotations):
        try:
            found = images[annotation["image_id"]]
        except (KeyError, TypeError, IndexError):
            lost[i] = UNKNOWN_IMAGE if isinstance(annotation, dict) else NOT_AN_OBJECT
            continue
        try:
            label.append(classes[annotation["category_id"]])
        except (KeyError, TypeError):
            lost[i] = UNKNOWN_CATEGORY
            continue
        kept.append(i)
        image.append(found)
    return Matches(
        np.array(kept, dtype=np.int64), np.array(image, dtype=np.int64), np.array(label, dtype=np.int64), lost
    )


def _values(objects: Sequence[dict[str, Any]]) -> Values:
    """Return what annotations say."""
    rings, counts, codes, odd = _segmentations([o.get("segmentation") for o in objects])
    return Values(
        boxes=_lists([o.get("bbox") for o in objects]),
        rings=_flatten(rings),
        ring_counts=counts,
        masks=build_masks(codes, len(objects), odd),
        odd=odd,
        keypoints=_lists([o.get("keypoints") or None for o in objects]),
        ids=[o.get("id") for o in objects],
        flags=_flags(objects),
        scores=_scores([o.get("score") for o in objects]),
    )


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


def _flatten(lists: Sequence[Any]) -> Numbers:
    """Return all numbers of many lists."""
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
    return Numbers(flat, lengths, wrong)


def _lists(values: list[Any]) -> Numbers:
    """Return the numbers of lists that may be absent."""
    return _flatten([[] if value is None else value for value in values])


def _segmentations(
    values: list[Any],
) -> tuple[list[Any], NDArray[np.int64], dict[int, dict[str, Any]], dict[int, str]]:
    """Tell apart rings, of which each annotation has so many, run-length codes, and what is neither."""
    rings: list[Any] = []
    counts = np.zeros(len(values), dtype=np.int64)
    codes: dict[int, dict[str, Any]] = {}
    odd: dict[int, str] = {}
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
            odd[i] = NEITHER
    return rings, counts, codes, odd


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
