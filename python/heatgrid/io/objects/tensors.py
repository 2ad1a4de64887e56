"""Tensors of any library as arrays, without a copy where they lie in the computer's own memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.ragged import Points

if TYPE_CHECKING:
    from numpy.typing import NDArray


def as_array(value: Any, name: str) -> NDArray[Any]:
    """Return a tensor, array or list as an array.

    Tensors of a gradient or another device are detached and moved (``.detach().cpu()``); others are read by
    ``__array__`` or ``__dlpack__``.

    Raises
    ------
    TypeError
        It cannot be had as an array; ``name`` says what was meant.
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
    """Return (N,) numbers.

    Raises
    ------
    TypeError
        They are no numbers.
    ValueError
        They have another shape.
    """
    array = as_array(value, name)
    if array.dtype.kind not in "iufb":
        raise TypeError(f"{name} must be numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    return array


def as_coordinates(value: Any, name: str, *shape: int) -> NDArray[np.float64]:
    """Return coordinates as float64 of a shape, in which -1 is any number.

    Raises
    ------
    TypeError
        They are no numbers.
    ValueError
        They have another shape.
    """
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
    """Return (N, K, 2) keypoints as a column; where nothing tells which are visible, those at (0, 0) are not.

    Detectors put keypoints that they did not find there.
    """
    coords = as_coordinates(xy, name, -1, -1, 2)
    seen = (coords != 0).any(axis=2) if visible is None else as_array(visible, "visible").astype(bool)
    count, each = coords.shape[:2]
    offsets = np.arange(count + 1, dtype=np.int64) * each
    return Points(coords.reshape(-1, 2), offsets, seen.reshape(-1))
