"""Files of MATLAB, level 5: structures, cells, texts and numbers.

The layout is that of https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf. A damaged file makes
``scipy.io.loadmat`` end the process, so that it is not used.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core.limits import check_stop
from heatgrid.errors import FormatError
from heatgrid.io.files import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from heatgrid.io.options import ReadOptions

BEGINNING = b"MATLAB 5.0 MAT-file"
_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15  # kinds of elements
_CELL, _STRUCTURE, _TEXT = 1, 2, 4  # classes of matrices
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {4: "utf-16", 17: "utf-16", 18: "utf-32"}  # of more than one byte
_DEEPEST = 20
_LEAST = 1 << 20  # bytes to which any variable may unpack


def holds(head: bytes, name: str) -> bool:
    """Return whether a file begins like one of MATLAB whose first variable has this name."""
    first = head[_HEADER : _HEADER + 512]
    if len(first) > 8 and _COMPRESSED in (first[0], first[3]):
        try:
            first = zlib.decompressobj().decompress(first[8:], 128)
        except zlib.error:
            return False
    return head.startswith(BEGINNING) and name.encode() in first[:128]


def read_variables(path: Path, options: ReadOptions) -> dict[str, Any]:
    """Return the variables of a file by name.

    A matrix of structures is a list of dicts, one of numbers a list, one of letters a text. The matrices in
    cells are joined to a list.
    """
    content = read_bytes(path, options)
    order = "<" if content[126:128] == b"IM" else ">"
    try:
        return dict(_variables(memoryview(content)[_HEADER:], order, options))
    except (ValueError, IndexError, struct.error, zlib.error) as error:
        raise FormatError(f"broken file of MATLAB: {error}", path) from error


def _variables(content: memoryview, order: str, options: ReadOptions) -> Iterator[tuple[str, Any]]:
    for kind, data in _elements(content, order):
        if kind == _COMPRESSED:
            most = int(min(options.limits.file_bytes, max(_LEAST, options.limits.archive_ratio * len(data))))
            unpacker = zlib.decompressobj()
            unpacked = unpacker.decompress(data, most)
            if not unpacker.eof:
                raise ValueError("a variable is cut off, or larger than limits.archive_ratio allows")
            yield from _variables(memoryview(unpacked), order, options)
        elif kind == _MATRIX:
            yield _matrix(data, order)


def _elements(content: memoryview, order: str) -> Iterator[tuple[int, memoryview]]:
    """Yield kind and data of each element of a file, or of a matrix."""
    at = 0
    while at < len(content):
        kind, size = struct.unpack_from(f"{order}II", content, at)
        begin = at + 8
        if kind >> 16:  # the size and up to four bytes are in the tag
            kind, size, begin = kind & 0xFFFF, kind >> 16, at + 4
        data = content[begin : begin + size]
        if len(data) < size:
            raise ValueError("an element is cut off")
        yield kind, data
        at = max(begin + size, at + 8)
        if kind != _COMPRESSED:
            at += -at % 8


def _matrix(content: memoryview, order: str, depth: int = 0) -> tuple[str, Any]:
    """Return the name and the value of a matrix."""
    check_stop()
    if not len(content):
        return "", []
    if depth > _DEEPEST:
        raise ValueError("matrices nested too deeply")
    (_, flags), _, (_, name), *parts = _elements(content, order)
    kind = struct.unpack(f"{order}I", flags[:4])[0] & 255
    value: Any = []
    if kind == _TEXT:
        value = "".join(bytes(data).decode(_encoding(code, order)) for code, data in parts[:1])
    elif kind == _CELL:
        cells = [_matrix(data, order, depth + 1)[1] for _, data in parts]
        value = [one for cell in cells for one in ([cell] if isinstance(cell, str) else cell)]
    elif kind == _STRUCTURE:
        (_, length), (_, names), *parts = parts
        fields = _texts(bytes(names), struct.unpack(f"{order}I", length)[0])
        values = [_matrix(data, order, depth + 1)[1] for _, data in parts]
        step = len(fields) or 1
        value = [dict(zip(fields, values[i : i + step], strict=True)) for i in range(0, len(values), step)]
    else:
        for code, data in parts[:1]:  # the imaginary part may follow
            value = np.frombuffer(data, dtype=f"{order}{_NUMBERS.get(code, 'V1')}").tolist()
    return bytes(name).decode("latin-1"), value


def _encoding(code: int, order: str) -> str:
    wide = _TEXTS.get(code)
    return f"{wide}-{'le' if order == '<' else 'be'}" if wide else "utf-8"


def _texts(names: bytes, length: int) -> list[str]:
    """Return names that take the same number of bytes each, padded with zeros."""
    if not 0 < length <= 256:
        raise ValueError("names of no length")
    return [names[i : i + length].split(b"\0")[0].decode("latin-1") for i in range(0, len(names), length)]
