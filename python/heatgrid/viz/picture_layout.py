"""A page that pictures are put together on: blocks from top to bottom, in one style."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from heatgrid.viz.canvas import CARD, INK, MUTED, RULE, Raster
from heatgrid.viz.svg import Vector
from heatgrid.viz.text import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from heatgrid.viz.canvas import Canvas
    from heatgrid.viz.text import Measure

MARGIN, BETWEEN = 32, 22
TITLE, SUBTITLE, VALUE, LABEL, NOTE = 28, 16, 22, 13, 13


class Block(Protocol):
    """Something as wide as the page's content, with a height of its own."""

    @property
    def height(self) -> int:
        """Height in pixels."""

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title and a line or two below it."""

    measure: Measure
    width: int
    title: str
    subtitle: str | None = None
    lines: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        lines = self.measure.wrap(self.subtitle or "", SUBTITLE, self.width, 2)
        object.__setattr__(self, "lines", tuple(lines))

    @property
    def height(self) -> int:
        """Height in pixels."""
        below = len(self.lines) * self.measure.line(SUBTITLE)
        return self.measure.line(TITLE) + (below + self.measure.px(4) if below else 0)

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m = self.measure
        canvas.write((x, y), m.cut(self.title, TITLE, self.width), size=TITLE, color=INK)
        y += m.line(TITLE) + m.px(4)
        for line in self.lines:
            canvas.write((x, y), line, size=SUBTITLE, color=MUTED)
            y += m.line(SUBTITLE)


@dataclass(frozen=True, slots=True)
class Cards:
    """Named numbers in a row."""

    measure: Measure
    width: int
    numbers: Mapping[str, float]

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.measure.line(LABEL) + self.measure.line(VALUE) + self.measure.px(26)

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m, gap, count = self.measure, self.measure.px(10), len(self.numbers)
        for i, (name, value) in enumerate(self.numbers.items()):
            left = x + i * (self.width + gap) // count
            right = x + (i + 1) * (self.width + gap) // count - gap
            card = left, y, right - 1, y + self.height - 1
            canvas.box(card, outline=RULE, fill=CARD, radius=m.px(8))
            inside, room = left + m.px(14), right - left - m.px(22)
            canvas.write((inside, y + m.px(11)), m.cut(name, LABEL, room), size=LABEL, color=MUTED)
            top = y + m.px(13) + m.line(LABEL)
            canvas.write((inside, top), m.cut(number(value), VALUE, room), size=VALUE, color=INK)


@dataclass(frozen=True, slots=True)
class Note:
    """Small print."""

    measure: Measure
    width: int
    text: str
    lines: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.measure.wrap(self.text, NOTE, self.width, 3)))

    @property
    def height(self) -> int:
        """Height in pixels."""
        return len(self.lines) * self.measure.line(NOTE)

    def draw(self, canvas: Canvas, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        for i, line in enumerate(self.lines):
            top = y + i * self.measure.line(NOTE)
            canvas.write((x, top), line, size=NOTE, color=MUTED)


@dataclass(frozen=True, slots=True)
class Page:
    """Blocks below one another, to be drawn as pixels or as SVG.

    Attributes
    ----------
    measure
        The page's lengths.
    blocks
        From top to bottom.
    width
        Width of the blocks, in pixels.
    title, description
        What is seen, in words, for those who cannot see it.
    """

    measure: Measure
    blocks: Sequence[Block]
    width: int
    title: str = ""
    description: str = ""

    def pixels(self) -> NDArray[np.uint8]:
        """Return the page as (height, width, 4) uint8 RGBA, opaque."""
        canvas = Raster(self.measure, *self.size)
        self._draw(canvas)
        return canvas.pixels()

    def png(self) -> bytes:
        """Return the page as a PNG file."""
        from PIL import Image

        stream = BytesIO()
        Image.fromarray(self.pixels()).convert("RGB").save(stream, "PNG", optimize=True)
        return stream.getvalue()

    def svg(self) -> str:
        """Return the page as the text of an SVG file, which refers to nothing outside."""
        canvas = Vector(self.measure, *self.size)
        self._draw(canvas)
        return canvas.text(self.title, self.description)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, margins included."""
        gaps = self.measure.px(BETWEEN) * (len(self.blocks) - 1)
        margins = 2 * self.measure.px(MARGIN)
        return self.width + margins, sum(block.height for block in self.blocks) + gaps + margins

    def _draw(self, canvas: Canvas) -> None:
        x = y = self.measure.px(MARGIN)
        for block in self.blocks:
            block.draw(canvas, x, y)
            y += block.height + self.measure.px(BETWEEN)
