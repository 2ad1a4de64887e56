"""Plain tasks of Label Studio: one annotation each, of rectangles and polygons, as columns.

All tasks of a part of a file pass through each step at once. The steps expect less than the format allows; a
part with anything else is left to the reader of single regions.
"""

from __future__ import annotations

import math
from itertools import accumulate, chain, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.io import parse
from heatgrid.io.columns import BoxesAndRings, ImageColumns
from heatgrid.io.documents import BOX_KEYS
from heatgrid.io.files import UNKNOWN
from heatgrid.io.formats.label_studio.names import find_name
from heatgrid.io.plain import check_types, numbers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.io.options import ReadOptions, Size

FRAME = "frame of a video"
"""Key of the frame of a result that is one of several of a video."""

_ODD_KEYS = frozenset({*parse.ANGLES, *BOX_KEYS, "item_index", FRAME})
_RECTANGLE = itemgetter("x", "y", "width", "height", "rotation", "rectanglelabels")
_RING_KEYS = frozenset({"points", "polygonlabels", "closed"})
_SIDES = itemgetter("original_width", "original_height")


def read_plain(tasks: Sequence[Any], first: int, options: ReadOptions) -> ImageColumns | None:
    """Return the images of tasks; None if anything is unusual. ``first`` is the first task's number."""
    try:
        return _read_tasks(tasks, first, options.limits.vertices)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _read_tasks(tasks: Sequence[Any], first: int, most_vertices: int) -> ImageColumns | None:
    check_types(tasks, dict)
    listed = list(map(itemgetter("annotations"), tasks))
    check_types(listed, list)
    annotations = [annotation for (annotation,) in listed]
    check_types(annotations, dict)
    results = list(map(itemgetter("result"), annotations))
    check_types(results, list)
    counts = list(map(len, results))
    flat = list(chain.from_iterable(results))
    check_types(flat, dict)
    controls = set(map(itemgetter("to_name"), flat))
    keys = list(map(itemgetter("id"), flat))
    check_types(chain(controls, keys), str)
    owners = chain.from_iterable(map(repeat, range(len(tasks)), counts))
    ids = set(zip(owners, map(str.strip, keys), strict=True))
    if (
        len(controls) > 1
        or len(ids) < len(keys)
        or not all(key for _, key in ids)
        or not _ODD_KEYS.isdisjoint(chain.from_iterable(flat))
        or any(result.get("image_rotation") for result in flat)
        or any(annotation.get("was_cancelled") for annotation in annotations)
    ):
        return None
    scores = [math.nan if (score := result.get("score")) is None else score for result in flat]
    check_types(scores, float)
    names = _names(tasks, first, counts, parse.text(next(iter(controls), "")))
    regions = _regions(list(map(itemgetter("value"), flat)), most_vertices)
    if names is None or regions is None:
        return None
    labels, shapes = regions
    return ImageColumns(
        names=names,
        sizes=_sizes(results),
        places=[f"[{i}].annotations[0]" for i in range(first, first + len(tasks))],
        offsets=[0, *accumulate(counts)],
        labels=labels,
        shapes=shapes,
        flags=[0] * len(flat),
        keys=keys,
        scores=scores,
    )


def _names(tasks: Sequence[Any], first: int, counts: Sequence[int], control: str) -> list[str] | None:
    """Return the names of the tasks' images; None if there is a task that may be without an image."""
    names = [
        find_name(task, (control if count else "", 0, -1)) for task, count in zip(tasks, counts, strict=True)
    ]
    if all(names):
        return names
    if not all(name or count for name, count in zip(names, counts, strict=True)):
        return None
    return [
        name or f"task {parse.text(task.get('id')) or i}"
        for i, (name, task) in enumerate(zip(names, tasks, strict=True), first)
    ]


def _sizes(results: Sequence[Sequence[dict[str, Any]]]) -> list[Size]:
    """Return the sizes of the tasks' images, which all their regions should know."""
    pairs = [_SIDES(own[0]) for own in results if own]
    check_types(chain.from_iterable(pairs), int, float)
    sizes = {pair: parse.size({"width": pair[0], "height": pair[1]}) for pair in set(pairs)}
    if not all(map(all, sizes)):
        raise ValueError
    remaining = iter(pairs)
    return [sizes[next(remaining)] if own else UNKNOWN for own in results]


def _regions(values: Sequence[dict[str, Any]], most_vertices: int) -> tuple[list[str], BoxesAndRings] | None:
    """Return the labels and the shapes of regions."""
    check_types(values, dict)
    is_ring = ["points" in value for value in values]
    if not any(is_ring):
        labels, boxes = _rectangles(values)
        return labels, BoxesAndRings(boxes)
    rings = [value for value in values if "points" in value]
    names, counts, coords = _rings(rings)
    if max(counts) > most_vertices:
        return None
    others, corners = _rectangles([value for value in values if "points" not in value])
    remaining = {True: iter(names), False: iter(others)}
    kinds = np.array(is_ring)
    boxes, vertices = np.full((len(values), 4), np.nan), np.zeros(len(values), dtype=np.int64)
    boxes[~kinds], vertices[kinds] = corners, counts
    return [next(remaining[own]) for own in is_ring], BoxesAndRings(boxes, vertices, coords)


def _labels(lists: Sequence[Any]) -> list[str]:
    """Return the only label in each list."""
    check_types(lists, list)
    names = [name for (name,) in lists]
    check_types(names, str)
    names = list(map(str.strip, names))
    if not all(names):
        raise ValueError
    return names


def _rectangles(values: Sequence[dict[str, Any]]) -> tuple[list[str], NDArray[np.float64]]:
    """Return the labels and the boxes (N, 4) of rectangles."""
    if not values:
        return [], np.zeros((0, 4))
    *numbers, rotations, lists = zip(*map(_RECTANGLE, values), strict=True)
    if set(map(len, values)) != {6} or any(rotations):
        raise ValueError
    check_types(chain.from_iterable(numbers), int, float)
    x, y, width, height = (np.fromiter(axis, dtype=np.float64, count=len(axis)) for axis in numbers)
    if (width < 0).any() or (height < 0).any():
        raise ValueError
    return _labels(lists), np.stack([x, y, x + width, y + height], axis=1) / 100


def _rings(values: Sequence[dict[str, Any]]) -> tuple[list[str], list[int], NDArray[np.float64]]:
    """Return the labels, numbers of vertices and vertices (M, 2) of polygons."""
    if not _RING_KEYS.issuperset(chain.from_iterable(values)) or any(
        v.get("closed") is False for v in values
    ):
        raise ValueError
    points = list(map(itemgetter("points"), values))
    if not all(points):
        raise ValueError
    flat = numbers_of(points)
    coords = np.fromiter(flat, dtype=np.float64, count=len(flat)).reshape(-1, 2) / 100
    return _labels(list(map(itemgetter("polygonlabels"), values))), list(map(len, points)), coords
