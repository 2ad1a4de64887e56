"""Converters of the texts of arguments to values."""

from __future__ import annotations

import argparse
import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from heatgrid.core.limits import Limits
from heatgrid.core.spec import as_grid, listed, suggestion
from heatgrid.io.options import AREAS, AreaName, Attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")


def choice(values: Sequence[str]) -> dict[str, Any]:
    """Return the keywords of an argument that takes one of some values, and suggests the nearest."""

    def check(text: str) -> str:
        if text not in values:
            hint = suggestion(text, values)
            raise argparse.ArgumentTypeError(f"expected one of {listed(values)}, got {text!r}{hint}")
        return text

    return {"type": check, "choices": values}


def converter(parse: Callable[[str], T], expected: str) -> Callable[[str], T]:
    """Return a converter of arguments: ``parse``, whose TypeError or ValueError says what is expected."""

    def convert(text: str) -> T:
        try:
            return parse(text)
        except (TypeError, ValueError):
            raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}") from None

    return convert


def number(low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> Callable[[str], float]:
    """Return a converter to finite numbers in [low, high], or above ``low``."""
    bounds = f" above {low:g}" if above else f" from {low:g} to {high:g}" if high < math.inf else ""
    bounds = bounds or (f" of at least {low:g}" if low > -math.inf else "")

    def parse(text: str) -> float:
        value = float(text)
        if not (low <= value <= high and math.isfinite(value)) or (above and value == low):
            raise ValueError
        return value

    return converter(parse, f"a number{bounds}")


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a converter to integers from ``least`` to ``most``."""

    def parse(text: str) -> int:
        if int(text) < least or (most is not None and int(text) > most):
            raise ValueError
        return int(text)

    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
    return converter(parse, f"a whole number {bounds}")


def _parse_size(text: str) -> tuple[float, float]:
    width, height = (float(side) for side in text.lower().split("x"))
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError
    return width, height


def _parse_grid(text: str) -> int | tuple[int, int]:
    sides = tuple(int(side) for side in text.lower().split("x"))
    as_grid(sides * 2 if len(sides) == 1 else sides)  # type: ignore[arg-type]
    return sides[0] if len(sides) == 1 else (sides[0], sides[1])


def _parse_column(text: str) -> tuple[str, str | int]:
    role, equals, name = text.partition("=")
    if not (role and equals and name):
        raise ValueError
    return role, int(name) if name.isdecimal() else name


def _parse_transform(text: str) -> str | tuple[float, ...]:
    if text == "world":
        return text
    numbers = tuple(float(part) for part in text.split(","))
    if len(numbers) != 6 or not all(map(math.isfinite, numbers)):
        raise ValueError
    return numbers


def attributes(text: str) -> list[str]:
    """Return the attributes of a list with commas."""
    return [choice(get_args(Attribute))["type"](name.strip()) for name in text.split(",")]


def limit(text: str) -> tuple[str, float]:
    """Return the name and value of a limit; commas may group digits, as messages write them."""
    name, _, value = text.partition("=")
    choice([*LIMITS])["type"](name)
    is_whole = isinstance(LIMITS[name], int)
    parse = whole(1) if is_whole else number(0, above=True)
    return name, parse(value.replace(",", ""))


LIMITS = {field.name: field.default for field in fields(Limits)}


def _parse_area(text: str) -> AreaName | tuple[float, float]:
    if text in AREAS:
        return text
    low, high = text.split(":")
    area = float(low or 0), float(high or math.inf)
    if not 0 <= area[0] < area[1]:
        raise ValueError
    return area


image_size = converter(_parse_size, "WxH, both above 0")
GRID = converter(_parse_grid, "N or HxW, each from 1 to 2**26")
AREA = converter(_parse_area, "small, medium, large or LOW:HIGH in square pixels, as in 1024:9216")
COLUMN = converter(_parse_column, "ROLE=NAME, as in image=photo")
TRANSFORM = converter(_parse_transform, "six numbers A,B,C,D,E,F or world")
NUMBERS = converter(lambda text: tuple(map(int, text.split(","))), "whole numbers, as in 0,255")
