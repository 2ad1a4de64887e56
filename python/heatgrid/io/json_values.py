"""Numbers, points and objects out of JSON values that may be anything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from heatgrid.io.formats.coco.masks import read_code
from heatgrid.io.sizes import UNKNOWN

if TYPE_CHECKING:
    from heatgrid.io.options import Size
    from heatgrid.io.shapes import Box, Point, Ring, RunLengths

NOT_AN_OBJECT = "annotation is not an object"
NOT_NUMBERS = "coordinate is not a number"
NOT_POINTS = "coordinates are not a list of points"
ODD = "ring with an odd number of coordinates"
NEGATIVE = "negative width or height"


class MisfitError(ValueError):
    """The reason for leaving an annotation out."""


def number(value: object, reason: str = NOT_NUMBERS) -> float:
    """Return a number; null is NaN, and what is too large is infinite.

    Raises
    ------
    MisfitError
        It is none.
    """
    if value is None:
        return math.nan
    try:
        if isinstance(value, str) and "_" not in value:  # Python's own 1_000 is none
            return float(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    except OverflowError:
        return math.inf if isinstance(value, int) and value > 0 else -math.inf
    except ValueError:
        pass
    raise MisfitError(reason)


def numbers(holder: dict[str, Any], *keys: str) -> tuple[float, ...]:
    """Return the numbers under these keys.

    Raises
    ------
    MisfitError
        One is missing, or no number.
    """
    for key in keys:
        if key not in holder:
            message = f"no {key}"
            raise MisfitError(message)
    return tuple(number(holder[key]) for key in keys)


def numbers_in(value: object, count: int) -> tuple[float, ...]:
    """Return the numbers of a list of so many.

    Raises
    ------
    MisfitError
        It is none.
    """
    if not isinstance(value, list) or len(value) != count:
        message = f"bbox is not {count} numbers"
        raise MisfitError(message)
    return tuple(map(number, value))


def mapping(value: object, reason: str = NOT_AN_OBJECT) -> dict[str, Any]:
    """Return a JSON object.

    Raises
    ------
    MisfitError
        It is none.
    """
    if not isinstance(value, dict):
        raise MisfitError(reason)
    return value


def objects(value: object) -> list[Any]:
    """Return a list's elements; none of what is no list."""
    return value if isinstance(value, list) else []


def point(value: object) -> Point:
    """Return a point of ``[x, y]`` or ``{"x": x, "y": y}``."""
    if isinstance(value, dict):
        x, y = numbers(value, "x", "y")
        return x, y
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise MisfitError(NOT_POINTS)
    return number(value[0]), number(value[1])


def points(value: object) -> Ring:
    """Return points of a list of points, or of a flat list x1, y1, x2, y2, ..."""
    if not isinstance(value, list):
        raise MisfitError(NOT_POINTS)
    if value and not isinstance(value[0], list | dict):
        if len(value) % 2:
            raise MisfitError(ODD)
        flat = [number(v) for v in value]
        return list(zip(flat[::2], flat[1::2], strict=True))
    return [point(v) for v in value]


def box_from_size(x: float, y: float, width: float, height: float) -> Box:
    """Return the corners of a box that is given by one corner, its width and its height."""
    if width < 0 or height < 0:
        raise MisfitError(NEGATIVE)
    return x, y, x + width, y + height


def box_around(ring: Ring) -> Box:
    """Return the box of opposite corners in any order, or of any points; NaN where one is."""
    if not ring:
        raise MisfitError(NOT_POINTS)
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    if any(math.isnan(v) for v in (*xs, *ys)):
        return (math.nan,) * 4
    return min(xs), min(ys), max(xs), max(ys)


def run_lengths(value: object) -> RunLengths:
    """Return a mask of COCO's ``size`` and ``counts``."""
    mask = read_code(mapping(value, "mask is not an object of size and counts"))
    if isinstance(mask, str):
        raise MisfitError(mask)
    return mask


def size(holder: object, width: str = "width", height: str = "height") -> Size:
    """Return a width and a height in pixels, NaN where they are not known."""
    if not isinstance(holder, dict):
        return UNKNOWN
    try:
        return number(holder.get(width)), number(holder.get(height))
    except MisfitError:
        return UNKNOWN


def text(value: object) -> str:
    """Return a name without blanks around it; nothing where it is no text and no number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()
