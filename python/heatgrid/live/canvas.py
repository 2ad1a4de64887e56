"""The field under a video's frames, which may change their size."""

from __future__ import annotations

import math
from typing import Literal, get_args

from heatgrid.live.field import Field

OnResize = Literal["resample", "reset", "error"]


class Canvas:
    """A field of cells under frames of one size, brought to another when the frames have it.

    Parameters
    ----------
    cell
        Side of a cell in pixels, about: rows and columns are the frame's height and width over it, rounded
        up.
    on_resize
        When frames have another size: ``"resample"`` the heat, ``"reset"`` it, or raise an ``"error"``.

    Attributes
    ----------
    size
        Width and height of the frames in pixels; None until they are known.

    Raises
    ------
    ValueError
        An option has a wrong value.
    """

    __slots__ = ("_cell", "_field", "_on_resize", "size")

    def __init__(self, cell: float, on_resize: OnResize) -> None:
        if on_resize not in get_args(OnResize):
            raise ValueError(f"on_resize must be one of {', '.join(get_args(OnResize))}, got {on_resize!r}")
        if not (math.isfinite(cell) and cell > 0):
            raise ValueError(f"cell must be greater than 0 pixels, got {cell!r}")
        self._cell, self._on_resize = cell, on_resize
        self._field: Field | None = None
        self.size: tuple[int, int] | None = None

    @property
    def field(self) -> Field:
        """The field.

        Raises
        ------
        ValueError
            There is none before the size of the frames is known.
        """
        if self._field is None:
            raise ValueError("size must be given: there is no map before the size of the frames is known")
        return self._field

    def fit(self, size: tuple[int, int]) -> bool:
        """Bring the field to frames of this width and height; return whether they are of another size.

        Raises
        ------
        ValueError
            It is no size, or frames must keep theirs.
        """
        if size == self.size:
            return False
        width, height = (_side(side) for side in size)
        shape = math.ceil(height / self._cell), math.ceil(width / self._cell)
        if self._field is None or self._on_resize == "reset":
            self._field = Field(shape)
        elif self._on_resize == "error":
            raise ValueError(f"frames must keep the size {self.size}, got {size}")
        else:
            self._field.resample(shape)
        self.size = width, height
        return True


def _side(pixels: float) -> int:
    if not (math.isfinite(pixels) and pixels >= 1 and int(pixels) == pixels):
        raise ValueError(f"size must be (width, height) in whole pixels, got {pixels!r}")
    return int(pixels)
