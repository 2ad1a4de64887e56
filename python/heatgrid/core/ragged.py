"""Geometry as columns: flat arrays and the offsets that cut them into annotations.

``offsets`` of n items are n + 1 non-decreasing integers from 0: item i is
``flat[offsets[i]:offsets[i + 1]]``, as in Arrow's list arrays and in what shapely calls ragged arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


class Kind(IntFlag):
    """What geometry an annotation has."""

    BOX = 1
    POLYGON = 2
    MASK = 4
    POINT = 8
    LINE = 16


class Flag(IntFlag):
    """What else an annotation says of itself."""

    CROWD = 1
    IGNORE = 2
    DIFFICULT = 4
    GROUP = 8
    OUTSIDE = 16
    TRUNCATED = 32


def offsets_of(lengths: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the offsets of items with these lengths."""
    lengths = np.asarray(lengths if isinstance(lengths, np.ndarray) else list(lengths), dtype=np.int64)
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def gather(
    offsets: NDArray[np.int64], index: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pick items by number.

    Returns
    -------
    positions
        Where the picked items' elements lie in the flat array, item after item.
    offsets
        The offsets of the picked items.
    """
    lengths = np.diff(offsets)[index]
    picked = offsets_of(lengths)
    positions = np.arange(picked[-1], dtype=np.int64) + np.repeat(offsets[index] - picked[:-1], lengths)
    return positions, picked


def any_of_each(marks: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each item whether any of its elements is marked."""
    return np.asarray(np.diff(offsets_of(marks)[offsets]) > 0)


def finite_rows(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rows hold finite numbers only."""
    finite = np.isfinite(values)
    if finite.all():  # nearly always, and asked in a fraction of the time
        return np.ones(len(values), dtype=bool)
    return np.asarray(finite.all(axis=1))


class WholeNumbers(Sequence[int]):
    """Whole numbers in an array, which become Python's own when they are asked for.

    Attributes
    ----------
    array
        (N,) int64.
    """

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
    """Return the values with these numbers."""
    if isinstance(values, WholeNumbers):
        return WholeNumbers(values.array[index])
    return [values[i] for i in index.tolist()]


def check_offsets(name: str, offsets: NDArray[np.int64], items: int, flat: int) -> None:
    """Raise ValueError unless ``offsets`` cut ``flat`` elements into ``items``."""
    if offsets.shape != (items + 1,):
        message = f"{name}: expected {items + 1} offsets, got shape {offsets.shape}"
        raise ValueError(message)
    if offsets[0] != 0 or offsets[-1] != flat or (np.diff(offsets) < 0).any():
        message = f"{name}: expected offsets that rise from 0 to {flat}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True, eq=False)
class Polygons:
    """Polygons of N annotations: each any number of parts, a part one outer ring and its holes.

    Attributes
    ----------
    coords
        (M, 2) float64, x and y of every vertex.
    rings
        (R + 1,) offsets into ``coords``.
    parts
        (P + 1,) offsets into the rings; the first ring of a part is its outer one.
    annotations
        (N + 1,) offsets into the parts; none where an annotation has no polygon.
    """

    coords: NDArray[np.float64]
    rings: NDArray[np.int64]
    parts: NDArray[np.int64]
    annotations: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.annotations) - 1

    @property
    def vertices(self) -> NDArray[np.int64]:
        """(N + 1,) offsets of the annotations straight into ``coords``."""
        return self.rings[self.parts[self.annotations]]

    def take(self, index: NDArray[np.int64]) -> Polygons:
        """Return the polygons of the annotations with these numbers."""
        parts, annotations = gather(self.annotations, index)
        rings, part_offsets = gather(self.parts, parts)
        vertices, ring_offsets = gather(self.rings, rings)
        return Polygons(self.coords[vertices], ring_offsets, part_offsets, annotations)

    def check(self, items: int) -> None:
        """Raise ValueError unless the offsets fit together and hold ``items`` annotations."""
        check_offsets("polygons.annotations", self.annotations, items, len(self.parts) - 1)
        check_offsets("polygons.parts", self.parts, len(self.parts) - 1, len(self.rings) - 1)
        check_offsets("polygons.rings", self.rings, len(self.rings) - 1, len(self.coords))


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points (keypoints) of N annotations.

    Attributes
    ----------
    coords
        (M, 2) float64, x and y.
    offsets
        (N + 1,) offsets into ``coords``.
    visible
        (M,) bool: whether the point was marked at all, be it occluded.
    """

    coords: NDArray[np.float64]
    offsets: NDArray[np.int64]
    visible: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, index: NDArray[np.int64]) -> Points:
        """Return the points of the annotations with these numbers."""
        positions, offsets = gather(self.offsets, index)
        return Points(self.coords[positions], offsets, self.visible[positions])

    def check(self, items: int) -> None:
        """Raise ValueError unless the offsets hold ``items`` annotations."""
        check_offsets("points.offsets", self.offsets, items, len(self.coords))


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Lines of N annotations: each any number of open paths.

    Attributes
    ----------
    coords
        (M, 2) float64, x and y of every vertex.
    paths
        (L + 1,) offsets into ``coords``.
    annotations
        (N + 1,) offsets into the paths; none where an annotation has no line.
    """

    coords: NDArray[np.float64]
    paths: NDArray[np.int64]
    annotations: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.annotations) - 1

    @property
    def vertices(self) -> NDArray[np.int64]:
        """(N + 1,) offsets of the annotations straight into ``coords``."""
        return self.paths[self.annotations]

    def take(self, index: NDArray[np.int64]) -> Lines:
        """Return the lines of the annotations with these numbers."""
        paths, annotations = gather(self.annotations, index)
        vertices, path_offsets = gather(self.paths, paths)
        return Lines(self.coords[vertices], path_offsets, annotations)

    def check(self, items: int) -> None:
        """Raise ValueError unless the offsets fit together and hold ``items`` annotations."""
        check_offsets("lines.annotations", self.annotations, items, len(self.paths) - 1)
        check_offsets("lines.paths", self.paths, len(self.paths) - 1, len(self.coords))


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """Run-length codes of N annotations, as their file has them, unchecked.

    An annotation has either characters (COCO's compressed code) or runs (uncompressed), or neither.

    Attributes
    ----------
    sizes
        (N, 2) int64, height and width in pixels; zeros where there is no mask.
    codes
        (C,) uint8, the characters of all compressed codes.
    code_offsets
        (N + 1,) offsets into ``codes``.
    runs
        (L,) int64, the run lengths of all uncompressed codes, beginning with unset pixels.
    run_offsets
        (N + 1,) offsets into ``runs``.
    column_major
        Whether the runs go down the columns (COCO) or along the rows (CVAT).
    """

    sizes: NDArray[np.int64]
    codes: NDArray[np.uint8]
    code_offsets: NDArray[np.int64]
    runs: NDArray[np.int64]
    run_offsets: NDArray[np.int64]
    column_major: bool = True

    def __len__(self) -> int:
        return len(self.sizes)

    def counts(self, i: int) -> bytes | NDArray[np.int64] | None:
        """Return the code of annotation ``i``: characters, run lengths, or None."""
        begin, end = self.code_offsets[i : i + 2]
        if end > begin:
            return self.codes[begin:end].tobytes()
        begin, end = self.run_offsets[i : i + 2]
        return self.runs[begin:end] if end > begin else None

    def take(self, index: NDArray[np.int64]) -> Masks:
        """Return the masks of the annotations with these numbers."""
        codes, code_offsets = gather(self.code_offsets, index)
        runs, run_offsets = gather(self.run_offsets, index)
        sizes, order = self.sizes[index], self.column_major
        return Masks(sizes, self.codes[codes], code_offsets, self.runs[runs], run_offsets, order)

    def check(self, items: int) -> None:
        """Raise ValueError unless the columns hold ``items`` annotations."""
        if self.sizes.shape != (items, 2):
            message = f"masks.sizes: expected shape ({items}, 2), got {self.sizes.shape}"
            raise ValueError(message)
        check_offsets("masks.code_offsets", self.code_offsets, items, len(self.codes))
        check_offsets("masks.run_offsets", self.run_offsets, items, len(self.runs))
