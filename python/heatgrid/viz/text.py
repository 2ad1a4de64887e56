"""Texts: fonts, widths, line breaks, numbers, and captions of maps."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, cast

from heatgrid.core.derived import WITHOUT_DATA
from heatgrid.core.report import BALANCED, DIFFERENCE
from heatgrid.core.stats import Stats

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

    from heatgrid.core.grid_map import GridMap
    from heatgrid.core.report import Report
    from heatgrid.core.spec import CountSpec

    Map: TypeAlias = GridMap

ELLIPSIS = "…"
# For characters that Pillow's own font lacks, if the system has one of these.
OTHER_FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "Arial.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "msyh.ttc",
    "PingFang.ttc",
)
REPLACEMENTS = {
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
    """Lengths and fonts in pixels; ``unit`` is the pixels per design unit, 1 for a map of 960 pixels."""

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
        """Return the width of a text in pixels."""
        pixels = max(6, self.px(size))
        letters = sum(length for word in text.split(" ") for _, _, length in _pieces(word, pixels))
        return math.ceil(letters + text.count(" ") * self.space(size) + self.missing(text, size))

    def space(self, size: float) -> float:
        """Return the width of a space; the font's own, in whole pixels, is too narrow at small sizes."""
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
        """Draw one line of text; the anchor is l, m or r, then a, m or s, as in Pillow."""
        x, y = at[0], at[1] + self.baseline(size, anchor[1])
        x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * self.width(text, size)
        for word in text.split(" "):
            for piece, font, length in _pieces(word, max(6, self.px(size))):
                draw.text((x, y), piece, color, font, anchor="ls")
                x += length
            x += self.space(size)

    def missing(self, text: str, size: float) -> float:
        """Return the estimated width of characters that no font here has; without any, `width` is exact."""
        if text.isascii():
            return 0.0
        return sum(_missing(word, max(6, self.px(size))) for word in text.split(" "))

    def baseline(self, size: float, anchor: str) -> float:
        """Return the distance of the baseline below an anchor: a, m or s."""
        ascent, descent = self.font(size).getmetrics()
        return {"a": ascent, "m": (ascent - descent) / 2, "s": 0.0}[anchor]

    def cut(self, text: str, size: float, limit: int) -> str:
        """Shorten a text with an ellipsis until it fits into ``limit`` pixels."""
        text = " ".join(text.split())
        if self.width(text, size) <= limit:
            return text
        fits, too_long = 0, len(text)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if self.width(text[:middle].rstrip() + ELLIPSIS, size) <= limit:
                fits = middle
            else:
                too_long = middle
        return text[:fits].rstrip() + ELLIPSIS

    def wrap(self, text: str, size: float, limit: int, lines: int) -> list[str]:
        """Break a text into at most ``lines`` lines of ``limit`` pixels; the last may end in an ellipsis."""
        words, broken = text.split(), list[str]()
        while words:
            if len(broken) == lines - 1:
                return [*broken, self.cut(" ".join(words), size, limit)]
            count = 1
            while count < len(words) and self.width(" ".join(words[: count + 1]), size) <= limit:
                count += 1
            broken.append(self.cut(" ".join(words[:count]), size, limit))
            words = words[count:]
        return broken


@cache
def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return cast("FreeTypeFont", ImageFont.load_default(size))  # with a size, it is scalable


@cache
def _fonts(size: int) -> tuple[FreeTypeFont, ...]:
    from PIL import ImageFont

    found = [_font(size)]
    for name in OTHER_FONTS:
        with suppress(OSError):
            found.append(ImageFont.truetype(name, size))
    return tuple(found)


@lru_cache(maxsize=4096)
def _pieces(word: str, size: int) -> list[tuple[str, FreeTypeFont, float]]:
    """Split a word by font, unless one font has all of its characters; with the lengths of the pieces."""
    word = unicodedata.normalize("NFC", word)
    for font in (_font(size),) if word.isascii() else _fonts(size):
        if all(_has(font, letter) for letter in word):
            return [(word, font, font.getlength(word))]
    runs = groupby((_drawable(letter, size) for letter in word), key=lambda pair: pair[1])
    texts = (("".join(letters for letters, _ in run), font) for font, run in runs)
    return [(text, font, font.getlength(text)) for text, font in texts]


@lru_cache(maxsize=4096)
def _missing(word: str, size: int) -> float:
    drawn = [(letter, *_drawable(letter, size)) for letter in unicodedata.normalize("NFC", word)]
    unknown = [letter for letter, same, font in drawn if letter == same and not _has(font, letter)]
    widths = (1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6 for letter in unknown)
    return _font(size).size * sum(widths)


@lru_cache(maxsize=4096)
def _has(font: FreeTypeFont, letter: str) -> bool:
    # A font draws a missing character like the noncharacter U+FFFF.
    return letter.isascii() or bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))


def _drawable(letter: str, size: int) -> tuple[str, FreeTypeFont]:
    """Return a character and a font that has it; else its nearest ASCII text and the built-in font."""
    for font in _fonts(size):
        if _has(font, letter):
            return letter, font
    plain = (
        REPLACEMENTS.get(letter) or unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    )
    return plain or letter, _font(size)


