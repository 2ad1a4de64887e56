"""Layout of a map: the pixels that its cells cover, and the image below them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.pixels import (
    area_mean,
    check_background,
    check_share,
    enlarge,
    over_white,
    overlay,
    resize_image,
)

if TYPE_CHECKING:
    from typing import Self

    from heatgrid.viz.options import Interpolation, Pixels

MIN_SIZE, MAX_CELL, SLACK = 480, 160, 1.25
"""Limits of a map's longer side: pixels, pixels per cell, and tolerance for whole pixels per cell."""
MAX_ASPECT = 3.0
"""Maximum ratio of the sides of a map without an aspect option; up to there cells are square."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Rectangle of a map: size, cells per averaged block, and the background, None for white."""

    height: int
    width: int
    blocks: tuple[int, int] = (1, 1)
    interpolation: Interpolation = "nearest"
    background: Pixels | None = None
    opacity: float = 1.0

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        size: int,
        aspect: float | None = None,
        *,
        background: Pixels | None = None,
        opacity: float = 0.7,
        interpolation: Interpolation = "nearest",
    ) -> Self:
        """Return the layout of a grid.

        Without a background, cells are whole pixels, and ``size`` and ``aspect`` are approximate. With one,
        both are exact, and cells may differ by one pixel.
        """
        check_share("opacity", opacity)
        if background is None:
            size = min(size, max(MIN_SIZE, MAX_CELL * max(shape)))
            ratio = aspect or limited_aspect(shape)
            heights = _side(shape[0], size / max(ratio, 1.0))
            widths = _side(shape[1], size * min(ratio, 1.0))
            return cls(heights[0], widths[0], (heights[1], widths[1]), interpolation)
        check_background(background)
        ratio = aspect or background.shape[1] / background.shape[0]
        height = max(1, round(size / max(ratio, 1.0)))
        width = max(1, round(size * min(ratio, 1.0)))
        blocks = (math.ceil(shape[0] / height), math.ceil(shape[1] / width))
        image = resize_image(background, (height, width))
        if image.ndim == 2:
            image = np.repeat(image[..., np.newaxis], 3, axis=2)
        elif image.shape[2] == 4:
            image = over_white(image)
        return cls(height, width, blocks, interpolation, image, opacity)

    @property
    def is_plain(self) -> bool:
        """Whether cells are drawn unchanged and with nothing below them."""
        return self.background is None and self.interpolation == "nearest"

    def reduced(self, cells: Pixels) -> Pixels:
        """Return at most as many cells as pixels."""
        return cells if self.blocks == (1, 1) else area_mean(cells, self.blocks)

    def pixels(self, cells: Pixels) -> Pixels:
        """Return (height, width, 3) uint8 of (rows, columns, 4) cells."""
        cells = self.reduced(cells)
        if self.background is None:
            return over_white(enlarge(cells, (self.height, self.width), self.interpolation))
        above = overlay(self.background, cells, opacity=self.opacity, interpolation=self.interpolation)
        return above[..., :3]

    def swatches(self, colors: Pixels) -> Pixels:
        """Return opaque (..., 4) colors as they look over the mean of the background."""
        below = (255.0,) * 3 if self.background is None else self.background.mean(axis=(0, 1))
        alpha = colors[..., 3:] * (self.opacity / 255.0)
        mixed = np.full_like(colors, 255)
        mixed[..., :3] = np.rint(colors[..., :3] * alpha + below * (1.0 - alpha))
        return mixed


def limited_aspect(shape: tuple[int, ...]) -> float:
    """Return width over height of square cells, limited to `MAX_ASPECT`."""
    return min(max(shape[1] / shape[0], 1 / MAX_ASPECT), MAX_ASPECT)


def _side(cells: int, length: float) -> tuple[int, int]:
    """Return the pixels of a side, and the number of cells that are averaged."""
    if cells <= length * SLACK:
        return cells * max(1, round(length / cells)), 1
    block = math.ceil(cells / (length * SLACK))
    return math.ceil(cells / block), block
