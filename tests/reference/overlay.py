"""A live map laid over a frame, a byte at a time; for grids of a cell a pixel."""

from __future__ import annotations

from fractions import Fraction


def level(value: float, scale: float, offset: float) -> int:
    """Return the level of a value: 0 for none, else 1 to 256."""
    return 0 if value <= 0 else int(min(max(value * scale + offset, 1.0), 256.0))


def laid_over(below: int, color: int, opacity: int) -> int:
    """Return a byte with a colour of so many 256ths laid over it, rounded half to even."""
    return round(Fraction(below * (256 - opacity) + color * opacity, 256))
