"""XML without its dangers: no document type, so no entities; limited depth; errors with their line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from heatgrid.errors import FormatError
from heatgrid.formats.files import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.formats.options import ReadOptions


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
    parser = expat.ParserCreate()
    builder = TreeBuilder()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > max_depth:
            message = f"nested deeper than max_depth={max_depth}"
            raise FormatError(message, path, f"line {parser.CurrentLineNumber}")
        builder.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name)

    def refuse(*_: object) -> None:
        message = "a document type declaration, which annotations have no use for and attacks do"
        raise FormatError(message, path, f"line {parser.CurrentLineNumber}")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        message = f"broken XML: {expat.ErrorString(error.code)}"
        raise FormatError(message, path, f"line {error.lineno}, column {error.offset + 1}") from error
    except (LookupError, ValueError) as error:  # an encoding that is unknown, or not for XML
        if isinstance(error, FormatError):
            raise
        message = f"broken XML: {error}"
        raise FormatError(message, path) from error
    return builder.close()
