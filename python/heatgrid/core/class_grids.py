"""Counts by class: a stack of planes on one grid, its classes known by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

_MOST = np.iinfo(np.int64).max


class Planes:
    """A plane of counts a class, or one plane where there are no classes.

    Parameters
    ----------
    shape
        Rows and columns of the grid.
    classes
        Names of the classes, each once; None: one plane without a name.
    dtype
        int64, or float64 for weights and areas.
    has_union
        Whether classes do not simply add up, so that all together need a plane of their own.

    Attributes
    ----------
    counts
        (planes, rows, columns).
    classes
        Names in the order of the planes, or None.
    union
        (rows, columns), all classes together, where that is not their sum; else None.
    """

    __slots__ = ("classes", "counts", "union")

    def __init__(
        self,
        shape: tuple[int, int],
        classes: Iterable[str] | None = None,
        dtype: type[np.generic] = np.int64,
        *,
        has_union: bool = False,
    ) -> None:
        self.classes = None if classes is None else class_names(classes)
        planes = 1 if self.classes is None else len(self.classes)
        self.counts: NDArray[Any] = np.zeros((planes, *shape), dtype=dtype)
        self.union: NDArray[Any] | None = None
        if has_union and self.classes is not None:
            self.union = np.zeros(shape, dtype=dtype)

    def total(self) -> NDArray[Any]:
        """Return all classes together, (rows, columns), as an array of its own."""
        if self.union is not None:
            return self.union.copy()
        total: NDArray[Any] = self.counts.sum(axis=0)
        return total

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return self.counts.shape[1], self.counts.shape[2]

    @property
    def bound(self) -> int:
        """A number that no cell's count exceeds, in whatever way classes are added up."""
        by_class = sum(_largest(plane) for plane in self.counts)
        return by_class if self.union is None else max(by_class, _largest(self.union))

    def place(self, name: str) -> int:
        """Return the number of a class's plane.

        Raises
        ------
        KeyError
            There is no such class.
        """
        if self.classes is None:
            raise KeyError(f"no class {name!r}: the map was made without classes")
        if name not in self.classes:
            raise KeyError(
                f"no class {name!r}; classes are {', '.join(map(repr, self.classes)) or 'none yet'}"
            )
        return self.classes.index(name)

    def numbers(self, labels: ArrayLike | Sequence[str] | None) -> ArrayLike | None:
        """Return labels as numbers of planes, be they numbers or names; None where there is one plane.

        Raises
        ------
        ValueError
            Labels are missing, not asked for, or name a class that is not there.
        """
        if labels is None:
            if len(self.counts) != 1:
                raise ValueError("labels must be given: the map has classes")
            return None
        if self.classes is None:
            raise ValueError("labels must not be given: the map was made without classes")
        array = np.asarray(labels)
        if array.dtype.kind not in "UOT":
            return array
        numbers = {name: i for i, name in enumerate(self.classes)}
        unknown = next((name for name in array.ravel().tolist() if name not in numbers), None)
        if unknown is not None:
            raise ValueError(f"labels must name classes of the map, got {unknown!r}")
        flat = [numbers[name] for name in array.ravel().tolist()]
        return np.array(flat, dtype=np.int64).reshape(array.shape)

    def grow(self, classes: Iterable[str]) -> None:
        """Append planes for the classes that have none yet.

        Raises
        ------
        TypeError
            A class is not a string.
        ValueError
            There are no classes here, or one is given twice.
        """
        if self.classes is None:
            raise ValueError("a map made without classes cannot grow classes")
        known = set(self.classes)
        new = [name for name in class_names(classes) if name not in known]
        if new:
            empty = np.zeros((len(new), *self.shape), dtype=self.counts.dtype)
            self.counts = np.concatenate([self.counts, empty])
            self.classes = (*self.classes, *new)

    def fill(self, counts: NDArray[Any], union: NDArray[Any] | None = None) -> None:
        """Replace all counts.

        Raises
        ------
        ValueError
            An array is missing or not asked for, has another shape or dtype, holds NaN, or the classes
            together do not fit in int64.
        """
        _check_like("counts", counts, self.counts)
        if (union is None) != (self.union is None):
            raise ValueError("union must be given where classes do not add up, and only there")
        if union is not None and self.union is not None:
            _check_like("union", union, self.union)
        previous = self.counts, self.union
        self.counts, self.union = counts.copy(), None if union is None else union.copy()
        if self._overflows():
            self.counts, self.union = previous
            raise ValueError("counts must fit in int64, all classes together")

    def _overflows(self, other: Planes | None = None) -> bool:
        if self.counts.dtype != np.int64:
            return False
        return self.bound + (0 if other is None else other.bound) > _MOST

    def add(self, other: Planes, sign: int = 1) -> None:
        """Add counts of the same classes, matched by name, or take them off with ``sign=-1``.

        Raises
        ------
        OverflowError
            The sums do not fit in int64.
        ValueError
            Only one of the two has classes.
        """
        if (self.classes is None) != (other.classes is None):
            raise ValueError("maps must both have classes, or neither")
        if self._overflows(other):
            raise OverflowError("the counts of the two maps together do not fit in int64")
        places = [0]
        if self.classes is not None and other.classes is not None:
            self.grow(other.classes)
            numbers = {name: i for i, name in enumerate(self.classes)}
            places = [numbers[name] for name in other.classes]
        for place, plane in zip(places, other.counts, strict=True):
            self.counts[place] += sign * plane
        if self.union is not None and other.union is not None:
            self.union += sign * other.union

    def equals(self, other: Planes) -> bool:
        """Whether both have the same classes, in whatever order, with equal counts."""
        if self.classes is None or other.classes is None:
            same = self.classes is other.classes
            return same and np.array_equal(self.counts, other.counts)
        if set(self.classes) != set(other.classes):
            return False
        if self.union is not None and other.union is not None and not np.array_equal(self.union, other.union):
            return False
        numbers = {name: i for i, name in enumerate(other.classes)}
        planes = zip(self.classes, self.counts, strict=True)
        return all(np.array_equal(plane, other.counts[numbers[name]]) for name, plane in planes)


def _largest(plane: NDArray[Any]) -> int:
    return max(abs(int(plane.min())), abs(int(plane.max())))


def _check_like(name: str, given: NDArray[Any], own: NDArray[Any]) -> None:
    if given.dtype != own.dtype or given.shape != own.shape:
        expected = f"{own.dtype} of shape {own.shape}"
        raise ValueError(f"{name} must be {expected}, got {given.dtype} of shape {given.shape}")
    if given.dtype.kind == "f" and np.isnan(given).any():
        raise ValueError(f"{name} must be numbers, got NaN among them")


def class_names(classes: Iterable[str]) -> tuple[str, ...]:
    """Return names of classes, or say why they cannot be that.

    Raises
    ------
    TypeError
        One string is given instead of several, or something that is no string.
    ValueError
        A name is given twice.
    """
    if isinstance(classes, str):
        raise TypeError(f"classes must be several names, got the one string {classes!r}")
    names = tuple(classes)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"classes must be strings, got {names!r}")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"classes must differ, got {twice!r} twice")
    return names