def number(value: float) -> str:
    """Return a number as short text: thousands separators, rounded fractions, M and B from ten millions on.

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


QUARTILES = {"q1": "lower quartile", "q3": "upper quartile"}
"""Names of quartiles in pictures and on pages; others are as in code."""
TITLES = {"place": "Object positions", "size": "Object sizes"}
RULES = {
    "center": "an object hits the cells whose center it covers",
    "touch": "an object hits all cells that it overlaps",
    "point": "an object hits the cell of its midpoint",
    "area": "an object adds the covered share of each cell",
}


def title(heats: Sequence[Map]) -> str:
    """Return the name of the data set of maps if it is known."""
    return next((heat.report.name for heat in heats if heat.report.name), TITLES[heats[0].spec.of])


def rule(spec: CountSpec) -> str:
    """Return what an object adds to which cells."""
    return RULES[spec.rule] if spec.of == "place" else "an object hits the cell of its box's width and height"


def unit(heat: Map) -> str:
    """Return the meaning of a number of the map."""
    if heat.spec.unit is not None:
        return heat.spec.unit
    if BALANCED in heat.report.notes:
        return "share of each class's objects, summed"
    if heat.spec.weighted:
        return "weight per cell"
    return f"{'images' if heat.spec.count == 'images' else 'objects'} per cell"


def annotated(heat: Map) -> list[str]:
    """Return the classes with annotations in their order, counted or not."""
    own, planes = heat.report.by_class(), zip(heat.classes, heat.by_class, strict=True)
    return [name for name, plane in planes if plane.any() or own.get(name, {}).get("read")]


def subtitle(
    heats: Sequence[Map], classes: Sequence[str], shape: tuple[int, int], drawn: int | None = None
) -> str:
    """Return the numbers of objects, images, classes, splits and cells.

    ``drawn`` is the number of classes that are drawn, of a picture by class.
    """
    parts = _amounts([heat.report for heat in heats], of_class=len(classes) == 1)
    if len(classes) == 1:
        parts.append(classes[0])
    elif classes:
        used = len({name for heat in heats for name in annotated(heat)})
        number = f"{used:,} classes" if drawn is None else f"{drawn:,} of {used:,} classes drawn"
        unused = f", {len(classes) - used:,} without annotations" if used < len(classes) else ""
        parts.append(number + unused)
    if len(heats) > 1:
        parts.append(f"{len(heats):,} splits")
    return " · ".join([*parts, f"{shape[0]:,} by {shape[1]:,} cells"])


def _amounts(reports: Sequence[Report], *, of_class: bool) -> list[str]:
    """Return the numbers of objects and images, where they are known; none for a difference of maps."""
    if any(DIFFERENCE in report.notes for report in reports):
        return []
    found = [f"{sum(report.counted for report in reports):,} objects"] if any(r.read for r in reports) else []
    if images := sum(report.images for report in reports):
        counted = sum(report.images_counted or 0 for report in reports)
        found.append(f"{counted:,} of {images:,} images" if of_class else f"{images:,} images")
    return found


def footnote(heat: Map) -> str:
    """Return the small print of a picture: cells that were hit, the rule, and skipped annotations."""
    stats, cells = Stats.of_known(heat.counts), heat.counts.size
    hit = f"{stats.covered:,} of {cells:,} cells hit" if stats and heat.spec.unit is None else ""
    return " · ".join(filter(None, [hit, rule(heat.spec), *_without_data(heat), *_left_out([heat])]))


def _without_data(heat: Map) -> list[str]:
    return [f"{note} ({n:,} cells)" for note, n in heat.report.notes.items() if note.startswith(WITHOUT_DATA)]


def nothing_counted(heats: Sequence[Map]) -> str:
    """Return why maps are empty; an empty text if something was counted, and for computed values."""
    reports = [heat.report for heat in heats]
    if (
        not reports
        or heats[0].spec.unit is not None
        or any(heat.counts.any() or DIFFERENCE in heat.report.notes for heat in heats)
    ):
        return ""
    reasons: Counter[str] = Counter()
    for report in reports:
        own = {"no extent": report.empty, "outside the image": report.outside, "excluded": report.excluded}
        reasons.update(report.skipped | own)
    reason, n = reasons.most_common(1)[0]
    total = sum(report.read + report.excluded for report in reports)
    return f"{n:,} of {total:,} annotations: {reason}" if n else "no annotations were read"


def notes(heats: Sequence[Map]) -> list[str]:
    """Return the small print of a page; all maps have one spec."""
    if not heats:
        return []
    spec = heats[0].spec
    found = [rule(spec)]
    if spec.of == "size":
        found.append("a column is a width, a row is a height, row 0 is the least")
    if spec.count == "images":
        found.append("an image counts once")
    if spec.fit == "letterbox":
        found.append("images keep their aspect")
    return found + _without_data(heats[0]) + _left_out(heats)


def _left_out(heats: Sequence[Map]) -> list[str]:
    skips = sum(heat.report.skips for heat in heats)
    return [f"{skips:,} annotations left out"] if skips else []
