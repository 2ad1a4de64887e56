"""XML files as trees of elements, whole or child by child, within limits."""

from __future__ import annotations

import codecs
import re
import sys
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING
from xml.etree.ElementTree import XML, Element, ParseError, TreeBuilder
from xml.parsers import expat

from heatgrid.errors import FormatError
from heatgrid.io.files import invalid_text, open_binary, open_text, read_bytes, read_head, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

HAS_GROUPS = sys.version_info >= (3, 11, 5)
"""Whether possessive groups match as documented (https://github.com/python/cpython/issues/106052)."""

_CHUNK = 1 << 18
_HEAD = 200
_LARGEST_PIECE = 1 << 24
_BLANKS = b" \t\r\n"
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{,100}?encoding\s*=\s*["']([\w.-]+)["']""")
_EXPAT_ENCODINGS = {"utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "ascii"}
_INVALID_TOKEN = expat.errors.XML_ERROR_INVALID_TOKEN


def read_xml(path: Path, options: ReadOptions) -> Element:
    """Return the root of an XML file.

    Raises FormatError if it cannot be read, is incomplete, is nested too deeply, or declares a document type.
    """
    return parse_xml(read_bytes(path, options), path, options)


def parse_xml(content: bytes, path: str | Path, options: ReadOptions) -> Element:
    """Return the root of the content of an XML file; raises as `read_xml`."""
    encoding = _encoding_to_decode(content[:_HEAD], path, options)
    if encoding is None and (root := _plain_tree(content, options.limits.depth)) is not None:
        return root
    builder = TreeBuilder()
    for _ in _parse_xml(
        [read_text(path, replace(options, encoding=encoding)) if encoding else content],
        path,
        options,
        start=lambda _, name, attributes: builder.start(name, attributes),
        end=lambda _, name: builder.end(name),
        data=builder.data,
    ):
        pass
    return builder.close()


def _plain_tree(content: bytes, depth: int) -> Element | None:
    """Return the root of an XML file as the standard library reads it, four times as fast as `_parse_xml`.

    None if it is broken, may declare a document type or a namespace, or is nested deeper: then `_parse_xml`
    judges.
    """
    if b"\0" in content or b"<!DOCTYPE" in content or b"xmlns" in content:  # zeros are those of UTF-16
        return None
    try:
        root = XML(content)
    except (ParseError, ValueError, LookupError):
        return None
    level = [root]
    if content.count(b"</") >= depth:  # else it cannot be that deep
        for _ in range(depth):
            if not (level := list(chain.from_iterable(level))):
                break
        else:
            return None
    return root


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

    for _ in _parse_xml(_chunks(path, options), path, options, start=start):
        pass
    return names[0]


def stream_xml(path: Path, options: ReadOptions) -> Iterator[Element]:
    """Yield the children of an XML file's root, each as soon as it is complete; raises as `read_xml`."""
    whole: list[Element] = []
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

    for _ in _parse_xml(_chunks(path, options), path, options, start=start, end=end, data=data):
        yield from whole
        whole.clear()


def stream_pieces(path: Path, options: ReadOptions, root: str, child: str) -> Iterator[Element | str]:
    """Yield a file in pieces: the root with what precedes the first such child, then texts of its children.

    The texts are not parsed, see `parse_children`. Raises FormatError for a file that needs `stream_xml`.
    """
    begin, end, last = f"<{child}".encode(), f"</{child}>".encode(), f"</{root}>".encode()
    with open_binary(path, options) as file:
        text = file.read(_CHUNK)
        declared = _DECLARED.match(text)
        if options.encoding or (declared and declared[1].lower() != b"utf-8") or not text.startswith(b"<"):
            raise FormatError("encoding other than UTF-8", path)
        while (cut := text.find(begin)) < 0 and len(text) < _LARGEST_PIECE and (more := file.read(_CHUNK)):
            text += more
        head = _plain_tree(text[:cut] + last, options.limits.depth)
        if head is None or head.tag != root or cut < 0:
            raise FormatError(f"no <{child}> in <{root}>", path)
        yield head
        text = text[cut:]
        while len(text) < _LARGEST_PIECE:
            if (cut := text.rfind(end)) >= 0:
                yield _decode(text[: cut + len(end)], path)
                text = text[cut + len(end) :]
            if not (more := file.read(_CHUNK)):
                break
            text += more
        text = text.strip(_BLANKS)
        if more or not text.endswith(last):
            raise FormatError(f"no </{root}> at the end", path)
        if text != last:
            yield _decode(text.removesuffix(last), path)


def _decode(text: bytes, path: Path) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise FormatError("encoding other than UTF-8", path) from error


def parse_children(text: str, root: str, path: Path, options: ReadOptions) -> Element:
    """Return a root with the children in a text of `stream_pieces`; raises as that does."""
    parsed = _plain_tree(f"<{root}>{text}</{root}>".encode(), options.limits.depth)
    if parsed is None:
        raise FormatError("XML that is not read in pieces", path)
    return parsed


def _chunks(path: Path, options: ReadOptions) -> Iterator[bytes | str]:
    if encoding := _encoding_to_decode(read_head(path, _HEAD), path, options):
        with open_text(path, replace(options, encoding=encoding)) as text:
            yield from iter(partial(text.read, _CHUNK), "")
    else:
        with open_binary(path, options) as file:
            yield from iter(partial(file.read, _CHUNK), b"")


def _encoding_to_decode(head: bytes, path: str | Path, options: ReadOptions) -> str | None:
    """Return the encoding to decode an XML file in; None if Expat knows the one that it declares."""
    declared = _DECLARED.match(head)
    if options.encoding is not None or declared is None:
        return options.encoding
    name = declared[1].decode()
    try:
        return None if codecs.lookup(name).name in _EXPAT_ENCODINGS else name
    except LookupError as error:
        raise FormatError(f"broken XML: {error}", path) from error


def _parse_xml(
    chunks: Iterable[bytes | str],
    path: str | Path,
    options: ReadOptions,
    *,
    start: Callable[[int, str, dict[str, str]], object],
    end: Callable[[int, str], object] = lambda *_: None,
    data: Callable[[str], object] | None = None,
) -> Iterator[None]:
    """Parse a file within limits, and yield after each chunk; ``start`` and ``end`` take the depth from 1."""
    parser = expat.ParserCreate()
    depth = 0

    def refuse(reason: str) -> None:
        raise FormatError(reason, path, f"line {parser.CurrentLineNumber}")

    def enter(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > options.limits.depth:
            refuse(f"nested deeper than limits.depth={options.limits.depth}")
        start(depth, name, attributes)

    def leave(name: str) -> None:
        nonlocal depth
        end(depth, name)
        depth -= 1

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = enter, leave, data
    parser.StartDoctypeDeclHandler = lambda *_: refuse("document type declarations are not allowed")
    for chunk in chain(chunks, [b""]):
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            message = expat.ErrorString(error.code)
            is_bytes = not isinstance(chunk, str)
            if is_bytes and message == _INVALID_TOKEN and (fault := invalid_text(path)):
                raise fault from error
            place = f"line {error.lineno}, column {error.offset + 1}"
            place += f", byte {parser.ErrorByteIndex:,}" if is_bytes else ""
            raise FormatError(f"broken XML: {message}", path, place) from error
        except FormatError:
            raise
        except ValueError as error:  # an encoding that Expat does not know
            raise FormatError(f"broken XML: {error}", path) from error
        yield
