"""Ragged arrays: shapes as flat arrays and offsets.

``offsets`` of n items are n + 1 non-decreasing integers from 0: item i is
``flat[offsets[i]:offsets[i + 1]]``, as in Arrow's list arrays and shapely's ragged arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import IntFlag
from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Kind(IntFlag):
    """Kinds of geometry that an annotation can have, as bits."""

    BOX = 1
    POLYGON = 2
    MASK = 4
    POINT = 8
    LINE = 16


class Flag(IntFlag):
    """Attributes of an annotation, as bits."""

    CROWD = 1
    IGNORE = 2
    DIFFICULT = 4
    GROUP = 8
    OUTSIDE = 16
    TRUNCATED = 32
    OCCLUDED = 64


def offsets_of(lengths: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the offsets of items with these lengths."""
    lengths = np.asarray(lengths if isinstance(lengths, np.ndarray) else list(lengths), dtype=np.int64)
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def gather(
    offsets: NDArray[np.int64], index: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Select items by index: return their elements' positions in the flat array, and their offsets."""
    lengths = np.diff(offsets)[index]
    picked = offsets_of(lengths)
    positions = np.arange(picked[-1], dtype=np.int64) + np.repeat(offsets[index] - picked[:-1], lengths)
    return positions, picked


def finite_rows(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which rows hold finite numbers only."""
    finite = np.isfinite(values)
    if finite.all():  # the common case, much faster than all(axis=1)
        return np.ones(len(values), dtype=bool)
    return np.asarray(finite.all(axis=1))


class WholeNumbers(Sequence[int]):
    """Read-only sequence of Python ints on top of an int64 array."""

    __slots__ = ("array",)
    __hash__ = None  # type: ignore[assignment] # as of lists

    def __init__(self, array: NDArray[np.int64]) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> WholeNumbers: ...
    def __getitem__(self, index: int | slice) -> int | WholeNumbers:
        return WholeNumbers(self.array[index]) if isinstance(index, slice) else int(self.array[index])

    def __iter__(self) -> Iterator[int]:
        return iter(self.array.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __repr__(self) -> str:
        return f"WholeNumbers({self.array!r})"


def pick(values: Sequence[object], index: NDArray[np.int64]) -> Sequence[object]:
    """Return the values at these indices."""
    if isinstance(values, WholeNumbers):
        return WholeNumbers(values.array[index])
    return [values[i] for i in index.tolist()]


def check_offsets(name: str, offsets: NDArray[np.int64], items: int, flat: int) -> None:
    """Raise ValueError unless ``offsets`` cut ``flat`` elements into ``items``."""
    if offsets.shape != (items + 1,):
        raise ValueError(f"{name} must hold {items + 1} offsets, got shape {offsets.shape}")
    if offsets[0] != 0 or offsets[-1] != flat or (np.diff(offsets) < 0).any():
        raise ValueError(f"{name} must rise from 0 to {flat}")


@dataclass(slots=True, eq=False, repr=False)
class Ragged:
    """Coordinates of N annotations, below one or more levels of offsets."""

    coords: NDArray[np.float64]  # (M, 2), x and y of every vertex
    LEVELS: ClassVar[tuple[str, ...]]
    """Names of the offsets, innermost first; the last has N + 1 entries."""

    @property
    def levels(self) -> list[NDArray[np.int64]]:
        """Offsets, innermost first."""
        return [getattr(self, name) for name in self.LEVELS]

    def __len__(self) -> int:
        return len(self.levels[-1]) - 1

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self):,} annotations, {len(self.coords):,} vertices>"

    @property
    def vertices(self) -> NDArray[np.int64]:
        """(N + 1,) offsets of the annotations into ``coords``."""
        *inner, offsets = self.levels
        for level in reversed(inner):
            offsets = level[offsets]
        return offsets

    def bounds(self) -> NDArray[np.float64]:
        """Return the box around the vertices of each annotation, (N, 4), NaN without any."""
        offsets = self.vertices
        bounds = np.full((len(self), 4), np.nan)
        present = np.flatnonzero(np.diff(offsets))
        if len(present):
            coords, begins = self.coords[: offsets[-1]], offsets[present]
            bounds[present, :2] = np.fmin.reduceat(coords, begins, axis=0)
            bounds[present, 2:] = np.fmax.reduceat(coords, begins, axis=0)
        return bounds

    def take(self, index: NDArray[np.int64]) -> Self:
        """Return the shapes of the annotations at these indices."""
        taken = {}
        for name in reversed(self.LEVELS):
            index, taken[name] = gather(getattr(self, name), index)
        return replace(self, coords=self.coords[index], **taken)

    def check(self, items: int) -> None:
        """Raise ValueError unless the offsets fit together and hold ``items`` annotations."""
        counts = [len(self.coords), *(len(level) - 1 for level in self.levels[:-1]), items]
        for name, level, flat, count in zip(self.LEVELS, self.levels, counts, counts[1:], strict=False):
            check_offsets(f"{type(self).__name__.lower()}.{name}", level, count, flat)


@dataclass(slots=True, eq=False, repr=False)
class Polygons(Ragged):
    """Polygons of N annotations: any number of parts each, one outer ring and its holes per part."""

    rings: NDArray[np.int64]  # (R + 1,) offsets into coords
    parts: NDArray[np.int64]  # (P + 1,) offsets into rings, the first of which is the outer one
    annotations: NDArray[np.int64]  # (N + 1,) offsets into parts
    LEVELS = ("rings", "parts", "annotations")


@dataclass(slots=True, eq=False, repr=False)
class Lines(Ragged):
    """Lines of N annotations: any number of open paths each."""

    paths: NDArray[np.int64]  # (L + 1,) offsets into coords
    annotations: NDArray[np.int64]  # (N + 1,) offsets into paths
    LEVELS = ("paths", "annotations")


@dataclass(slots=True, eq=False, repr=False)
class Points(Ragged):
    """Points (keypoints) of N annotations."""

    offsets: NDArray[np.int64]  # (N + 1,) offsets into coords
    visible: NDArray[np.bool_]  # (M,), labeled, occluded or not
    LEVELS = ("offsets",)

    def bounds(self) -> NDArray[np.float64]:
        """Return the box around the visible points of each annotation, (N, 4), NaN without any."""
        visible = np.where(self.visible[:, np.newaxis], self.coords, np.nan)
        return Ragged.bounds(replace(self, coords=visible))

    def take(self, index: NDArray[np.int64]) -> Points:
        """Return the points of the annotations at these indices."""
        positions, offsets = gather(self.offsets, index)
        return Points(self.coords[positions], offsets, self.visible[positions])


@dataclass(slots=True, eq=False, repr=False)
class Masks:
    """Run-length codes of N annotations, unchecked.

    An annotation has either characters (COCO's compressed code) or runs (uncompressed), or neither.
    """

    sizes: NDArray[np.int64]  # (N, 2), height and width in pixels; zeros without a mask
    codes: NDArray[np.uint8]  # characters of all compressed codes
    code_offsets: NDArray[np.int64]  # (N + 1,)
    runs: NDArray[np.int64]  # run lengths of all uncompressed codes, beginning with unset pixels
    run_offsets: NDArray[np.int64]  # (N + 1,)
    column_major: bool = True  # runs follow columns (COCO) or rows (CVAT)

    @classmethod
    def of_runs(
        cls, sizes: NDArray[np.int64], runs: Sequence[NDArray[np.int64]], *, column_major: bool
    ) -> Self:
        """Return masks from the run lengths of each."""
        empty = np.zeros(0, dtype=np.int64)
        offsets = offsets_of(map(len, runs))
        return cls(
            sizes,
            np.zeros(0, dtype=np.uint8),
            np.zeros_like(offsets),
            np.concatenate([*runs, empty]),
            offsets,
            column_major,
        )

    @classmethod
    def of_bitmaps(cls, bitmaps: Iterable[NDArray[Any]]) -> Self:
        """Return (h, w) bitmaps as run lengths along rows; values other than 0 are set."""
        sizes, runs = [], []
        for bitmap in bitmaps:
            flat = np.ascontiguousarray(bitmap).reshape(-1).astype(bool, copy=False)
            changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
            first = [0, 0] if flat.size and flat[0] else [0]  # the first run is of unset pixels
            sizes.append(bitmap.shape)
            runs.append(np.diff(np.concatenate([first, changes, [flat.size]])))
        return cls.of_runs(np.array(sizes, dtype=np.int64).reshape(-1, 2), runs, column_major=False)

    def __len__(self) -> int:
        return len(self.sizes)

    def __repr__(self) -> str:
        return f"<Masks of {len(self):,} annotations>"

    def counts(self, i: int) -> bytes | NDArray[np.int64] | None:
        """Return the code of annotation ``i``: characters, run lengths, or None."""
        begin, end = self.code_offsets[i : i + 2]
        if end > begin:
            return self.codes[begin:end].tobytes()
        begin, end = self.run_offsets[i : i + 2]
        return self.runs[begin:end] if end > begin else None

    def take(self, index: NDArray[np.int64]) -> Masks:
        """Return the masks of the annotations at these indices."""
        codes, code_offsets = gather(self.code_offsets, index)
        runs, run_offsets = gather(self.run_offsets, index)
        sizes, order = self.sizes[index], self.column_major
        return Masks(sizes, self.codes[codes], code_offsets, self.runs[runs], run_offsets, order)

    def only(self, kept: NDArray[np.bool_]) -> Masks:
        """Return the masks that are kept: views, if no other mask lies between them."""
        index = np.flatnonzero(kept)
        if not len(index) or index[-1] - index[0] >= len(index):
            return self.take(index)
        begin, end = index[0], index[-1] + 1
        codes, runs = self.code_offsets[begin : end + 1], self.run_offsets[begin : end + 1]
        return Masks(
            self.sizes[begin:end],
            self.codes[codes[0] : codes[-1]],
            codes - codes[0],
            self.runs[runs[0] : runs[-1]],
            runs - runs[0],
            self.column_major,
        )

    def check(self, items: int) -> None:
        """Raise ValueError unless the columns hold ``items`` annotations."""
        if self.sizes.shape != (items, 2):
            raise ValueError(f"masks.sizes must have shape ({items}, 2), got {self.sizes.shape}")
        check_offsets("masks.code_offsets", self.code_offsets, items, len(self.codes))
        check_offsets("masks.run_offsets", self.run_offsets, items, len(self.runs))


_INNER_OFFSETS = {"rings", "parts", "paths"}
_OUTER_OFFSETS = {"annotations", "offsets", "code_offsets", "run_offsets"}  # one more than annotations


def concatenate(columns: Sequence[Any], counts: Sequence[int]) -> Any:
    """Return arrays or ragged columns of N annotations each as one; None if all are None.

    Where only some are None, their ``counts`` of annotations have NaN, or no geometry.
    """
    held = [column for column in columns if column is not None]
    if not held:
        return None
    if isinstance(held[0], np.ndarray):
        return np.concatenate(_filled(columns, counts, np.nan))
    joined: dict[str, Any] = {}
    for name in (field.name for field in fields(held[0])):
        own = [None if column is None else getattr(column, name) for column in columns]
        if name in _OUTER_OFFSETS:
            lengths = [None if offsets is None else np.diff(offsets) for offsets in own]
            joined[name] = offsets_of(np.concatenate(_filled(lengths, counts, 0)))
        elif name in _INNER_OFFSETS:
            joined[name] = offsets_of(
                np.concatenate([np.diff(offsets) for offsets in own if offsets is not None])
            )
        elif name == "sizes":
            joined[name] = np.concatenate(_filled(own, counts, 0))
        elif name == "column_major":  # the same in all
            joined[name] = held[0].column_major
        else:
            joined[name] = np.concatenate([values for values in own if values is not None])
    return type(held[0])(**joined)


def _filled(arrays: Sequence[NDArray[Any] | None], counts: Sequence[int], fill: float) -> list[NDArray[Any]]:
    """Return the arrays, and filled ones in place of None."""
    held = next(array for array in arrays if array is not None)
    shape = held.shape[1:]
    pairs = zip(arrays, counts, strict=True)
    return [np.full((n, *shape), fill, dtype=held.dtype) if array is None else array for array, n in pairs]


@dataclass(slots=True, eq=False, kw_only=True)  # not frozen: created for every call on a few boxes
class Shapes:
    """Shapes of N annotations, as the kernel counts them."""

    kinds: NDArray[np.uint8] | None = None  # (N,) `Kind`; None: all are of the only kind present
    boxes: NDArray[np.float64] | None = None  # (N, 4), x1 y1 x2 y2
    xy: NDArray[np.float64] | None = None  # (N, 2), one point per annotation
    discs: NDArray[np.float64] | None = None  # (N, 3), x, y and radius in cells
    polygons: Polygons | None = None
    masks: Masks | None = None
    points: Points | None = None
    lines: Lines | None = None
    bitmaps: Sequence[NDArray[np.generic]] | None = None  # N of one byte per pixel, (h, w)

    @property
    def noun(self) -> str:
        """Plural noun for the shapes: ``"boxes"``; ``"annotations"`` for several kinds."""
        if self.kinds is not None:
            return "annotations"
        for name in ("boxes", "xy", "discs", "polygons", "bitmaps", "masks", "lines", "points"):
            if getattr(self, name) is not None:
                return {"xy": "points", "bitmaps": "masks"}.get(name, name)
        return "annotations"

    def __len__(self) -> int:
        if self.boxes is not None:
            return len(self.boxes)
        columns = (self.kinds, self.xy, self.polygons, self.masks, self.bitmaps, self.lines)
        return next((len(column) for column in (*columns, self.discs) if column is not None), 0)
