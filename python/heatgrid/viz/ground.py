"""What cells are laid on: the pixels they take, and the image below them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.colorize import check_background, overlay
from heatgrid.viz.resample import area_mean, enlarge, fitted

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from heatgrid.viz.resample import Interpolation

    Pixels = NDArray[np.uint8]

FEWEST, CELL, SLACK, LONGEST = 480, 160, 1.25, 3.0
"""Sides of a map: the least pixels, the most a cell where they are few, how far whole pixels a cell may
overshoot, and the longest shape of a map whose aspect nobody gave."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How cells become pixels: enlarged, or averaged in blocks."""

    height: int
    width: int
    blocks: tuple[int, int] = (1, 1)

    @classmethod
    def of(cls, shape: tuple[int, int], size: int, aspect: float | None) -> Self:
        """Fit a grid by a whole factor into about ``size`` pixels along its longer side.

        Parameters
        ----------
        shape
            Rows and columns.
        size
            Pixels.
        aspect
            Width over height, kept about; None: cells are square.
        """
        rows, columns = shape
        size = min(size, max(FEWEST, CELL * max(shape)))
        ratio = aspect or min(max(columns / rows, 1 / LONGEST), LONGEST)
        heights = _side(rows, size / max(ratio, 1.0))
        widths = _side(columns, size * min(ratio, 1.0))
        return cls(heights[0], widths[0], (heights[1], widths[1]))

    @classmethod
    def exactly(cls, shape: tuple[int, int], size: int, aspect: float) -> Self:
        """Fit a grid over an image, whose aspect is kept to the pixel, though cells may differ by one."""
        height = max(1, round(size / max(aspect, 1.0)))
        width = max(1, round(size * min(aspect, 1.0)))
        blocks = (math.ceil(shape[0] / height), math.ceil(shape[1] / width))
        return cls(height, width, blocks)

    def reduced(self, cells: Pixels) -> Pixels:
        """Return no more cells than there are pixels."""
        return cells if self.blocks == (1, 1) else area_mean(cells, self.blocks)


def _side(cells: int, room: float) -> tuple[int, int]:
    """Return the pixels of a side, and how many cells are averaged."""
    if cells <= room * SLACK:
        return cells * max(1, round(room / cells)), 1
    block = math.ceil(cells / (room * SLACK))
    return math.ceil(cells / block), block


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A place for cells.

    Attributes
    ----------
    fit
        Its size.
    interpolation
        How cells are stretched; see `heatgrid.viz.enlarge`.
    background
        (height, width, 3) uint8 at the size of the place, or None: white paper.
    opacity
        Of the cells, times their own.
    """

    fit: Fit
    interpolation: Interpolation = "nearest"
    background: Pixels | None = None
    opacity: float = 1.0

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        size: int,
        aspect: float | None,
        *,
        background: Pixels | None = None,
        opacity: float = 0.7,
        interpolation: Interpolation = "nearest",
    ) -> Self:
        """Make the place for a grid; over a background, the background's own aspect unless one is given."""
        if not 0.0 <= opacity <= 1.0:
            raise ValueError(f"opacity must be in [0, 1], got {opacity!r}")
        if background is None:
            return cls(Fit.of(shape, size, aspect), interpolation)
        check_background(background)
        fit = Fit.exactly(shape, size, aspect or background.shape[1] / background.shape[0])
        return cls(fit, interpolation, _below(background, fit), opacity)

    @property
    def plain(self) -> bool:
        """Whether cells are drawn as they are, with nothing below them."""
        return self.background is None and self.interpolation == "nearest"

    def pixels(self, cells: Pixels) -> Pixels:
        """Lay (rows, columns, 4) cells; return (height, width, 3) uint8."""
        cells = self.fit.reduced(cells)
        size = self.fit.height, self.fit.width
        if self.background is None:
            return over_paper(enlarge(cells, size, self.interpolation))
        laid = overlay(self.background, cells, opacity=self.opacity, interpolation=self.interpolation)
        return laid[..., :3]

    def swatches(self, colors: Pixels) -> Pixels:
        """Return what (…, 4) colours look like here, on the average of the background: (…, 4), opaque."""
        below = (255.0,) * 3 if self.background is None else self.background.mean(axis=(0, 1))
        alpha = colors[..., 3:] * (self.opacity / 255.0)
        mixed = np.full_like(colors, 255)
        mixed[..., :3] = np.rint(colors[..., :3] * alpha + below * (1.0 - alpha))
        return mixed


def over_paper(pixels: Pixels) -> Pixels:
    """Return the RGB of RGBA pixels on white paper."""
    alpha = pixels[..., 3:] / np.float32(255.0)
    opaque: Pixels = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return opaque


def _below(background: Pixels, fit: Fit) -> Pixels:
    """Return the RGB of a background at the size of its place."""
    image = fitted(background, (fit.height, fit.width))
    if image.ndim == 2:
        return np.repeat(image[..., np.newaxis], 3, axis=2)
    return over_paper(image) if image.shape[2] == 4 else image
