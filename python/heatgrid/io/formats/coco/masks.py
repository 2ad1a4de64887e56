"""COCO's run-length codes, kept as the file has them: characters or run lengths, and the mask's size."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Masks, offsets_of
from heatgrid.io.json_values import MisfitError
from heatgrid.io.masks import run_lengths

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
        offsets_of([len(texts.get(i, b"")) for i in range(items)]),
        np.fromiter(chain.from_iterable(runs.values()), dtype=np.int64),
        offsets_of([len(runs.get(i, ())) for i in range(items)]),
    )
