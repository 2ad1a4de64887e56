"""A map with its frame, its axes and its colour bar."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.render.page import CARD, FAINT, INK, MUTED, RULE
from heatgrid.render.resample import area_mean, enlarge
from heatgrid.render.text import number

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

    from heatgrid.render.colorbar import Tick
    from heatgrid.render.text import Measure

    Pixels = NDArray[np.uint8]

TICK, BAR = 13, 18
"""Size of the letters beside axes and bar, and the bar's width, in design units."""

FEWEST, CELL, SLACK, LONGEST = 480, 160, 1.25, 3.0
"""Sides of a map: the least pixels, the most a cell where they are few, how far whole pixels a cell may
overshoot, and the longest shape of a map whose aspect nobody gave."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How cells become pixels: enlarged by a whole factor, or averaged in blocks."""

    height: int
    width: int
    blocks: tuple[int, int]

    @classmethod
    def of(cls, shape: tuple[int, int], size: int, aspect: float | None) -> Fit:
        """Fit a grid into about ``size`` pixels along its longer side; ``aspect`` is width over height."""
        rows, columns = shape
        size = min(size, max(FEWEST, CELL * max(shape)))
        ratio = aspect or min(max(columns / rows, 1 / LONGEST), LONGEST)
        heights = _side(rows, size / max(ratio, 1.0))
        widths = _side(columns, size * min(ratio, 1.0))
        return cls(heights[0], widths[0], (heights[1], widths[1]))

    def apply(self, cells: Pixels) -> Pixels:
        """Return coloured cells at their size."""
        if self.blocks != (1, 1):
            cells = area_mean(cells, self.blocks)
        return enlarge(cells, (self.height, self.width))


