"""A grid of heat that fades as a whole, without a pass over its cells.

What is kept is the heat divided by one running factor. Fading multiplies the factor; what is added is divided
by it. All are doubles: counts are exact up to 2**53, seconds of a year's dwelling to a microsecond, and heat
that fades to some 15 digits, the factor being worked into the cells long before it could vanish.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import stamping
from heatgrid.viz import stretch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cells = NDArray[np.float64]

DECAY = 0.99
"""The share of its heat that a cell keeps from an update to the next, where nothing else is said."""

_SMALL = 2.0**-200
"""Of the factor, when it is worked into the cells; and of heat, when it has faded to nothing."""


class Fading:
    """How much of its heat a cell keeps.

    Parameters
    ----------
    decay
        The share from an update to the next, in [0, 1]; 1: heat stays.
    half_life
        Seconds in which heat halves, in the place of ``decay``; or None.

    Raises
    ------
    ValueError
        A number is none of these, or both are given.
    """

    __slots__ = ("_decay", "_half_life")

    def __init__(self, decay: float, half_life: float | None) -> None:
        if not 0.0 <= decay <= 1.0:
            raise ValueError(f"decay must be in [0, 1], got {decay!r}")
        if half_life is not None and not (math.isfinite(half_life) and half_life > 0):
            raise ValueError(f"half_life must be greater than 0 seconds, got {half_life!r}")
        if half_life is not None and decay != DECAY:
            raise ValueError("decay and half_life are two ways to fade: give one of them")
        self._decay, self._half_life = decay, half_life

    @property
    def fades(self) -> bool:
        """Whether heat fades at all."""
        return self._decay < 1 or self._half_life is not None

    def share(self, seconds: float) -> float:
        """Return what a cell keeps from an update to the next, so many seconds later."""
        return self._decay if self._half_life is None else 0.5 ** (seconds / self._half_life)


class Field:
    """Heat on a grid.

    Parameters
    ----------
    shape
        Rows and columns.

    Attributes
    ----------
    kept
        (rows, columns) float64: heat divided by ``factor``.
    factor
        What a kept 1 is worth by now.
    """

    __slots__ = ("_kept_top", "_zero_at", "factor", "kept")

    def __init__(self, shape: tuple[int, int]) -> None:
        self.kept: Cells = np.zeros(shape)
        self.factor = 1.0
        self._kept_top = 0.0
        self._zero_at = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.kept.shape[0], self.kept.shape[1]

    @property
    def heat(self) -> Cells:
        """(rows, columns) float64, a new array."""
        return self.kept * self.factor

    @property
    def top(self) -> float:
        """The greatest heat of a cell, known without looking, since all cells fade alike."""
        return self._kept_top * self.factor

    @property
    def bottom(self) -> float:
        """The least heat of a cell: 0 as long as a cell is known that was never hit, else searched for."""
        if self.kept.flat[self._zero_at] > 0:
            self._zero_at = int(self.kept.argmin())
        return float(self.kept.flat[self._zero_at] * self.factor)

    def fade(self, share: float) -> None:
        """Let every cell keep this share of its heat, in [0, 1]."""
        self.factor *= share
        if self.factor < _SMALL:
            self._settle()

    def _settle(self) -> None:
        """Work the factor into the cells."""
        self.kept *= self.factor
        self.kept[self.kept < _SMALL] = 0.0
        self._kept_top = float(self.kept.max())
        self.factor = 1.0

    def stamp(self, kind: str, shapes: Any, amount: float, **options: Any) -> NDArray[np.uint8]:
        """Add shapes, each ``amount``, as `heatgrid.core.stamping.stamp` does; return what became of each."""
        amounts = np.full(len(shapes), amount / self.factor)
        top, outcomes = stamping.stamp(self.kept, kind, shapes, amounts, **options)
        self._kept_top = max(self._kept_top, top)
        return outcomes

    def add(self, heat: Cells) -> None:
        """Add another grid's heat, cell by cell."""
        self.kept += heat / self.factor
        self._kept_top = float(self.kept.max())

    def resample(self, shape: tuple[int, int]) -> None:
        """Bring the heat to another grid, bilinearly between the centres of cells."""
        self.kept = stretch(self.kept, shape)
        self._kept_top = float(self.kept.max())
        self._zero_at = 0

    def clear(self) -> None:
        """Take all heat away."""
        self.kept[:] = 0.0
        self.factor, self._kept_top, self._zero_at = 1.0, 0.0, 0
