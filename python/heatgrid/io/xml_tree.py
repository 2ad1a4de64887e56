"""Safe XML: no document type, and so no entities; limited depth; errors with their line."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from heatgrid.errors import FormatError
from heatgrid.io.files import open_binary, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

_CHUNK = 1 << 18


def read_xml(path: Path, options: ReadOptions) -> Element:
    """Return the root of an XML file.

    Raises FormatError if it cannot be read, is incomplete, is nested too deeply, or declares a document type.
    """
    builder = TreeBuilder()
    parser = _Parser(path, options)
    parser.start = lambda _, name, attributes: builder.start(name, attributes)
    parser.end = lambda _, name: builder.end(name)
    parser.data = builder.data
    parser.feed(read_bytes(path, options), last=True)
    return builder.close()


def survey_xml(path: Path, options: ReadOptions, visit: Callable[[str, dict[str, str]], object]) -> str:
    """Read an XML file to its end and return its root's name; raises as `read_xml`.

    ``visit`` is called with the name and the attributes of each child of the root.
    """
    names: list[str] = []

    def start(depth: int, name: str, attributes: dict[str, str]) -> None:
        if depth == 1:
            names.append(name)
        elif depth == 2:
            visit(name, attributes)

    parser = _Parser(path, options)
    parser.start = start
    for _ in _fed(parser, path, options):
        pass
    return names[0]


def stream_xml(path: Path, options: ReadOptions) -> Iterator[Element]:
    """Yield the children of an XML file's root, each as soon as it is complete; raises as `read_xml`."""
    whole: deque[Element] = deque()
    builder = TreeBuilder()

    def start(depth: int, name: str, attributes: dict[str, str]) -> None:
        nonlocal builder
        if depth == 2:
            builder = TreeBuilder()
        if depth > 1:
            builder.start(name, attributes)

    def end(depth: int, name: str) -> None:
        if depth > 1:
            builder.end(name)
        if depth == 2:
            whole.append(builder.close())

    def data(text: str) -> None:
        builder.data(text)  # the current one

    parser = _Parser(path, options)
    parser.start, parser.end, parser.data = start, end, data
    for _ in _fed(parser, path, options):
        while whole:
            yield whole.popleft()


def _fed(parser: _Parser, path: Path, options: ReadOptions) -> Iterator[None]:
    """Feed a file to a parser; yield after each chunk."""
    with open_binary(path, options) as file:
        for chunk in iter(partial(file.read, _CHUNK), b""):
            parser.feed(chunk)
            yield
        parser.feed(b"", last=True)
    yield


class _Parser:
    """Expat with limits; it calls ``start``, ``end`` and ``data``, with the depth from 1."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.start: Callable[[int, str, dict[str, str]], object] = lambda *_: None
        self.end: Callable[[int, str], object] = lambda *_: None
        self.data: Callable[[str], object] | None = None
        self._path, self._max_depth, self._depth = path, options.max_depth, 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def feed(self, content: bytes, *, last: bool = False) -> None:
        """Parse the next part of a file."""
        self._parser.CharacterDataHandler = self.data
        try:
            self._parser.Parse(content, last)
        except expat.ExpatError as error:
            message = f"broken XML: {expat.ErrorString(error.code)}"
            place = f"line {error.lineno}, column {error.offset + 1}"
            raise FormatError(message, self._path, place) from error
        except (LookupError, ValueError) as error:  # an unknown encoding
            if isinstance(error, FormatError):
                raise
            raise FormatError(f"broken XML: {error}", self._path) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._max_depth:
            raise FormatError(
                f"nested deeper than max_depth={self._max_depth}",
                self._path,
                f"line {self._parser.CurrentLineNumber}",
            )
        self.start(self._depth, name, attributes)

    def _end(self, name: str) -> None:
        self.end(self._depth, name)
        self._depth -= 1

    def _refuse(self, *_: object) -> None:
        raise FormatError(
            "document type declarations are not allowed", self._path, f"line {self._parser.CurrentLineNumber}"
        )
