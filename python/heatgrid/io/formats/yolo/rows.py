"""Rows of YOLO label files turned into columns, many files at once.

A row is a class number and normalised coordinates; what they are is told by how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import gather, offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NOT_NUMBERS = "row holds something that is not a number"

_BLANK = np.zeros(256, dtype=bool)
_BLANK[list(b" \t\n\r\v\f")] = True


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line left out: the number of its file in the batch, its own from 1, and why."""

    file: int
    line: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """All rows of a batch of files, in order.

    Attributes
    ----------
    values
        (V,) float64, the numbers of all rows.
    offsets
        (N + 1,) where each row begins in ``values``.
    file
        (N,) the number of each row's file.
    line
        (N,) each row's line in its file, from 1.
    """

    values: NDArray[np.float64]
    offsets: NDArray[np.int64]
    file: NDArray[np.int64]
    line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.file)

    def take(self, index: NDArray[np.int64]) -> Rows:
        """Return the rows with these numbers."""
        positions, offsets = gather(self.offsets, index)
        return Rows(self.values[positions], offsets, self.file[index], self.line[index])

    def renumbered(self, files: NDArray[np.int64]) -> Rows:
        """Return the rows with their files' numbers replaced by those in their place."""
        return Rows(self.values, self.offsets, files[self.file], self.line)

    def merged(self, others: Rows) -> Rows:
        """Return these and other rows, of different files, in the order of the files."""
        lengths = np.concatenate([np.diff(self.offsets), np.diff(others.offsets)])
        every = Rows(
            np.concatenate([self.values, others.values]),
            offsets_of(lengths),
            np.concatenate([self.file, others.file]),
            np.concatenate([self.line, others.line]),
        )
        return every.take(np.argsort(every.file, kind="stable"))


def parse(contents: Sequence[bytes]) -> tuple[Rows, list[BadLine]]:
    """Parse label files, each number rounded as Python's ``float`` does."""
    texts = [_plain(content) for content in contents]
    try:
        return _parse(texts), []
    except ValueError:
        bad: list[BadLine] = []
        return _parse([_without_bad_lines(i, text, bad) for i, text in enumerate(texts)]), bad


def _plain(content: bytes) -> bytes:
    """Return the text with newlines only and no byte order mark."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content


def _numbers(text: bytes) -> NDArray[np.float64]:
    if b"_" in text:  # Python's float takes 1_000, which no label file means
        raise ValueError
    tokens = text.split()
    return np.fromiter(map(float, tokens), dtype=np.float64, count=len(tokens))


def _parse(texts: Sequence[bytes]) -> Rows:
    text = b"\n".join([*texts, b""])
    values = _numbers(text)
    characters = np.frombuffer(text, dtype=np.uint8)
    blank = _BLANK[characters]
    begins = ~blank
    begins[1:] &= blank[:-1]
    line_ends = np.flatnonzero(characters == ord("\n"))
    line_begins = np.concatenate([[0], line_ends[:-1] + 1])[: len(line_ends)]
    counts = np.add.reduceat(begins, line_begins, dtype=np.int64) if len(line_ends) else line_ends
    lines = np.fromiter((text.count(b"\n") + 1 for text in texts), dtype=np.int64, count=len(texts))
    file = np.repeat(np.arange(len(texts)), lines)
    line = np.arange(len(file)) - np.repeat(offsets_of(lines)[:-1], lines) + 1
    filled = counts > 0
    return Rows(values, offsets_of(counts[filled]), file[filled], line[filled])


def _without_bad_lines(file: int, text: bytes, bad: list[BadLine]) -> bytes:
    """Blank the lines that do not parse, so that the others keep their numbers."""
    try:
        _numbers(text)
    except ValueError:
        return b"\n".join(
            starmap(lambda i, row: _checked(row, file, i, bad), enumerate(text.split(b"\n"), 1))
        )
    return text


def _checked(row: bytes, file: int, line: int, bad: list[BadLine]) -> bytes:
    try:
        _numbers(row)
    except ValueError:
        bad.append(BadLine(file, line, NOT_NUMBERS))
        return b""
    return row
