"""A map with its frame, its axes and its colour bar."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.viz.canvas import CARD, FAINT, INK, MUTED, RULE
from heatgrid.viz.ground import Fit, Ground, over_paper
from heatgrid.viz.text import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.viz.canvas import Canvas
    from heatgrid.viz.colorbar import Tick
    from heatgrid.viz.text import Measure

    Pixels = NDArray[np.uint8]

TICK, BAR = 13, 18
"""Size of the letters beside axes and bar, and the bar's width, in design units."""


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

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m, height, width = self.measure, self.height, self.measure.px(BAR)
        canvas.cells(self.colors[::-1, np.newaxis], Ground(Fit(height, width)), x, y)
        if len(self.colors) == len(self.ticks):
            for i in range(1, len(self.colors)):
                at = y + i * height // len(self.colors)
                canvas.line((x, at, x + width - 1, at), CARD)
        canvas.box((x - 1, y - 1, x + width, y + height), outline=FAINT)
        for tick in self.ticks:
            at = y + round((1.0 - tick.position) * (height - 1))
            canvas.line((x + width + 1, at, x + width + m.px(4), at), FAINT)
            canvas.write((x + width + m.px(10), at), tick.label, size=TICK, color=MUTED, anchor="lm")


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """The middle of a picture.

    Attributes
    ----------
    cells
        (rows, columns, 4) uint8 RGBA.
    ground
        What they are laid on.
    bar
        The colour bar, as high as the map.
    legend
        What its numbers mean.
    values
        Whole numbers to write into the cells, where they fit.
    """

    measure: Measure
    cells: Pixels
    ground: Ground
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
    def fit(self) -> Fit:
        """The size of the map."""
        return self.ground.fit

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.head + self.fit.height + self.measure.line(TICK) + self.measure.px(9)

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m = self.measure
        if self.legend:
            legend = m.cut(self.legend, TICK, self.width)
            canvas.write((x + self.width, y), legend, size=TICK, color=MUTED, anchor="ra")
        x, y = x + self.left, y + self.head
        canvas.cells(self.cells, self.ground, x, y)
        self._draw_grid(canvas, x, y)
        self._draw_values(canvas, x, y)
        canvas.box((x - 1, y - 1, x + self.fit.width, y + self.fit.height), outline=FAINT)
        self._draw_axes(canvas, x, y)
        self.bar.draw(canvas, x + self.fit.width + m.px(22), y)

    def _draw_axes(self, canvas: Canvas, x: int, y: int) -> None:
        m, width, height = self.measure, self.fit.width, self.fit.height
        bottom, tick = y + height, m.px(5)
        for share in _shares(width, m):
            at = x + round(share * (width - 1))
            canvas.line((at, bottom + 1, at, bottom + tick), FAINT)
            canvas.write((at, bottom + m.px(9)), number(share), size=TICK, color=MUTED, anchor="ma")
        for share in _shares(height, m):
            at = y + round(share * (height - 1))
            canvas.line((x - 1 - tick, at, x - 2, at), FAINT)
            canvas.write((x - m.px(11), at), number(share), size=TICK, color=MUTED, anchor="rm")

    def _draw_grid(self, canvas: Canvas, x: int, y: int) -> None:
        """Part cells by thin lines where they are large."""
        rows, columns = self.cells.shape[:2]
        roomy = min(self.fit.height // rows, self.fit.width // columns) >= self.measure.px(32)
        if not (roomy and self.ground.plain):
            return
        for i in range(1, rows):
            at = y + i * self.fit.height // rows
            canvas.line((x, at, x + self.fit.width - 1, at), RULE)
        for i in range(1, columns):
            at = x + i * self.fit.width // columns
            canvas.line((at, y, at, y + self.fit.height - 1), RULE)

    def _draw_values(self, canvas: Canvas, x: int, y: int) -> None:
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
        linear = (over_paper(self.cells) / 255.0) ** 2.2
        light = linear @ (0.2126, 0.7152, 0.0722) > 0.2  # where dark letters have more contrast than white
        for i, row in enumerate(texts):
            for j, text in enumerate(row):
                at = (x + (j + 0.5) * wide, y + (i + 0.5) * high)
                canvas.write(at, text, size=size, color=INK if light[i, j] else CARD, anchor="mm")


def _shares(length: int, measure: Measure) -> tuple[float, ...]:
    return (0.0, 0.25, 0.5, 0.75, 1.0) if length >= measure.px(240) else (0.0, 0.5, 1.0)
