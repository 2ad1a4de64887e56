"""Shapes from array arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import as_doubles, split_offsets
from heatgrid.core.ragged import Lines, Masks, Polygons, Shapes, offsets_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.arguments import Offsets

_TOO_LARGE = np.iinfo(np.int64).max


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
        if masks.ndim != 3:
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
    array = np.asarray(mask)
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
    array = np.asarray(counts)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        if array.ndim == 1 and array.dtype == object and all(isinstance(n, int) for n in counts):
            return [n if 0 <= n <= _TOO_LARGE else -1 for n in counts]
        raise TypeError(f"masks[{i}]['counts'] must be bytes, a string or a list of ints")
    return [n if n <= _TOO_LARGE else -1 for n in array.tolist()]
