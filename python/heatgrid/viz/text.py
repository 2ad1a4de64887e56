"""Letters: fonts, widths, and numbers as people write them."""

from __future__ import annotations

import math
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

ELLIPSIS = "…"
# Pillow's own font has the letters of English. These are asked for the others, where a system has them.
OTHER_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "Arial.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "msyh.ttc",
    "PingFang.ttc",
)
STAND_INS = {
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{EN DASH}": "-",
    "—": "-",
    "ß": "ss",
    "→": "->",
    "≥": ">=",
    "≤": "<=",
}


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
        letters = sum(
            font.getlength(piece) for word in text.split(" ") for piece, font in self._pieces(word, size)
        )
        return math.ceil(letters + text.count(" ") * self.space(size) + self._missing(text, size))

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
        x, y = at[0], at[1] + self.baseline(size, anchor[1])
        x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * self.width(text, size)
        for word in text.split(" "):
            for piece, font in self._pieces(word, size):
                draw.text((x, y), piece, color, font, anchor="ls")
                x += font.getlength(piece)
            x += self.space(size)

    def knows(self, text: str, size: float) -> bool:
        """Whether a font has every letter, so that `width` is the text's own and not a guess."""
        return not self._missing(text, size)

    def _missing(self, text: str, size: float) -> float:
        """Return the room that letters which nothing here can stand for may take where there is a font."""
        if text.isascii():
            return 0.0
        pixels, em = max(6, self.px(size)), self.font(size).size
        drawn = [(letter, *_drawable(letter, pixels)) for letter in unicodedata.normalize("NFC", text)]
        unknown = [letter for letter, same, font in drawn if letter == same and not _has(font, letter)]
        return em * sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6 for letter in unknown)

    def baseline(self, size: float, anchor: str) -> float:
        """Return how far below an anchor's height, a, m or s, the letters stand."""
        ascent, descent = self.font(size).getmetrics()
        return {"a": ascent, "m": (ascent - descent) / 2, "s": 0.0}[anchor]

    def _pieces(self, word: str, size: float) -> list[tuple[str, FreeTypeFont]]:
        """Cut a word where the font has to change, if none has all of its letters."""
        word, pixels = unicodedata.normalize("NFC", word), max(6, self.px(size))
        for font in (self.font(size),) if word.isascii() else _fonts(pixels):
            if all(_has(font, letter) for letter in word):
                return [(word, font)]
        runs = groupby((_drawable(letter, pixels) for letter in word), key=lambda pair: pair[1])
        return [("".join(letters for letters, _ in run), font) for font, run in runs]

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


@cache
def _fonts(size: int) -> tuple[FreeTypeFont, ...]:
    from PIL import ImageFont

    found = [_font(size)]
    for name in OTHER_FONTS:
        with suppress(OSError):
            found.append(ImageFont.truetype(name, size))
    return tuple(found)


@lru_cache(maxsize=4096)
def _has(font: FreeTypeFont, letter: str) -> bool:
    # What a font lacks is drawn as is a letter that no font can have.
    return letter.isascii() or bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))


def _drawable(letter: str, size: int) -> tuple[str, FreeTypeFont]:
    """Return what to draw for a letter, and a font that has it; its nearest in English where none has."""
    for font in _fonts(size):
        if _has(font, letter):
            return letter, font
    plain = STAND_INS.get(letter) or unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or letter, _font(size)


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
