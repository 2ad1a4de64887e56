"""Checks and conversions of array arguments; shapes from arrays."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core.ragged import Lines, Masks, Polygons, Shapes, offsets_of
from heatgrid.core.spec import BoxFormat, check_choice
from heatgrid.errors import HeatgridWarning

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Offsets = ArrayLike | tuple[ArrayLike, ...]

_TOO_LARGE = np.iinfo(np.int64).max

OnError = Literal["skip", "raise"]
_ON_ERROR = get_args(OnError)

_JUDGMENTS = 16
_JUDGED: dict[tuple[int, int], int] = {}
"""Number of calls judged, per code and instruction of the caller."""

# Fewer items per worker are not worth a thread.
_ITEMS_PER_WORKER = {
    "boxes": 200_000,
    "points": 400_000,
    "polygons": 10_000,
    "lines": 20_000,
    "masks": 10_000,
    "discs": 20_000,
    "annotations": 10_000,
    "files": 200,
    "bytes": 1 << 24,
}


def refuse_masked(values: Any, name: str) -> None:
    """Raise TypeError for a masked array, or a list that holds one: conversion would lose the mask."""
    if type(values) is np.ndarray:  # fast path for calls on a few boxes
        return
    items = values if isinstance(values, (list, tuple)) else (values,)
    if any(isinstance(item, np.ndarray) and hasattr(item, "mask") for item in items):
        raise TypeError(f"{name} must not be a masked array: fill or drop what is masked first")


def as_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array; raise ValueError naming the argument, TypeError for masked arrays."""
    refuse_masked(values, name)
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array: {error}") from None


