"""Parsing of JSON files, and of numbers, points and objects in JSON values."""

from __future__ import annotations

import gc
import json
import math
import re
from contextlib import contextmanager, suppress
from functools import cache
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.files import UNKNOWN, invalid_text, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from heatgrid.io.options import ReadOptions, Size

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Ring = list[Point]

NOT_AN_OBJECT = "annotation is not an object"
NOT_NUMBERS = "coordinate is not a number"
NOT_POINTS = "coordinates are not a list of points"
ODD = "ring with an odd number of coordinates"
NEGATIVE = "negative width or height"
ROTATED = "box rotated by an unknown convention"

ANGLES = ("rotation", "angle", "theta")
"""Keys of the rotation of a box."""

_NUMBERS = {int, float}
_PART = 32
_SHORT = 1024  # bytes; the import of a quick decoder takes as long as hundreds of such texts
_BEGIN, _COMMA, _END = (re.compile(rf"[ \t\n\r]*+{mark}[ \t\n\r]*+") for mark in (r"\[", ",", r"\]"))


class MisfitError(ValueError):
    """Reason for skipping an annotation."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector, which would traverse millions of new objects that all stay alive."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def read_json(path: Path, options: ReadOptions) -> Any:
    """Return a JSON file's content as Python objects; raise FormatError, with the line, if it is broken."""
    return parse_json(read_bytes(path, options), path)


def parse_json(content: bytes, path: Path) -> Any:
    """Return JSON text as Python objects; raise FormatError, with the line, if it is broken."""
    with collector_paused():
        if len(content) > _SHORT and (decode := _fast_decoder()) is not None:
            with suppress(Exception):  # the standard library judges what it does not read
                return decode(content)
        try:
            return json.loads(content)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            raise FormatError(f"broken JSON: {error.msg}", path, place) from error
        except RecursionError as error:
            raise FormatError("broken JSON: nested too deeply", path) from error
        except UnicodeDecodeError as error:
            raise invalid_text(path) or FormatError(f"broken JSON: {error}", path) from error
        except ValueError:  # an integer with more digits than Python converts
            return json.loads(
                content, parse_int=lambda digits: int(digits) if len(digits) < 4000 else float(digits)
            )


def read_json_list(path: Path, options: ReadOptions, take: Callable[[int, list[Any]], object]) -> Any:
    """Return a JSON file's content; if it is a list, a list of what ``take`` returns for its parts.

    ``take`` receives the index of a part's first value, and its values. The values of one part only are in
    memory, apart from those that ``take`` keeps. Raises as `read_json`.
    """
    content = read_bytes(path, options)
    with collector_paused():
        with suppress(Exception):  # `parse_json` judges what is not read here
            taken: list[object] = []
            values = _values_in(content)
            for begin in count(0, _PART):
                if not (part := list(islice(values, _PART))):
                    return taken
                taken.append(take(begin, part))
        found = parse_json(content, path)
        if not isinstance(found, list):
            return found
        return [take(begin, found[begin : begin + _PART]) for begin in range(0, len(found), _PART)]


def _values_in(content: bytes) -> Iterator[Any]:
    """Yield the values of a JSON list one by one; raise an error if the content is anything else."""
    if (decode := _fast_decoder()) is not None:
        from msgspec import Raw
        from msgspec import json as fast

        yield from map(decode, fast.decode(content, type=list[Raw]))
        return
    text = content.decode()
    read = json.JSONDecoder().raw_decode
    separator, at = _BEGIN, 0
    while (match := separator.match(text, at)) is not None:
        value, at = read(text, match.end())
        yield value
        separator = _COMMA
    if _END.fullmatch(text, at) is None:
        raise ValueError


@cache
def _fast_decoder() -> Callable[[bytes], Any] | None:
    """Return the decoder of msgspec, which returns what the standard library does; None without it."""
    try:
        from msgspec import json as fast
    except ImportError:
        return None
    decode: Callable[[bytes], Any] = fast.Decoder().decode
    return decode


