"""Cells of a table turned into numbers, a column at a time, and the few odd ones by themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EMPTY, NOT_A_NUMBER, DECIMAL_COMMA = 1, 2, 4
"""What may be odd about a cell."""


def numbers(cells: Sequence[str] | NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the numbers in a column, NaN where there is none, and what is odd about its cells."""
    if isinstance(cells, np.ndarray):
        return cells, np.where(np.isnan(cells), EMPTY, 0).astype(np.uint8)
    joined = "".join(cells)
    if joined.isascii() and "_" not in joined:  # Python's float takes 1_000, which no table means
        try:
            values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
        except ValueError:
            pass
        else:
            return values, np.zeros(len(cells), dtype=np.uint8)
    return odd_numbers(cells)


def odd_numbers(cells: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the same as `numbers`, cell by cell, with decimal commas understood."""
    judged = [_number(cell.strip()) for cell in cells]
    values = np.array([value for value, _ in judged], dtype=np.float64)
    return values, np.array([odd for _, odd in judged], dtype=np.uint8)


def _number(text: str) -> tuple[float, int]:
    if not text:
        return math.nan, EMPTY
    comma = text.count(",") == 1 and "." not in text
    plain = text.replace(",", ".") if comma else text
    try:
        if "_" not in text and text.isascii():
            return float(plain), DECIMAL_COMMA if comma else 0
    except ValueError:
        pass
    return math.nan, NOT_A_NUMBER


def marks(cells: Sequence[str] | NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which cells of a column say yes."""
    if isinstance(cells, np.ndarray):
        return np.asarray(cells > 0)
    yes = {cell for cell in set(cells) if _says_yes(cell.strip().lower())}
    return np.fromiter(map(yes.__contains__, cells), dtype=bool, count=len(cells))


def _says_yes(text: str) -> bool:
    value, odd = _number(text)
    return text in {"true", "yes", "t", "y"} or (not odd & NOT_A_NUMBER and value > 0)


class NameTable:
    """Names numbered in the order in which they are met.

    Attributes
    ----------
    names
        The names.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._place_of_name: dict[str, int] = {}
        self._place: dict[str, int] = {}

    def place(self, cell: str, name: str) -> int:
        """Return the number of a name, and remember what cell it is written as."""
        number = self._place_of_name.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        self._place[cell] = number
        return number

    def unknown(self, cells: Sequence[str]) -> list[str]:
        """Return the cells without a number, each once, in their order."""
        return [cell for cell in dict.fromkeys(cells) if cell not in self._place]

    def places(self, cells: Sequence[str]) -> NDArray[np.int64]:
        """Return the numbers of cells that all have one."""
        return np.fromiter(map(self._place.__getitem__, cells), dtype=np.int64, count=len(cells))