def as_doubles(values: ArrayLike, name: str, columns: int) -> Doubles:
    """Return (N, columns) float64, C-contiguous; converts only if needed."""
    array = as_array(values, name)
    if array.size == 0 and array.ndim < 2:
        array = np.empty((0, columns))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 2 or array.shape[1] != columns:
        raise ValueError(f"{name} must have shape (N, {columns}), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_boxes(xyxy: ArrayLike, box: BoxFormat = "xyxy") -> Doubles:
    """Return (N, 4) corners of boxes that are given by corners, by corner and size, or by center and size."""
    boxes = as_doubles(xyxy, "xyxy", 4)
    if box == "xyxy":
        return boxes
    check_choice("box", box, get_args(BoxFormat))
    first, size = boxes[:, :2], boxes[:, 2:]
    if box == "cxcywh":
        first = first - size / 2
    return np.concatenate([first, first + size], axis=1)


def warn_if_odd(values: Doubles, size: ArrayLike | None, name: str, box: BoxFormat | None = None) -> None:
    """Warn, once per line outside the package that passes boxes or points, if they look wrong.

    At least 10 are needed, at most 1,000 are judged, and a line that looked right 16 times is trusted.
    """
    if len(values) < 10:
        return
    level, frame = 3, sys._getframe(2)  # noqa: SLF001 - of a public function, the caller
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("heatgrid."):
        level, frame = level + 1, frame.f_back
    site = id(frame.f_code), frame.f_lasti
    if (judged := _JUDGED.get(site, 0)) < _JUDGMENTS:
        text = _oddity(values[:: -(-len(values) // 1000)], size, box)
        _JUDGED[site] = judged + 1 if text is None else _JUDGMENTS
        if text is not None:
            warnings.warn(f"{name} looks wrong: {text}", HeatgridWarning, stacklevel=level)


def _oddity(sample: Doubles, size: ArrayLike | None, box: BoxFormat | None) -> str | None:
    if size is None:
        beyond = float(((sample < -1) | (sample > 2)).any(axis=1).mean())
        if beyond >= 0.9:
            return f"{beyond:.0%} lie outside [-1, 2]; pixel coordinates need size=(width, height)"
    elif ((sample >= 0) & (sample <= 1)).all() and np.min(size) > 2:
        return "all lie within [0, 1], although size is given; normalized coordinates need none"
    if box == "xyxy":
        reversed_share = float((sample[:, :2] > sample[:, 2:]).any(axis=1).mean())
        if reversed_share > 0.5:
            return f"{reversed_share:.0%} have x2 < x1 or y2 < y1; is it box='xywh' or box='cxcywh'?"
    return None


def as_integers(values: ArrayLike, name: str) -> Integers:
    """Return (N,) int64, C-contiguous; refuses floats, which may not be whole."""
    array = as_array(values, name)
    if array.size == 0 and array.ndim == 1:
        array = array.astype(np.int64)  # an empty list has no type
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got shape {array.shape}")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must fit in int64, got {array.max()}")
    return np.ascontiguousarray(array, dtype=np.int64)


def as_sizes(size: ArrayLike | None) -> Doubles | None:
    """Return one (width, height) pair or (N, 2) of them, or None for normalized coordinates."""
    if size is None:
        return None
    array = as_array(size, "size")
    if array.size == 0 and array.ndim == 1:
        array = np.empty((0, 2))
    if array.dtype.kind not in "fiu":
        raise TypeError(f"size must hold real numbers, got dtype {array.dtype}")
    if array.shape[-1:] != (2,) or array.ndim > 2:
        raise ValueError(f"size must be one (width, height) pair or have shape (N, 2), got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def as_weights(weights: ArrayLike, count: int | None = None) -> Doubles:
    """Return (N,) float64; with ``count``, N must be equal to it."""
    array = as_array(weights, "weights")
    if array.dtype.kind not in "fiub":
        raise TypeError(f"weights must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"weights must have one dimension, got shape {array.shape}")
    if count is not None and len(array) != count:
        raise ValueError(f"weights must have shape ({count},), one per annotation, got {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float64)


def is_strict(on_error: str) -> bool:
    """Return whether the first error stops; raise ValueError for an unknown value."""
    check_choice("on_error", on_error, _ON_ERROR)
    return on_error == "raise"


def available_cores() -> int:
    """Return the number of cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worker_count(threads: int | None, count: int, kind: str) -> int:
    """Return the number of threads for ``count`` shapes, files or bytes; results do not depend on it."""
    if threads is None:
        return max(1, min(available_cores(), count // _ITEMS_PER_WORKER[kind]))
    if isinstance(threads, bool) or not isinstance(threads, (int, np.integer)):
        raise TypeError(f"threads must be an int or None, got {threads!r}")
    if not 1 <= threads <= 1024:
        raise ValueError(f"threads must be from 1 to 1024, got {threads}")
    return int(threads)


def split_offsets(offsets: Offsets, levels: tuple[str, ...]) -> tuple[Integers, list[Integers | None]]:
    """Return the offsets of the innermost level, and those of the outer ones; None for a level not passed.

    ``levels`` names the levels, innermost first: ``("rings", "parts", "annotations")``.
    """
    arrays = offsets if isinstance(offsets, tuple) else (offsets,)
    if not 1 <= len(arrays) <= len(levels):
        raise ValueError(
            f"offsets must be one array or a tuple of one to {len(levels)} ({', '.join(levels)}), "
            f"got {len(arrays)}"
        )
    found = [as_integers(array, f"offsets of {name}") for array, name in zip(arrays, levels, strict=False)]
    for name, array in zip(levels, found, strict=False):
        if not len(array):
            raise ValueError(f"offsets of {name} must have one more entry than there are {name}, got none")
    return found[0], [*found[1:], *[None] * (len(levels) - len(found))]


def polygon_shapes(coords: ArrayLike, offsets: Offsets) -> Shapes:
    """Return polygons from coordinates and one to three levels of offsets."""
    rings, (parts, annotations) = split_offsets(offsets, ("rings", "parts", "annotations"))
    vertices = as_doubles(coords, "coords", 2)
    parts = np.arange(len(rings)) if parts is None else parts
    return Shapes(
        polygons=Polygons(
            vertices, rings, parts, np.arange(len(parts)) if annotations is None else annotations
        )
    )


def line_shapes(coords: ArrayLike, offsets: Offsets) -> Shapes:
    """Return lines from coordinates and one or two levels of offsets."""
    paths, (annotations,) = split_offsets(offsets, ("paths", "annotations"))
    vertices = as_doubles(coords, "coords", 2)
    return Shapes(lines=Lines(vertices, paths, np.arange(len(paths)) if annotations is None else annotations))


def mask_shapes(masks: Any) -> Shapes:
    """Return masks from run-length codes or bitmaps."""
    converted = as_masks(masks)
    return Shapes(masks=converted) if isinstance(converted, Masks) else Shapes(bitmaps=converted)


def as_masks(masks: Any) -> Masks | list[NDArray[Any]]:
    """Return run-length codes as `Masks`, or bitmaps as a list of (h, w) arrays of one byte per pixel."""
    if isinstance(masks, Masks):
        return masks
    if isinstance(masks, Mapping):
        raise TypeError("masks must be a sequence of run-length codes, got a single code")
    if isinstance(masks, np.ndarray) and masks.dtype != object:
        if as_array(masks, "masks").ndim != 3:
            raise ValueError(f"masks must have shape (N, h, w), got {masks.shape}")
        return [_as_bitmap(mask, i) for i, mask in enumerate(masks)]
    if not isinstance(masks, (Sequence, np.ndarray)) or isinstance(masks, (str, bytes)):
        raise TypeError(f"masks must be arrays or run-length codes, got {type(masks).__name__}")
    codes = [isinstance(mask, Mapping) for mask in masks]
    if any(codes) and not all(codes):
        raise TypeError("masks must all be arrays or all be run-length codes")
    if any(codes):
        return _as_columns(masks)
    return [_as_bitmap(mask, i) for i, mask in enumerate(masks)]


def _as_bitmap(mask: Any, i: int) -> NDArray[Any]:
    array = as_array(mask, f"masks[{i}]")
    if array.dtype not in (np.bool_, np.uint8):
        raise TypeError(f"masks[{i}] must hold bools or uint8, got dtype {array.dtype}")
    if array.ndim != 2:
        raise ValueError(f"masks[{i}] must have shape (h, w), got {array.shape}")
    return array


def _as_columns(masks: Any) -> Masks:
    sizes = np.zeros((len(masks), 2), dtype=np.int64)
    codes: list[bytes] = []
    runs: list[Sequence[int]] = []
    for i, mask in enumerate(masks):
        try:
            (height, width), counts = mask["size"], mask["counts"]
            sizes[i] = height, width
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise TypeError(f"masks[{i}] must be {{'size': [h, w], 'counts': ...}} ({error!r})") from None
        text = counts.encode("utf-8", "replace") if isinstance(counts, str) else counts
        is_code = isinstance(text, (bytes, bytearray, memoryview))
        codes.append(bytes(text) if is_code else b"")
        runs.append([] if is_code else _as_runs(counts, i))
    flat = [run for lengths in runs for run in lengths]
    return Masks(
        sizes,
        np.frombuffer(b"".join(codes), dtype=np.uint8),
        offsets_of(len(code) for code in codes),
        np.array(flat, dtype=np.int64),
        offsets_of(len(lengths) for lengths in runs),
    )


def _as_runs(counts: Any, i: int) -> list[int]:
    """Return run lengths; -1, which makes the code invalid, for values that do not fit in int64."""
    if not isinstance(counts, list):
        refuse_masked(counts, f"masks[{i}]['counts']")
    array = np.asarray(counts)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        if array.ndim == 1 and array.dtype == object and all(isinstance(n, int) for n in counts):
            return [n if 0 <= n <= _TOO_LARGE else -1 for n in counts]
        raise TypeError(f"masks[{i}]['counts'] must be bytes, a string or a list of ints")
    return [n if n <= _TOO_LARGE else -1 for n in array.tolist()]
