"""Class grids: one grid of counts per class, addressed by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.arguments import as_array
from heatgrid.core.spec import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

_MAX = np.iinfo(np.int64).max
_BLOCK = 1 << 16
_TOO_LARGE = "counts do not fit in int64"

NO_CLASS = "(none)"
"""The class of annotations without a class."""


class ClassGrids:
    """One grid per class, or a single grid if ``classes`` is None.

    ``counts`` is (grids, rows, columns), int64, or float64 for weights and areas. ``union`` is (rows,
    columns), all classes together, if classes do not simply add up (images); else None. Only with
    ``has_gaps``, cells may be NaN: no data.
    """

    __slots__ = ("classes", "counts", "has_gaps", "union")

    def __init__(
        self,
        shape: tuple[int, int],
        classes: Iterable[str] | None = None,
        dtype: type[np.generic] = np.int64,
        *,
        has_union: bool = False,
        has_gaps: bool = False,
    ) -> None:
        self.has_gaps = has_gaps
        self.classes = None if classes is None else class_names(classes)
        grids = 1 if self.classes is None else len(self.classes)
        self.counts: NDArray[Any] = np.zeros((grids, *shape), dtype=dtype)
        self.union: NDArray[Any] | None = None
        if has_union and self.classes is not None:
            self.union = np.zeros(shape, dtype=dtype)

    def total(self) -> NDArray[Any]:
        """Return all classes together, (rows, columns), as a new array, or raise OverflowError."""
        if self.union is not None:
            return self.union.copy()
        _check_total(self.counts)
        total: NDArray[Any] = self.counts.sum(axis=0)
        return total

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.counts.shape[1], self.counts.shape[2]

    def index(self, name: str) -> int:
        """Return the index of a class's grid; raise KeyError if there is none."""
        if self.classes is None:
            raise KeyError(f"no class {name!r}: the map was created without classes")
        if name not in self.classes:
            known = ", ".join(map(repr, self.classes[:10])) + (", …" if len(self.classes) > 10 else "")
            raise KeyError(
                f"no class {name!r}{suggestion(name, self.classes)}; classes are {known or 'none yet'}"
            )
        return self.classes.index(name)

    def match(self, names: Sequence[str], label: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return the grid of each annotation, -1 where its class has none; None without classes."""
        if self.classes is None:
            return None
        if names == self.classes:
            return label
        grid_of = {name: i for i, name in enumerate(self.classes)}
        mapping = np.array([grid_of.get(name, -1) for name in names], dtype=np.int64)
        return mapping[label] if len(label) else label

    def indices(self, labels: ArrayLike | Sequence[str] | None) -> ArrayLike | None:
        """Return labels, passed as numbers or names, as grid indices; None if there is a single grid."""
        if labels is None:
            if len(self.counts) != 1:
                raise ValueError("labels are required: the map has classes")
            return None
        array = as_array(labels, "labels")
        if self.classes is None and array.shape == (0,):
            return None
        if self.classes is None:
            raise ValueError("labels must be names, or the map must have classes")
        if array.dtype.kind not in "UOT":
            return array
        grid_of = {name: i for i, name in enumerate(self.classes)}
        names = array.ravel().tolist()
        unknown = next((name for name in names if name not in grid_of), None)
        if unknown is not None:
            raise ValueError(f"labels must name classes of the map, got {unknown!r}")
        return np.array([grid_of[name] for name in names], dtype=np.int64).reshape(array.shape)

    def begin_classes(self, *, has_union: bool) -> None:
        """Turn a single grid into a grid of `NO_CLASS`, or into none if it is empty."""
        if self.classes is None:
            if has_union:
                self.union = self.counts[0].copy()
            self.classes = (NO_CLASS,) if self.counts.any() else ()
            self.counts = self.counts[: len(self.classes)]

    def grow(self, classes: Iterable[str]) -> bool:
        """Append grids for the classes that have none yet, and return whether all grids are new.

        Raise ValueError without classes.
        """
        if self.classes is None:
            raise ValueError("a map created without classes cannot grow classes")
        known = set(self.classes)
        new = [name for name in class_names(classes) if name not in known]
        if new:
            empty = np.zeros((len(new), *self.shape), dtype=self.counts.dtype)
            self.counts = np.concatenate([self.counts, empty]) if known else empty  # touches no memory
            self.classes = (*self.classes, *new)
        return bool(new) and not known

    def fill(self, counts: NDArray[Any], union: NDArray[Any] | None = None, *, copy: bool = True) -> None:
        """Replace all counts by arrays of the same shape and dtype, which are kept unless ``copy``.

        Raise OverflowError if their sum does not fit in int64.
        """
        _check_like("counts", counts, self.counts, has_gaps=self.has_gaps)
        if (union is None) != (self.union is None):
            raise ValueError("union is required if and only if images are counted by class")
        if union is not None and self.union is not None:
            _check_like("union", union, self.union, has_gaps=self.has_gaps)
        _check_total(counts)
        if copy:
            counts, union = counts.copy(), None if union is None else union.copy()
        self.counts, self.union = counts, union

    def add(self, other: ClassGrids, sign: int = 1) -> None:
        """Add counts, matching classes by name, or subtract them with ``sign=-1``.

        Raise OverflowError, before anything is changed, if a result does not fit in int64, ValueError if only
        one of the two has classes.
        """
        if (self.classes is None) != (other.classes is None):
            raise ValueError("maps must both have classes, or neither")
        add = np.add if sign == 1 else np.subtract
        names = other.classes or ()
        known = {name: i for i, name in enumerate(self.classes or ())}
        known |= {name: len(known) + i for i, name in enumerate(n for n in names if n not in known)}
        indices = [known[name] for name in names] if self.classes is not None else [0]
        for index, grid in zip(indices, other.counts, strict=True):
            _check_sum(add, self.counts[index] if index < len(self.counts) else np.zeros_like(grid), grid)
        if self.union is not None and other.union is not None:
            _check_sum(add, self.union, other.union)
        if names:
            self.grow(names)
        if self.union is not None and other.union is not None:
            add(self.union, other.union, out=self.union)
        for index, grid in zip(indices, other.counts, strict=True):
            add(self.counts[index], grid, out=self.counts[index])

    def __eq__(self, other: object) -> bool:
        """Return whether both have the same classes, in any order, with equal counts."""
        if not isinstance(other, ClassGrids):
            return NotImplemented
        if self.classes is None or other.classes is None:
            return self.classes is other.classes and _are_equal(self.counts, other.counts)
        if set(self.classes) != set(other.classes):
            return False
        if self.union is not None and other.union is not None and not _are_equal(self.union, other.union):
            return False
        grid_of = {name: i for i, name in enumerate(other.classes)}
        pairs = zip(self.classes, self.counts, strict=True)
        return all(_are_equal(grid, other.counts[grid_of[name]]) for name, grid in pairs)

    __hash__ = None  # type: ignore[assignment]  # counts change


def _are_equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _check_total(counts: NDArray[Any]) -> None:
    """Raise OverflowError unless the sum of all grids fits in int64."""
    if counts.dtype != np.int64 or len(counts) < 2 or len(counts) * _largest(counts) <= _MAX:
        return
    flat = counts.reshape(len(counts), -1)
    for start in range(0, flat.shape[1], _BLOCK):
        cells = flat[:, start : start + _BLOCK]
        halves = (cells >> 32).sum(axis=0) + ((cells & 0xFFFFFFFF).sum(axis=0) >> 32)
        if (halves != cells.sum(axis=0) >> 32).any():
            raise OverflowError(_TOO_LARGE)


def _largest(counts: NDArray[Any]) -> int:
    return max(abs(int(counts.min())), abs(int(counts.max())))


def _check_sum(add: np.ufunc, one: NDArray[Any], other: NDArray[Any]) -> None:
    """Raise OverflowError unless the sum or difference of two grids fits."""
    if one.dtype != np.int64 or _largest(one) + _largest(other) <= _MAX:
        return
    result = add(one, other)
    signs = (one ^ result) & (other ^ result if add is np.add else one ^ other)
    if (signs < 0).any():
        noun = "sum" if add is np.add else "difference"
        raise OverflowError(f"the {noun} of the two maps does not fit in int64")


def _check_like(name: str, values: NDArray[Any], own: NDArray[Any], *, has_gaps: bool) -> None:
    values = as_array(values, name)
    if values.dtype != own.dtype or values.shape != own.shape:
        expected = f"{own.dtype} of shape {own.shape}"
        raise ValueError(f"{name} must be {expected}, got {values.dtype} of shape {values.shape}")
    if values.dtype.kind != "f" or not values.size:
        return
    ends = np.fmin.reduce(values, None), np.fmax.reduce(values, None)  # without NaN, unless there is no other
    if has_gaps and np.isnan(ends).all():
        return
    if not np.isfinite(ends if has_gaps else [values.min(), values.max()]).all():
        raise ValueError(f"{name} must be finite")


def class_names(classes: Iterable[str], argument: str = "classes") -> tuple[str, ...]:
    """Return class names as a tuple; raise TypeError or ValueError unless they are distinct strings."""
    if isinstance(classes, str):
        raise TypeError(f"{argument} must be several names, got the single string {classes!r}")
    names = tuple(classes)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"{argument} must be strings, got {names!r}")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{argument} must be distinct, got {twice!r} twice")
    return names