def type_name(value: object) -> str:
    """Return the JSON name of a value's type."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def number(value: object, reason: str = NOT_NUMBERS) -> float:
    """Return a number, NaN for null, infinity for integers beyond float64; raise MisfitError for others."""
    if type(value) is float:  # nearly always
        return value
    if value is None:
        return math.nan
    try:
        if isinstance(value, str) and "_" not in value:  # Python accepts 1_000
            return float(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    except OverflowError:
        return math.inf if isinstance(value, int) and value > 0 else -math.inf
    except ValueError:
        pass
    raise MisfitError(reason)


def rotation_of(holder: dict[str, Any], keys: Sequence[str] = ANGLES) -> float:
    """Return the first rotation of an object under these keys that is a number other than 0, else 0."""
    for key in keys:
        if value := holder.get(key):
            with suppress(MisfitError):
                if angle := number(value):
                    return angle
    return 0.0


def is_number(text: str) -> bool:
    """Return whether a text is a number."""
    try:
        number(text)
    except MisfitError:
        return False
    return True


def numbers(holder: dict[str, Any], *keys: str) -> tuple[float, ...]:
    """Return the numbers under these keys; raise MisfitError if one is missing or not a number."""
    for key in keys:
        if key not in holder:
            raise MisfitError(f"no {key}")
    return tuple(number(holder[key]) for key in keys)


def numbers_in(value: object, count: int) -> tuple[float, ...]:
    """Return the numbers of a list of this length; raise MisfitError for any other value."""
    if not isinstance(value, list) or len(value) != count:
        raise MisfitError(f"bbox is not {count} numbers")
    return tuple(map(number, value))


def mapping(value: object, reason: str = NOT_AN_OBJECT) -> dict[str, Any]:
    """Return a JSON object; raise MisfitError for any other value."""
    if not isinstance(value, dict):
        raise MisfitError(reason)
    return value


def as_dict(value: object) -> dict[str, Any]:
    """Return a JSON object; an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return a JSON list; an empty one for any other value."""
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
    """Return the points of a list of points, or of a flat list x1, y1, x2, y2, ..."""
    if not isinstance(value, list):
        raise MisfitError(NOT_POINTS)
    if (pairs := _plain_pairs(value)) is not None:
        return pairs
    if value and not isinstance(value[0], list | dict):
        if len(value) % 2:
            raise MisfitError(ODD)
        flat = [number(v) for v in value]
        return list(zip(flat[::2], flat[1::2], strict=True))
    return [point(v) for v in value]


def _plain_pairs(value: list[Any]) -> Ring | None:
    """Return the points of a list of lists of two numbers; None for any other list, or very large integers.

    All points pass through each step at once, since most of a file are points.
    """
    try:
        if set(map(len, value)) != {2}:
            return None
        types = set(map(type, chain.from_iterable(value)))
        if types == {float}:
            return value
        return [(float(x), float(y)) for x, y in value] if types <= _NUMBERS else None
    except (TypeError, OverflowError):
        return None


def box_from_size(x: float, y: float, width: float, height: float) -> Box:
    """Return the corners of a box from one corner, its width and its height."""
    if width < 0 or height < 0:
        raise MisfitError(NEGATIVE)
    return x, y, x + width, y + height


def box_around(ring: Ring) -> Box:
    """Return the bounding box of points; NaN if a coordinate is NaN."""
    if not ring:
        raise MisfitError(NOT_POINTS)
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    if any(math.isnan(v) for v in (*xs, *ys)):
        return (math.nan,) * 4
    return min(xs), min(ys), max(xs), max(ys)


def size(holder: object, width: str = "width", height: str = "height") -> Size:
    """Return a width and a height in pixels, NaN if they are unknown."""
    if not isinstance(holder, dict):
        return UNKNOWN
    try:
        return number(holder.get(width)), number(holder.get(height))
    except MisfitError:
        return UNKNOWN


def is_known(size: Size) -> bool:
    """Return whether a width and a height are positive and finite."""
    return 0 < size[0] < math.inf and 0 < size[1] < math.inf


def text(value: object) -> str:
    """Return a string or number as stripped text; an empty string for any other value."""
    if type(value) is str:  # nearly always
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def texts(values: object) -> list[str]:
    """Return the different texts of a list that are not empty; an empty list for any other value."""
    return [name for name in dict.fromkeys(map(text, as_list(values))) if name]
