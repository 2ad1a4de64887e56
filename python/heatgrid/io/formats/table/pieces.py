"""What must be known of the rows before, of a table that is read in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatgrid.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.report import Report

CHANGED = "coordinates near [0, 1] at first and far from it later: say normalized=True or normalized=False"

_NEAR = 2.0  # as far as coordinates reach that are divided by their image's size


class Pieces:
    """The rows of a table so far.

    Attributes
    ----------
    splits
        The splits of their images.
    """

    def __init__(self) -> None:
        self.splits: set[str | None] = set()
        self._finite = self._far = self._fractions = False
        self._divided: bool | None = None
        self._notes: set[str] = set()
        # A hash each, in rising order: names would take the memory that is spared.
        self._images = np.zeros(0, dtype=np.int64)

    def see(self, boxes: NDArray[np.float64]) -> None:
        """Take the next boxes into account; those that are not finite tell nothing."""
        finite = boxes[np.isfinite(boxes).all(axis=1)]
        self._finite |= len(finite) > 0
        self._far |= bool((np.abs(finite) > _NEAR).any())
        self._fractions |= bool((finite % 1 != 0).any())

    def is_divided(self, *, whole: bool, file: str) -> bool:
        """Tell by their range whether coordinates are divided by their image's size.

        Parameters
        ----------
        whole
            What to say where all near ones are whole.
        file
            The table.

        Raises
        ------
        FormatError
            What was said of the rows before does not hold any more.
        """
        if not self._finite:
            return whole
        divided = not self._far and (self._fractions or whole)
        if self._divided is not None and divided != self._divided:
            raise FormatError(CHANGED, file)
        self._divided = divided
        return divided

    def note_once(self, report: Report, text: str, file: str) -> None:
        """Note what holds for all of the table."""
        if text not in self._notes:
            self._notes.add(text)
            report.note(text, where=file)

    def count_again(self, names: Sequence[str], *, more: bool) -> int:
        """Return how many images were there before; they are remembered where there is more to come."""
        if not more and not len(self._images):
            return 0
        hashes = np.sort(np.fromiter(map(hash, names), dtype=np.int64, count=len(names)))
        places = np.searchsorted(self._images, hashes)
        known = places < len(self._images)
        again = int((self._images[places[known]] == hashes[known]).sum())
        if more:
            self._images = np.sort(np.concatenate([self._images, hashes]), kind="stable")
        return again
