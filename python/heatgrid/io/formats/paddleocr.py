"""PaddleOCR: ``Label.txt``, a line per image with its name, a tab and a JSON list of words in pixels.

The format is described at https://paddlepaddle.github.io/PaddleOCR (data annotation). A word has four corners
or more; its class is ``key_cls`` if the file has key classes, otherwise ``text``. Words that the file marks
as illegible (``###``) are to be ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.core.ragged import Flag
from heatgrid.io import parse
from heatgrid.io.documents import Document, Documents, Entry, Splits
from heatgrid.io.files import decode_head, open_text
from heatgrid.io.records import BROKEN, Broken, parse_line
from heatgrid.io.registry import Probe, Signature
from heatgrid.io.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

TITLE = "PaddleOCR labels (Label.txt)"
TEXT = "text"
ILLEGIBLE = ("###", "*")
"""Transcriptions of words that a benchmark ignores."""
_NO_KEY = "None"  # as PPOCRLabel writes it


def _check_file(probe: Probe) -> bool:
    """Return whether the first line has a name, a tab, and a list of words."""
    first = next((line for line in decode_head(probe.head).splitlines() if line.strip()), "")
    name, _, rest = first.partition("\t")
    text = rest.strip()
    return bool(name) and (text == "[]" or (text[:2] == "[{" and '"points"' in text))


SIGNATURE = Signature(suffixes=(".txt",), check=_check_file)


def _load(path: Path, options: ReadOptions) -> Iterator[tuple[int, str]]:
    with open_text(path, options) as text:
        yield from enumerate(text, 1)


def _add_images(document: Document) -> Splits:
    if not document.options.wants(document.split):
        return
    for number, line in document.content:
        name, _, rest = line.partition("\t")
        words = parse_line(rest)
        if not line.strip():
            continue
        place = f"line {number}"
        if not isinstance(words, list):
            reason = BROKEN if words is Broken else "expected a list of words"
            document.builder.skip_row(reason, str(document.file), place)
            continue
        yield document.split
        document.image(name.strip().replace("\\", "/"), place=place)
        document.add_entries(words, _read_label, _read_word)


read = Documents(
    _add_images, suffixes=(".txt",), many=True, load=_load, check=_check_file, position_format="[{}]"
).read


def _read_label(entry: dict[str, Any]) -> str:
    label = parse.text(entry.get("key_cls"))
    return TEXT if label in ("", _NO_KEY) else label


def _read_word(entry: dict[str, Any]) -> Entry:
    flags = int(Flag.IGNORE) * (entry.get("transcription") in ILLEGIBLE)
    flags |= int(Flag.DIFFICULT) * (entry.get("difficult") is True)
    return Entry(Shape(polygon=[[parse.points(entry.get("points"))]]), flags)
