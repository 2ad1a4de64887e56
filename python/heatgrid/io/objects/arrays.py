"""Arrays, tensors and lists of any library: boxes, masks, run-length codes and keypoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Masks, Points, Polygons, offsets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from heatgrid.io.shapes import RunLengths


def as_array(value: Any, name: str) -> NDArray[Any]:
    """Return a tensor, array or list as an array, without a copy of CPU memory.

    Tensors with gradients or on another device are detached and moved (``.detach().cpu()``); others are read
    by ``__array__`` or ``__dlpack__``.
    """
    if isinstance(value, np.ndarray):
        return value
    for step in ("detach", "cpu"):
        if callable(getattr(value, step, None)):
            value = getattr(value, step)()
    try:
        if hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
            return np.from_dlpack(value)
        return np.asarray(value)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        raise TypeError(f"{name} must be an array, got {kind}, which is none: {error}") from error


def as_numbers(value: Any, name: str) -> NDArray[Any]:
    """Return (N,) numbers."""
    array = as_array(value, name)
    if array.dtype.kind not in "iufb":
        raise TypeError(f"{name} must be numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    return array


def as_coordinates(value: Any, name: str, *shape: int) -> NDArray[np.float64]:
    """Return coordinates as float64 of this shape, in which -1 is any number."""
    array = as_array(value, name)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be numbers, got dtype {array.dtype}")
    if array.size == 0:
        return np.zeros([max(n, 0) for n in shape])
    if array.ndim != len(shape) or any(n not in {-1, m} for n, m in zip(shape, array.shape, strict=True)):
        wanted = ", ".join("N" if n < 0 else str(n) for n in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def points_of(xy: Any, name: str, visible: Any = None) -> Points:
    """Return (N, K, 2) keypoints; unless ``visible`` tells, those at (0, 0) are invisible.

    Detectors place keypoints there that they did not find.
    """
    coords = as_coordinates(xy, name, -1, -1, 2)
    seen = (coords != 0).any(axis=2) if visible is None else as_array(visible, "visible").astype(bool)
    count, each = coords.shape[:2]
    offsets = np.arange(count + 1, dtype=np.int64) * each
    return Points(coords.reshape(-1, 2), offsets, seen.reshape(-1))


def quadrilaterals(corners: Any) -> Polygons:
    """Return (N, 4, 2) corners as polygons."""
    coords = as_coordinates(corners, "xyxyxyxy", -1, 4, 2)
    each = np.arange(len(coords) + 1, dtype=np.int64)
    return Polygons(coords.reshape(-1, 2), each * 4, each, each)


def masks_of(bitmaps: Iterable[NDArray[Any]]) -> Masks:
    """Return (h, w) bitmaps, one per annotation, as run lengths; values other than 0 are set."""
    sizes: list[tuple[int, ...]] = []
    runs: list[NDArray[np.int64]] = []
    for bitmap in bitmaps:
        sizes.append(bitmap.shape)
        runs.append(_runs(bitmap))
    return _row_masks(sizes, runs)


def masks_of_codes(codes: Sequence[RunLengths | None]) -> Masks:
    """Return run lengths along the rows, one per annotation or None, as columns."""
    none = np.zeros(0, dtype=np.int64)
    sizes = [(0, 0) if code is None else (code.height, code.width) for code in codes]
    return _row_masks(sizes, [none if code is None else np.asarray(code.code) for code in codes])


def _row_masks(sizes: Sequence[tuple[int, ...]], runs: Sequence[NDArray[np.int64]]) -> Masks:
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
    first = [0, 0] if flat.size and flat[0] else [0]  # the first run is of unset pixels
    return np.diff(np.concatenate([first, changes, [flat.size]]))
