"""Letters beyond English: other fonts of the system, or else the nearest ASCII letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw

from heatgrid.viz import text
from heatgrid.viz.text import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def no_other_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(text, "OTHER_FONTS", ("no-such-font.ttf",))
    for kept in (text._fonts, text._pieces, text._missing):
        kept.cache_clear()
    yield
    for kept in (text._fonts, text._pieces, text._missing):
        kept.cache_clear()


def drawn(line: str) -> bytes:
    canvas = Image.new("RGB", (300, 40), "white")
    Measure().write(ImageDraw.Draw(canvas), (0, 0), line, size=18, color=(0, 0, 0))
    return canvas.tobytes()


@pytest.mark.usefixtures("no_other_fonts")
@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("Größe", "Grosse"),
        ("naïve café", "naive cafe"),
        ("2 \N{MULTIPLICATION SIGN} 2", "2 x 2"),
    ],
)
def test_missing_letters_are_replaced_without_other_fonts(line: str, plain: str) -> None:
    assert drawn(line) == drawn(plain)
    assert Measure().width(line, 18) == Measure().width(plain, 18)


def test_one_font_draws_a_whole_word() -> None:
    if len(text._fonts(18)) == 1:
        pytest.skip("this system has no other font")
    ((piece, font, _),) = text._pieces("Größe", 18)
    assert piece == "Größe"
    assert all(text._has(font, letter) for letter in piece)
    assert drawn("Größe") != drawn("Grosse")


def test_letter_without_font_does_not_fail() -> None:
    assert Measure().width("\U0010fffd", 18) > 0
