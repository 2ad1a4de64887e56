"""Bitmaps as run lengths along their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Masks, offsets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from heatgrid.io.shapes import RunLengths


def masks_of(bitmaps: Iterable[NDArray[Any]]) -> Masks:
    """Return (h, w) bitmaps, one an annotation, as run lengths; whatever is not 0 is set."""
    sizes: list[tuple[int, ...]] = []
    runs: list[NDArray[np.int64]] = []
    for bitmap in bitmaps:
        sizes.append(bitmap.shape)
        runs.append(_runs(bitmap))
    return _columns(sizes, runs)


def masks_of_codes(codes: Sequence[RunLengths | None]) -> Masks:
    """Return run lengths along the rows, one an annotation or None, as columns."""
    none = np.zeros(0, dtype=np.int64)
    sizes = [(0, 0) if code is None else (code.height, code.width) for code in codes]
    return _columns(sizes, [none if code is None else np.asarray(code.code) for code in codes])


def _columns(sizes: Sequence[tuple[int, ...]], runs: Sequence[NDArray[np.int64]]) -> Masks:
    return Masks(
        np.array(sizes, dtype=np.int64).reshape(-1, 2),
        np.zeros(0, dtype=np.uint8),
        np.zeros(len(sizes) + 1, dtype=np.int64),
        np.concatenate(runs) if runs else np.zeros(0, dtype=np.int64),
        offsets_of(map(len, runs)),
        column_major=False,
    )


def _runs(bitmap: NDArray[Any]) -> NDArray[np.int64]:
    flat = np.ascontiguousarray(bitmap).reshape(-1)
    flat = flat if flat.dtype == bool else flat != 0
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    first = [0, 0] if flat.size and flat[0] else [0]  # unset pixels come first, be they none
    return np.diff(np.concatenate([first, changes, [flat.size]]))
