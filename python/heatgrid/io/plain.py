"""Plain rectangles and polygons of JSON files: all of an image pass through each step at once.

An image with anything else is left to the readers of single objects.
"""

from __future__ import annotations

import math
from array import array
from itertools import chain
from typing import TYPE_CHECKING, Any

from heatgrid.io import parse
from heatgrid.io.documents import BOX_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from heatgrid.io.documents import Document
    from heatgrid.io.parse import Box, Ring

_ODD_KEYS = frozenset({*parse.ANGLES, *BOX_KEYS})
_NO_BOX = (math.nan,) * 4


def check_types(values: Iterable[object], *types: type) -> None:
    """Raise TypeError if a value is of another type."""
    if not set(map(type, values)) <= set(types):
        raise TypeError


def numbers_of(rings: Iterable[Any]) -> list[float]:
    """Return the coordinates of rings, lists of ``[x, y]``; raise an error for anything else."""
    pairs = list(chain.from_iterable(rings))
    flat = list(chain.from_iterable(pairs))
    check_types(flat, int, float)  # texts and objects consist of texts
    if not set(map(len, pairs)) <= {2}:
        raise ValueError
    return flat


def add_plain(
    document: Document,
    objects: list[Any],
    parts_of: Callable[[list[Any]], Iterable[Any]],
    box_of: Callable[[Ring], Box | None],
) -> bool:
    """Add objects to the current image if all are plain; return whether they are.

    ``parts_of`` returns labels, kinds and points, or raises an error; ``box_of`` returns the box of a
    rectangle's points, None if it is not upright.
    """
    builder = document.builder
    try:
        labels, kinds, rings = map(list, parts_of(objects))
        labels = list(map(str.strip, labels))
        is_odd = document.options.attributes or not all(labels) or not all(rings)
        if is_odd or not {"polygon", "rectangle"}.issuperset(kinds):
            return False
        if "rectangle" in kinds and not _ODD_KEYS.isdisjoint(chain.from_iterable(objects)):
            return False
        boxes: list[Box | None] = [_NO_BOX] * len(labels)
        for i, kind in enumerate(kinds):
            if kind == "rectangle":
                boxes[i], rings[i] = box_of(parse.points(rings[i])), ()
        vertices = list(map(len, rings))
        if max(vertices) > document.options.limits.vertices or None in boxes:
            return False
        corners = array("d", chain.from_iterable(filter(None, boxes)))
        coords = array("d", numbers_of(rings))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return False
    for _ in labels:  # searched for each object, as the readers of single ones do
        if parse.is_known(builder.size):
            break
    builder.add_objects(labels, [own.get("id") for own in objects], corners, vertices, coords)
    return True
