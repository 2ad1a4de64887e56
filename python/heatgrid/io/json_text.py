"""JSON as it is found: byte order marks, UTF-16, NaN, numbers without end, text cut off in the middle."""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError
from heatgrid.io.files import decode, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from walking millions of new objects that are all alive."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def read_json(path: Path, options: ReadOptions) -> Any:
    """Return a JSON file's content as Python objects.

    Raises
    ------
    FormatError
        The file cannot be read, or is not JSON; with the line where it breaks.
    """
    return parse_json(read_bytes(path, options), path)


def parse_json(content: bytes, path: Path) -> Any:
    """Return the content of a JSON file, read already, as Python objects.

    Raises
    ------
    FormatError
        It is not JSON; with the line where it breaks.
    """
    with collector_paused():
        try:
            return json.loads(content)
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            message = f"broken JSON: {error.msg}"
            raise FormatError(message, path, place) from error
        except RecursionError as error:
            raise FormatError("broken JSON: nested too deeply", path) from error
        except ValueError:  # bytes that are no UTF-8, or a whole number of more digits than Python converts
            return _read_leniently(content, path)


def _read_leniently(content: bytes, path: Path) -> Any:
    try:
        return json.loads(decode(content), parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        message = f"broken JSON: {error}"
        raise FormatError(message, path) from error


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) < 4000 else float(digits)


def type_name(value: object) -> str:
    """Name a JSON value's type as JSON does."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
