"""A page that pictures are put together on: blocks from top to bottom, in one style."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from heatgrid.render.text import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw

    from heatgrid.render.text import Measure

PAPER = (247, 248, 250)
CARD = (255, 255, 255)
INK = (24, 32, 44)
MUTED = (92, 102, 117)
FAINT = (139, 148, 161)
RULE = (214, 219, 227)

MARGIN = 32
TITLE, SUBTITLE, VALUE, LABEL, NOTE = 28, 16, 22, 13, 13


class Block(Protocol):
    """Something as wide as the page's content, with a height of its own."""

    @property
    def height(self) -> int:
        """Height in pixels."""

    def draw(self, draw: ImageDraw, x: int, y: int) -> None:
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

    def draw(self, draw: ImageDraw, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m = self.measure
        m.write(draw, (x, y), m.cut(self.title, TITLE, self.width), size=TITLE, color=INK)
        y += m.line(TITLE) + m.px(4)
        for line in self.lines:
            m.write(draw, (x, y), line, size=SUBTITLE, color=MUTED)
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

    def draw(self, draw: ImageDraw, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        m, gap, count = self.measure, self.measure.px(10), len(self.numbers)
        for i, (name, value) in enumerate(self.numbers.items()):
            left = x + i * (self.width + gap) // count
            right = x + (i + 1) * (self.width + gap) // count - gap
            draw.rounded_rectangle((left, y, right - 1, y + self.height - 1), m.px(8), CARD, RULE)
            inside, room = left + m.px(14), right - left - m.px(22)
            m.write(draw, (inside, y + m.px(11)), m.cut(name, LABEL, room), size=LABEL, color=MUTED)
            top = y + m.px(13) + m.line(LABEL)
            m.write(draw, (inside, top), m.cut(number(value), VALUE, room), size=VALUE, color=INK)


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

    def draw(self, draw: ImageDraw, x: int, y: int) -> None:
        """Draw with the upper left corner at (x, y)."""
        for i, line in enumerate(self.lines):
            top = y + i * self.measure.line(NOTE)
            self.measure.write(draw, (x, top), line, size=NOTE, color=MUTED)


def compose(measure: Measure, width: int, blocks: Sequence[Block], gap: float = 22) -> NDArray[np.uint8]:
    """Draw blocks below one another.

    Parameters
    ----------
    measure
        The picture's lengths.
    width
        Width of the blocks, in pixels.
    blocks
        From top to bottom.
    gap
        Between two blocks, in design units.

    Returns
    -------
    ndarray
        (height, width, 4) uint8 RGBA, opaque.
    """
    from PIL import Image, ImageDraw

    margin, between = measure.px(MARGIN), measure.px(gap)
    height = sum(block.height for block in blocks) + between * (len(blocks) - 1)
    image = Image.new("RGBA", (width + 2 * margin, height + 2 * margin), PAPER)
    draw = ImageDraw.Draw(image)
    y = margin
    for block in blocks:
        block.draw(draw, margin, y)
        y += block.height + between
    return np.array(image)
