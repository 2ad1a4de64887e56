"""Records: JSON values of images or objects, one per line (JSON Lines), in one list, or alone."""

from __future__ import annotations

import json
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from heatgrid.io.files import BLANKS, open_text
from heatgrid.io.parse import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

BROKEN = "line is not JSON"
JSON_LINES = (".jsonl", ".ndjson")
RECORDS = (*JSON_LINES, ".json")
"""Suffixes of files of records; the last is also that of a single list."""

_INSPECTED = 3


class Broken:
    """A line that is not JSON."""


def read_records(path: Path, options: ReadOptions) -> Iterator[tuple[str, Any]]:
    """Yield the place and the value of each record; a line that is not JSON has the value `Broken`.

    The lines are read one after the other. Raises FormatError if the file is neither JSON Lines nor JSON.
    """
    with open_text(path, options) as text:
        head = list(islice(_lines(text), _INSPECTED))
        if are_records([line for _, line in head]):
            for number, line in chain(head, _lines(text, 1 + head[-1][0])):
                yield f"line {number}", parse_line(line)
            return
    content = read_json(path, options)
    if isinstance(content, list):
        yield from ((f"[{i}]", value) for i, value in enumerate(content))
    else:
        yield "", content


def are_records(lines: Sequence[str]) -> bool:
    """Return whether the first lines of a text, which are not blank, are those of JSON Lines."""
    first, *others = lines or [""]
    if isinstance(parse_line(first), dict):
        return True
    is_alone = first.strip(BLANKS)[:1] != "{" or len(first.strip(BLANKS)) == 1
    return not is_alone and any(isinstance(parse_line(line), dict) for line in others)


def _lines(text: Iterable[str], first: int = 1) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank with their numbers."""
    return ((number, line) for number, line in enumerate(text, first) if line.strip(BLANKS))


def parse_line(line: str) -> Any:
    """Return the value of a line, or `Broken`."""
    try:
        return json.loads(line.strip(BLANKS))
    except (ValueError, RecursionError):
        return Broken
