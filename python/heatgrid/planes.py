"""Counts by class: a stack of planes on one grid, its classes known by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

    Attributes
    ----------
    counts
        (planes, rows, columns) int64.
    classes
        Names in the order of the planes, or None.
    """

    __slots__ = ("classes", "counts")

    def __init__(self, shape: tuple[int, int], classes: Iterable[str] | None = None) -> None:
        self.classes = None if classes is None else class_names(classes)
        self.counts = np.zeros((1 if self.classes is None else len(self.classes), *shape), dtype=np.int64)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return self.counts.shape[1], self.counts.shape[2]

    @property
    def bound(self) -> int:
        """A number that no cell's count exceeds, in whatever way classes are added up."""
        return sum(max(abs(int(plane.min())), abs(int(plane.max()))) for plane in self.counts)

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
            self.counts = np.concatenate([self.counts, np.zeros((len(new), *self.shape), dtype=np.int64)])
            self.classes = (*self.classes, *new)

    def fill(self, counts: NDArray[np.int64]) -> None:
        """Replace all counts.

        Raises
        ------
        ValueError
            The array has another shape or dtype, or the classes together do not fit in int64.
        """
        if counts.dtype != np.int64 or counts.shape != self.counts.shape:
            expected = f"int64 of shape {self.counts.shape}"
            raise ValueError(f"counts must be {expected}, got {counts.dtype} of shape {counts.shape}")
        previous = self.counts
        self.counts = counts.copy()
        if self.bound > _MOST:
            self.counts = previous
            raise ValueError("counts must fit in int64, all classes together")

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
        if self.bound + other.bound > _MOST:
            raise OverflowError("the counts of the two maps together do not fit in int64")
        places = [0]
        if self.classes is not None and other.classes is not None:
            self.grow(other.classes)
            numbers = {name: i for i, name in enumerate(self.classes)}
            places = [numbers[name] for name in other.classes]
        for place, plane in zip(places, other.counts, strict=True):
            self.counts[place] += sign * plane

    def equals(self, other: Planes) -> bool:
        """Whether both have the same classes, in whatever order, with equal counts."""
        if self.classes is None or other.classes is None:
            same = self.classes is other.classes
            return same and np.array_equal(self.counts, other.counts)
        if set(self.classes) != set(other.classes):
            return False
        numbers = {name: i for i, name in enumerate(other.classes)}
        planes = zip(self.classes, self.counts, strict=True)
        return all(np.array_equal(plane, other.counts[numbers[name]]) for name, plane in planes)


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
