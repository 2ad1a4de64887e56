"""YOLO's classes: names by number, from a data set's own lists, and a name for every number without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.io.files import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


UNNAMED = "class number without a name, kept as class_<number>"


class ClassTable:
    """Class names in their order, and the place of each class number among them.

    Parameters
    ----------
    given
        Names by number, as the data set has them; equal names become one class.

    Attributes
    ----------
    names
        The names; numbers without one add theirs at the end when they are met.
    merged
        How many numbers share the name of another.
    """

    def __init__(self, given: Mapping[int, str]) -> None:
        self.names: list[str] = []
        self._place: dict[int, int] = {}
        self._place_of_name: dict[str, int] = {}
        for number, name in sorted(given.items()):
            self._add(number, clean(name))
        self.merged = len(given) - len(self.names)
        self._given = frozenset(given)

    def _add(self, number: int, name: str) -> int:
        place = self._place_of_name.setdefault(name, len(self.names))
        if place == len(self.names):
            self.names.append(name)
        self._place[number] = place
        return place

    def labels(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the places of class numbers in ``names``, and which of them the data set names."""
        different, inverse = np.unique(numbers, return_inverse=True)
        places = [
            self._place[number] if number in self._place else self._add(number, f"class_{number}")
            for number in different.tolist()
        ]
        given = np.array([number in self._given for number in different.tolist()], dtype=bool)
        return np.array(places, dtype=np.int64)[inverse], given[inverse]
