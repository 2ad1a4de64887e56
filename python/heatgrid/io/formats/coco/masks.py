"""COCO's run-length codes, kept as the file has them: characters or run lengths, and the mask's size."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Masks, offsets_of
from heatgrid.io.shapes import RunLengths

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = "mask size is not two positive whole numbers"
COUNTS = "run-length code is neither text nor whole numbers"
_LARGEST_SIDE = 1 << 31


def build_masks(codes: dict[int, dict[str, Any]], items: int, problems: dict[int, str]) -> Masks | None:
    """Return the masks of ``items`` annotations.

    Parameters
    ----------
    codes
        The segmentation objects, by the annotation's number, in rising order.
    items
        The number of annotations.
    problems
        Gets the reason for each that cannot be one.
    """
    sizes = np.zeros((items, 2), dtype=np.int64)
    texts: dict[int, bytes] = {}
    runs: dict[int, NDArray[np.int64]] = {}
    for i, code in codes.items():
        mask = read_code(code)
        if isinstance(mask, str):
            problems.setdefault(i, mask)
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
        offsets_of([len(texts.get(i, b"")) for i in range(items)]),
        np.fromiter(chain.from_iterable(runs.values()), dtype=np.int64),
        offsets_of([len(runs.get(i, ())) for i in range(items)]),
    )


def read_code(code: dict[str, Any]) -> RunLengths | str:
    """Return a code of ``size`` and ``counts``, or what is wrong with it."""
    size, counts = _size(code.get("size")), code.get("counts")
    if size is None:
        return SIZE
    if isinstance(counts, str) and counts:
        return RunLengths(*size, counts.encode("utf-8", "replace"))
    lengths = _run_lengths(counts)
    return COUNTS if lengths is None else RunLengths(*size, lengths)


def _size(value: object) -> tuple[int, int] | None:
    """Return a height and a width, or None."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    sides = [int(side) for side in value if isinstance(side, int | float) and 0 < side < _LARGEST_SIDE]
    return (sides[0], sides[1]) if sides == value else None


def _run_lengths(value: object) -> NDArray[np.int64] | None:
    if not isinstance(value, list) or not value or set(map(type, value)) != {int}:
        return None
    try:
        return np.array(value, dtype=np.int64)
    except OverflowError:
        return None
