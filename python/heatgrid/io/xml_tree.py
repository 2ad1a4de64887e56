"""XML without its dangers: no document type, so no entities; limited depth; errors with their line."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from heatgrid.errors import FormatError
from heatgrid.io.files import open_binary, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

_CHUNK = 1 << 18


def read_xml(path: Path, options: ReadOptions) -> Element:
    """Return the outermost element of an XML file.

    Raises
    ------
    FormatError
        The file cannot be read, breaks off, nests too deeply, or declares a document type.
    """
    return parse_xml(read_bytes(path, options), str(path), options.max_depth)


def parse_xml(content: bytes, path: str, max_depth: int) -> Element:
    """Parse XML; see `read_xml`."""
    builder = TreeBuilder()
    parser = _Parser(path, max_depth)
    parser.start = lambda _, name, attributes: builder.start(name, attributes)
    parser.end = lambda _, name: builder.end(name)
    parser.data = builder.data
    parser.feed(content, last=True)
    return builder.close()


def survey_xml(path: Path, options: ReadOptions, see: Callable[[str, dict[str, str]], object]) -> str:
    """Read an XML file to its end without keeping any of it, and return its outermost element's name.

    Parameters
    ----------
    path
        The file.
    options
        Give the limits.
    see
        Is called with the name and the attributes of each element in the outermost one.

    Raises
    ------
    FormatError
        As `read_xml`.
    """
    names: list[str] = []

    def start(depth: int, name: str, attributes: dict[str, str]) -> None:
        if depth == 1:
            names.append(name)
        elif depth == 2:
            see(name, attributes)

    parser = _Parser(str(path), options.max_depth)
    parser.start = start
    for _ in _fed(parser, path, options):
        pass
    return names[0]


def stream_xml(path: Path, options: ReadOptions) -> Iterator[Element]:
    """Yield the elements in an XML file's outermost one, each as soon as it is whole, and keep none.

    Raises
    ------
    FormatError
        As `read_xml`, when it comes to the place.
    """
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
        builder.data(text)  # the one of the element that is being read

    parser = _Parser(str(path), options.max_depth)
    parser.start, parser.end, parser.data = start, end, data
    for _ in _fed(parser, path, options):
        while whole:
            yield whole.popleft()


def _fed(parser: _Parser, path: Path, options: ReadOptions) -> Iterator[None]:
    """Feed a file to a parser, and pause after each chunk."""
    with open_binary(path, options) as file:
        chunks: Iterable[bytes] = iter(partial(file.read, _CHUNK), b"")
        for chunk in chunks:
            parser.feed(chunk)
            yield
        parser.feed(b"", last=True)
    yield


class _Parser:
    """Expat with limits; what it meets goes to ``start``, ``end`` and ``data``, with its depth from 1."""

    def __init__(self, path: str, max_depth: int) -> None:
        self.start: Callable[[int, str, dict[str, str]], object] = lambda *_: None
        self.end: Callable[[int, str], object] = lambda *_: None
        self.data: Callable[[str], object] | None = None
        self._path, self._max_depth, self._depth = path, max_depth, 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def feed(self, content: bytes, *, last: bool = False) -> None:
        """Parse what comes next.

        Raises
        ------
        FormatError
            It is no XML, nests too deeply, or declares a document type.
        """
        self._parser.CharacterDataHandler = self.data
        try:
            self._parser.Parse(content, last)
        except expat.ExpatError as error:
            message = f"broken XML: {expat.ErrorString(error.code)}"
            place = f"line {error.lineno}, column {error.offset + 1}"
            raise FormatError(message, self._path, place) from error
        except (LookupError, ValueError) as error:  # an encoding that is unknown, or not for XML
            if isinstance(error, FormatError):
                raise
            message = f"broken XML: {error}"
            raise FormatError(message, self._path) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._max_depth:
            message = f"nested deeper than max_depth={self._max_depth}"
            raise FormatError(message, self._path, f"line {self._parser.CurrentLineNumber}")
        self.start(self._depth, name, attributes)

    def _end(self, name: str) -> None:
        self.end(self._depth, name)
        self._depth -= 1

    def _refuse(self, *_: object) -> None:
        message = "a document type declaration, which annotations have no use for and attacks do"
        raise FormatError(message, self._path, f"line {self._parser.CurrentLineNumber}")