def _side(cells: int, room: float) -> tuple[int, int]:
    """Return the pixels of a side, and how many cells are averaged."""
    if cells <= room * SLACK:
        return cells * max(1, round(room / cells)), 1
    block = math.ceil(cells / (room * SLACK))
    return math.ceil(cells / block), block


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """A colour bar that stands on its low end.

    Attributes
    ----------
    height
        Height in pixels.
    colors
        (n, 4) uint8 RGBA from low to high.
    ticks
        The numbers beside it; as many as colours where each colour is a block for one number.
    """

    measure: Measure
    height: int
    colors: Pixels
    ticks: tuple[Tick, ...]

    @property
    def width(self) -> int:
        """Width in pixels, numbers included."""
        labels = max((self.measure.width(tick.label, TICK) for tick in self.ticks), default=0)
        return self.measure.px(BAR) + self.measure.px(10) + labels

    def draw(self, draw: ImageDraw, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m, height, width = self.measure, self.height, self.measure.px(BAR)
        paste(draw, enlarge(self.colors[::-1, np.newaxis], (height, width)), x, y)
        if len(self.colors) == len(self.ticks):
            for i in range(1, len(self.colors)):
                at = y + i * height // len(self.colors)
                draw.line((x, at, x + width - 1, at), CARD)
        draw.rectangle((x - 1, y - 1, x + width, y + height), outline=FAINT)
        for tick in self.ticks:
            at = y + round((1.0 - tick.position) * (height - 1))
            draw.line((x + width + 1, at, x + width + m.px(4), at), FAINT)
            m.write(draw, (x + width + m.px(10), at), tick.label, size=TICK, color=MUTED, anchor="lm")


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """The middle of a picture.

    Attributes
    ----------
    cells
        (rows, columns, 4) uint8 RGBA.
    fit
        Their size.
    bar
        The colour bar, as high as the map.
    legend
        What its numbers mean.
    values
        Whole numbers to write into the cells, where they fit.
    """

    measure: Measure
    cells: Pixels
    fit: Fit
    bar: Bar
    legend: str = ""
    values: NDArray[np.float64] | None = None
    left: int = field(init=False)
    head: int = field(init=False)
    width: int = field(init=False)

    def __post_init__(self) -> None:
        m = self.measure
        left = m.width("0.25", TICK) + m.px(11)
        object.__setattr__(self, "left", left)
        object.__setattr__(self, "head", m.line(TICK) + m.px(8) if self.legend else 0)
        object.__setattr__(self, "width", left + self.fit.width + m.px(22) + self.bar.width)

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.head + self.fit.height + self.measure.line(TICK) + self.measure.px(9)

    def draw(self, draw: ImageDraw, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m = self.measure
        if self.legend:
            legend = m.cut(self.legend, TICK, self.width)
            m.write(draw, (x + self.width, y), legend, size=TICK, color=MUTED, anchor="ra")
        x, y = x + self.left, y + self.head
        paste(draw, self.fit.apply(self.cells), x, y)
        self._draw_grid(draw, x, y)
        self._draw_values(draw, x, y)
        draw.rectangle((x - 1, y - 1, x + self.fit.width, y + self.fit.height), outline=FAINT)
        self._draw_axes(draw, x, y)
        self.bar.draw(draw, x + self.fit.width + m.px(22), y)

    def _draw_axes(self, draw: ImageDraw, x: int, y: int) -> None:
        m, width, height = self.measure, self.fit.width, self.fit.height
        bottom, tick = y + height, m.px(5)
        for share in _shares(width, m):
            at = x + round(share * (width - 1))
            draw.line((at, bottom + 1, at, bottom + tick), FAINT)
            m.write(draw, (at, bottom + m.px(9)), number(share), size=TICK, color=MUTED, anchor="ma")
        for share in _shares(height, m):
            at = y + round(share * (height - 1))
            draw.line((x - 1 - tick, at, x - 2, at), FAINT)
            m.write(draw, (x - m.px(11), at), number(share), size=TICK, color=MUTED, anchor="rm")

    def _draw_grid(self, draw: ImageDraw, x: int, y: int) -> None:
        """Part cells by thin lines where they are large."""
        rows, columns = self.cells.shape[:2]
        if min(self.fit.height // rows, self.fit.width // columns) < self.measure.px(32):
            return
        for i in range(1, rows):
            at = y + i * self.fit.height // rows
            draw.line((x, at, x + self.fit.width - 1, at), RULE)
        for i in range(1, columns):
            at = x + i * self.fit.width // columns
            draw.line((at, y, at, y + self.fit.height - 1), RULE)

    def _draw_values(self, draw: ImageDraw, x: int, y: int) -> None:
        """Write values into the cells where all of them fit."""
        if self.values is None:
            return
        m, (rows, columns) = self.measure, self.cells.shape[:2]
        high, wide = self.fit.height / rows, self.fit.width / columns
        if min(high, wide) < m.px(40):
            return
        texts = [[number(v) if v else "" for v in row] for row in np.nan_to_num(self.values).tolist()]
        size = min(max(min(high, wide) / m.unit / 5, TICK), 24)
        if max(m.width(text, size) for row in texts for text in row) > wide - m.px(8):
            return
        linear = (over_white(self.cells) / 255.0) ** 2.2
        light = linear @ (0.2126, 0.7152, 0.0722) > 0.2  # where dark letters have more contrast than white
        for i, row in enumerate(texts):
            for j, text in enumerate(row):
                at = (x + (j + 0.5) * wide, y + (i + 0.5) * high)
                m.write(draw, at, text, size=size, color=INK if light[i, j] else CARD, anchor="mm")


def _shares(length: int, measure: Measure) -> tuple[float, ...]:
    return (0.0, 0.25, 0.5, 0.75, 1.0) if length >= measure.px(240) else (0.0, 0.5, 1.0)


def over_white(pixels: Pixels) -> NDArray[np.float64]:
    """Return the RGB of RGBA pixels on white paper."""
    alpha = pixels[..., 3:] / 255.0
    blended: NDArray[np.float64] = pixels[..., :3] * alpha + 255.0 * (1.0 - alpha)
    return blended


def paste(draw: ImageDraw, pixels: Pixels, x: int, y: int) -> None:
    """Put RGBA pixels onto white paper at (x, y)."""
    from PIL import Image

    opaque = np.rint(over_white(pixels)).astype(np.uint8)
    draw._image.paste(Image.fromarray(opaque), (x, y))  # noqa: SLF001
