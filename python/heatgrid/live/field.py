"""Heat grid with decay in constant time.

The grid stores heat divided by one running factor: decay multiplies the factor, and added amounts are divided
by it. The factor is multiplied into the cells long before it can underflow. All numbers are float64, so heat
has about 15 significant digits, and undecayed counts are exact up to 2**53.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.spec import check_choice
from heatgrid.viz import resize_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.kernel import Footprint, StampShape

    Cells = NDArray[np.float64]

OnResize = Literal["resample", "reset", "error"]

DEFAULT_DECAY = 0.99
"""Share of its heat that a cell keeps per update, by default."""

_SMALLEST = 2.0**-200
"""Factors below this are multiplied into the cells; heat below this becomes 0."""


class Decay:
    """Share of its heat that a cell keeps from update to update; parameters as in `heatgrid.LiveHeatmap`."""

    __slots__ = ("_decay", "_half_life")

    def __init__(self, decay: float, half_life: float | None) -> None:
        if not 0.0 <= decay <= 1.0:
            raise ValueError(f"decay must be in [0, 1], got {decay!r}")
        if half_life is not None and not (math.isfinite(half_life) and half_life > 0):
            raise ValueError(f"half_life must be greater than 0 seconds, got {half_life!r}")
        if half_life is not None and decay != DEFAULT_DECAY:
            raise ValueError("decay and half_life cannot be combined")
        self._decay, self._half_life = decay, half_life

    @property
    def is_active(self) -> bool:
        """Whether heat decays at all."""
        return self._decay < 1 or self._half_life is not None

    def share(self, seconds: float) -> float:
        """Return the share that a cell keeps over one update, which lasted ``seconds``."""
        return self._decay if self._half_life is None else 0.5 ** (seconds / self._half_life)


class Field:
    """Heat grid over frames of one size.

    Parameters are as in `heatgrid.LiveHeatmap`; without ``size``, the grid has no cells until `fit`.

    Attributes
    ----------
    scaled
        (rows, columns) float64: heat divided by ``factor``.
    factor
        Running product of all decay.
    size
        Width and height of the frames in pixels; None until it is known.
    """

    __slots__ = ("_cell", "_least_at", "_on_resize", "_top", "factor", "scaled", "size")

    def __init__(
        self, cell: float = 4.0, on_resize: OnResize = "resample", size: tuple[int, int] | None = None
    ) -> None:
        check_choice("on_resize", on_resize, get_args(OnResize))
        if not (math.isfinite(cell) and cell > 0):
            raise ValueError(f"cell must be greater than 0 pixels, got {cell!r}")
        self._cell, self._on_resize = cell, on_resize
        self.size: tuple[int, int] | None = None
        self._replace(np.zeros((0, 0)))
        if size is not None:
            self.fit(size)

    def _replace(self, scaled: Cells, factor: float = 1.0) -> None:
        """Use another grid of cells."""
        self.scaled, self.factor = scaled, factor
        self._top = float(scaled.max(initial=0.0))
        self._least_at = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.scaled.shape[0], self.scaled.shape[1]

    @property
    def heat(self) -> Cells:
        """(rows, columns) float64, a new array."""
        return self.scaled * self.factor

    @property
    def top(self) -> float:
        """The greatest heat of a cell; kept up to date, since all cells decay alike."""
        return self._top * self.factor

    @property
    def bottom(self) -> float:
        """The least heat of a cell; searched for only when the last known minimum is above 0."""
        if self.scaled.flat[self._least_at] > 0:
            self._least_at = int(self.scaled.argmin())
        return float(self.scaled.flat[self._least_at] * self.factor)

    def fit(self, size: tuple[int, int]) -> bool:
        """Adapt the grid to frames of this width and height; return whether the size is new."""
        if size == self.size:
            return False
        width, height = (_check_side(side) for side in size)
        shape = math.ceil(height / self._cell), math.ceil(width / self._cell)
        if self.size is None or self._on_resize == "reset":
            self._replace(np.zeros(shape))
        elif self._on_resize == "error":
            raise ValueError(f"frames must keep the size {self.size}, got {size}")
        else:
            self._replace(resize_grid(self.scaled, shape), self.factor)
        self.size = width, height
        return True

    def decay(self, share: float) -> None:
        """Let every cell keep this share of its heat, in [0, 1]."""
        self.factor *= share
        if self.factor < _SMALLEST:
            self.scaled *= self.factor
            self.scaled[self.scaled < _SMALLEST] = 0.0
            self._top = float(self.scaled.max())
            self.factor = 1.0

    def stamp(
        self,
        shape: StampShape,
        shapes: Any,
        amount: float,
        *,
        footprints: list[Footprint] | None = None,
        limits: NDArray[np.int64] | None = None,
    ) -> NDArray[np.uint8]:
        """Add ``amount`` per shape, as `heatgrid.core.kernel.stamp` does; return the outcome codes."""
        amounts = np.full(len(shapes), amount / self.factor)
        top, outcomes = kernel.stamp(
            self.scaled, shape, shapes, amounts, size=self.size, footprints=footprints, limits=limits
        )
        self._top = max(self._top, top)
        return outcomes

    def add(self, heat: Cells) -> None:
        """Add a grid of heat, cell by cell."""
        self.scaled += heat / self.factor
        self._top = float(self.scaled.max())

    def clear(self) -> None:
        """Set all heat to 0."""
        self._replace(np.zeros(self.shape))


def _check_side(pixels: float) -> int:
    if not (math.isfinite(pixels) and pixels >= 1 and int(pixels) == pixels):
        raise ValueError(f"size must be (width, height) in whole pixels, got {pixels!r}")
    return int(pixels)
