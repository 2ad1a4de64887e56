"""Letters: fonts, widths, and numbers as people write them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Measure:
    """Lengths and fonts of a picture, in pixels, from lengths in design units.

    Attributes
    ----------
    unit
        Pixels a design unit; 1 for a map about 960 pixels wide.
    """

    unit: float = 1.0

    def px(self, length: float) -> int:
        """Return a length in whole pixels, at least 1."""
        return max(1, round(length * self.unit))

    def font(self, size: float) -> FreeTypeFont:
        """Return the built-in font."""
        return _font(max(6, self.px(size)))

    def line(self, size: float) -> int:
        """Return the height of a line of text."""
        ascent, descent = self.font(size).getmetrics()
        return ascent + descent

    def width(self, text: str, size: float) -> int:
        """Return how wide `write` makes a text."""
        words = text.split(" ")
        font = self.font(size)
        return math.ceil(sum(map(font.getlength, words)) + (len(words) - 1) * self.space(size))

    def space(self, size: float) -> float:
        """Return the distance of two words; the font's own, in whole pixels, is too narrow in small sizes."""
        return 0.3 * self.font(size).size

    def write(
        self,
        draw: ImageDraw,
        at: tuple[float, float],
        text: str,
        *,
        size: float,
        color: tuple[int, int, int],
        anchor: str = "la",
    ) -> None:
        """Draw one line of text; the anchor's first letter, l, m or r, and its second are Pillow's."""
        font, (x, y) = self.font(size), at
        x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * self.width(text, size)
        for word in text.split(" "):
            draw.text((x, y), word, color, font, anchor=f"l{anchor[1]}")
            x += font.getlength(word) + self.space(size)

    def cut(self, text: str, size: float, room: int) -> str:
        """Shorten a text at its end, with an ellipsis, until it fits into so many pixels."""
        text = " ".join(text.split())
        if self.width(text, size) <= room:
            return text
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.width(text[:middle].rstrip() + ELLIPSIS, size) <= room:
                fits = middle
            else:
                too_long = middle
        return text[:fits].rstrip() + ELLIPSIS

    def wrap(self, text: str, size: float, room: int, lines: int) -> list[str]:
        """Break a text into at most so many lines that fit; what is too much ends in an ellipsis."""
        words, broken = text.split(), list[str]()
        while words:
            if len(broken) == lines - 1:
                return [*broken, self.cut(" ".join(words), size, room)]
            count = 1
            while count < len(words) and self.width(" ".join(words[: count + 1]), size) <= room:
                count += 1
            broken.append(self.cut(" ".join(words[:count]), size, room))
            words = words[count:]
        return broken


@cache
def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return cast("FreeTypeFont", ImageFont.load_default(size))  # given a size, it is a scalable one


def number(value: float) -> str:
    """Write a number for humans: thousands by commas, fractions cut short, M and B for ten millions and more.

    >>> [number(v) for v in (0, 12345, 0.125, 2.34567, 25_400_000, -3)]
    ['0', '12,345', '0.125', '2.35', '25.4M', '-3']
    """
    size = abs(value)
    if not math.isfinite(value) or size >= 1e12 or 0 < size < 1e-4:
        return f"{value:.3g}".replace("e+", "e").replace("e-0", "e-")
    for unit, letter in ((1e9, "B"), (1e6, "M")):
        if size >= 10 * unit:
            return f"{value / unit:.4g}{letter}"
    if size == 0:
        return "0"  # also for -0.0
    if size >= 1:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.3g}"
