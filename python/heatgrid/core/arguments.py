"""Arguments as the kernel takes them: converted once, and when wrong, named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Grid = NDArray[Any]  # int64 counts, or float64 sums
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Shape = int | tuple[int, int]
    Offsets = ArrayLike | tuple[ArrayLike, ...]

RuleName = Literal["center", "touch", "point", "area"]
CountName = Literal["instances", "images"]
FitName = Literal["stretch", "letterbox"]

RATIO_OF_SQUARE = (
    "large_box_ratio does not go with fit='letterbox': it is a share of the box's image, "
    "and the grid is larger than that"
)

MAX_CELLS = 1 << 26
"""The most cells along an axis."""

# Fewer shapes than this a worker are not worth a thread.
_SHAPES_A_WORKER = {
    "boxes": 200_000,
    "points": 400_000,
    "polygons": 10_000,
    "lines": 20_000,
    "masks": 10_000,
    "discs": 20_000,
    "annotations": 10_000,
    "files": 200,
}


def grid_shape(shape: Shape) -> tuple[int, int]:
    """Return ``(rows, columns)``; an int n means ``(n, n)``.

    Raises
    ------
    TypeError
        ``shape`` is neither an int nor a pair of ints.
    ValueError
        There are not two axes, or an axis has no cells or more than 2**26.
    """
    axes: Any = (shape, shape) if isinstance(shape, (int, np.integer)) else shape
    wanted = "an int or a pair of ints (rows, columns)"
    if not isinstance(axes, (tuple, list, np.ndarray)) or not all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in axes
    ):
        raise TypeError(f"shape must be {wanted}, got {shape!r}")
    if len(axes) != 2:
        raise ValueError(f"shape must be {wanted}, got {shape!r}")
    rows, columns = int(axes[0]), int(axes[1])
    if not (1 <= rows <= MAX_CELLS and 1 <= columns <= MAX_CELLS):
        raise ValueError(f"shape must have 1 to 2**26 cells along each axis, got {shape!r}")
    return rows, columns


def as_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array, or say which argument is none."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array: {error}") from None


def as_doubles(values: ArrayLike, name: str, columns: int) -> Doubles:
    """Return (N, columns) float64, C-contiguous: the one conversion that an input may need."""
    array = as_array(values, name)
    if array.size == 0 and array.ndim < 2:
        array = np.empty((0, columns))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{name} must have shape (N, {columns}), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_integers(values: ArrayLike, name: str) -> Integers:
    """Return (N,) int64, C-contiguous; floats are refused, since they may not be whole."""
    array = as_array(values, name)
    if array.size == 0 and array.dtype.kind == "f":
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must fit in int64, got {array.max()}")
    return np.ascontiguousarray(array, dtype=np.int64)


def as_sizes(sizes: ArrayLike | None) -> Doubles | None:
    """Return one (width, height) pair or (N, 2) of them, or None for normalised coordinates."""
    if sizes is None:
        return None
    array = as_array(sizes, "sizes")
    if array.dtype.kind not in "fiu":
        raise TypeError(f"sizes must hold real numbers, got dtype {array.dtype}")
    if array.shape[-1:] != (2,) or array.ndim > 2:
        raise ValueError(f"sizes must be one (width, height) pair or have shape (N, 2), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_ratio(large_box_ratio: float | None) -> float:
    """Return the share of its image above which a box counts as large; infinity where there is none."""
    if large_box_ratio is None:
        return np.inf
    if isinstance(large_box_ratio, bool) or not isinstance(
        large_box_ratio, (int, float, np.integer, np.floating)
    ):
        raise TypeError(f"large_box_ratio must be a number or None, got {large_box_ratio!r}")
    if not large_box_ratio >= 0:
        raise ValueError(f"large_box_ratio must not be negative, got {large_box_ratio}")
    return float(large_box_ratio)


def as_weights(weights: ArrayLike) -> Doubles:
    """Return (N,) float64 of finite numbers."""
    array = as_array(weights, "weights")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"weights must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"weights must have one dimension, got shape {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def available_cores() -> int:
    """Return the number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_for(threads: int | None, count: int, kind: str) -> int:
    """Return how many threads share ``count`` shapes or files; results do not depend on it."""
    if threads is None:
        return max(1, min(available_cores(), count // _SHAPES_A_WORKER[kind]))
    if isinstance(threads, bool) or not isinstance(threads, (int, np.integer)):
        raise TypeError(f"threads must be an int or None, got {threads!r}")
    if not 1 <= threads <= 1024:
        raise ValueError(f"threads must be from 1 to 1024, got {threads}")
    return int(threads)


def choose(name: str, value: str, choices: dict[str, Any]) -> Any:
    """Return what ``value`` stands for, or say which values there are."""
    try:
        return choices[value]
    except (KeyError, TypeError):
        known = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} must be one of {known}, got {value!r}") from None


def planes_for(
    shape: Shape, labels: ArrayLike | None, classes: int | None, out: Grid | None, dtype: type[np.generic]
) -> tuple[Grid, Grid]:
    """Return the result to give back, and its view as (classes, rows, columns) to add into."""
    rows, columns = grid_shape(shape)
    if classes is not None and (isinstance(classes, bool) or not isinstance(classes, (int, np.integer))):
        raise TypeError(f"classes must be an int or None, got {classes!r}")
    if classes is not None and classes < 1:
        raise ValueError(f"classes must be at least 1, got {classes}")
    if labels is not None and classes is None:
        raise ValueError("classes must be given with labels: the number of planes in the result")
    if classes is not None and labels is None:
        raise ValueError("labels must be given with classes")
    expected = (rows, columns) if classes is None else (int(classes), rows, columns)
    if out is None:
        out = np.zeros(expected, dtype=dtype)
    elif not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a numpy array, got {type(out).__name__}")
    elif out.shape != expected:
        raise ValueError(f"out must have shape {expected}, got {out.shape}")
    return out, out[np.newaxis] if classes is None else out


def result_dtype(rule: str, weights: ArrayLike | None) -> type[np.generic]:
    """Return float64 for weights and areas, else int64."""
    return np.float64 if rule == "area" or weights is not None else np.int64


def split_offsets(offsets: Offsets, names: tuple[str, ...]) -> tuple[Integers, list[Integers | None]]:
    """Return the innermost offsets, and those of all outer levels; None where each item stands alone.

    Parameters
    ----------
    offsets
        One array, or a tuple of as many as there are levels at most, innermost first.
    names
        The levels' names: ``("rings", "parts", "annotations")``.
    """
    levels = offsets if isinstance(offsets, tuple) else (offsets,)
    if not 1 <= len(levels) <= len(names):
        raise ValueError(
            f"offsets must be one array or a tuple of one to {len(names)} ({', '.join(names)}), "
            f"got {len(levels)}"
        )
    arrays = [as_integers(level, f"offsets of {name}") for level, name in zip(levels, names, strict=False)]
    return arrays[0], [*arrays[1:], *[None] * (len(names) - len(arrays))]
