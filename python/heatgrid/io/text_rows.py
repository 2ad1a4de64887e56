"""Text files of rows: numbers parsed together, or cells line by line."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice, starmap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import gather, offsets_of
from heatgrid.core.report import Report, describe
from heatgrid.errors import FormatError
from heatgrid.io import places
from heatgrid.io.build import BatchBuilder, read_in_batches
from heatgrid.io.files import clean, decode_head, read_bytes, read_text, walk
from heatgrid.io.options import ReadOptions, split_of
from heatgrid.io.registry import Probe, is_side_text, prevail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.core.annotations import Annotations

NO_FRAME = "frame is not a whole number"
UNNAMED_CLASS = "class number without a name, kept as class_<number>"

_BLANK = np.zeros(256, dtype=bool)
_BLANK[list(b" \t\n\r\v\f")] = True
_EMPTY_CELL = re.compile(rb"(?m)^[ \t]*(?=,)|,[ \t]*(?=,)")
_FIRST = 20  # rows that detection examines
_LARGEST_WHOLE = float(1 << 53)  # float64 cannot represent every larger integer


@dataclass(frozen=True, slots=True)
class BadLine:
    """A skipped line: the number of its file, its own number from 1, the reason, and its class if known."""

    file: int
    line: int
    reason: str
    label: str | None = None


def skip_lines(
    lines: Iterable[BadLine], paths: Sequence[str | Path], options: ReadOptions, report: Report
) -> None:
    """Report skipped lines in order, or raise FormatError at the first with ``on_error="raise"``."""
    for bad in sorted(lines, key=lambda bad: (bad.file, bad.line)):
        path, place = paths[bad.file], f"line {bad.line}"
        if options.strict:
            raise FormatError(bad.reason, path, place)
        where = describe(str(path), place) if report.keeps_another_example(bad.reason) else None
        report.skip(bad.reason, where, label=bad.label)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of several files, in order: row i is ``values[offsets[i]:offsets[i + 1]]``.

    ``file`` and ``line`` are the number of each row's file, and its line in that file, from 1.
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
        """Return the rows with file number i replaced by ``files[i]``."""
        return Rows(self.values, self.offsets, files[self.file], self.line)

    def shifted(self, files: int) -> Rows:
        """Return the rows with numbers of files greater by ``files``."""
        return Rows(self.values, self.offsets, self.file + files, self.line) if files else self

    def merged(self, others: Rows) -> Rows:
        """Return these and other rows, of different files, in the order of the files."""
        merged = concatenated([self, others])
        return merged.take(np.argsort(merged.file, kind="stable"))


def concatenated(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts, in their order."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([part.values for part in parts]),
        offsets_of(np.concatenate([np.diff(part.offsets) for part in parts])),
        np.concatenate([part.file for part in parts]),
        np.concatenate([part.line for part in parts]),
    )


def parse(contents: Sequence[bytes]) -> tuple[Rows, list[BadLine]]:
    """Parse files of rows between blanks; each number is rounded as by ``float``."""
    texts = [_normalize_text(content) for content in contents]
    try:
        return _parse(texts), []
    except ValueError:
        bad: list[BadLine] = []
        return _parse([_blank_bad_lines(i, text, bad) for i, text in enumerate(texts)]), bad


def _normalize_text(content: bytes) -> bytes:
    """Return text as UTF-8 without a byte order mark, with newlines only."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content


def _numbers(text: bytes) -> NDArray[np.float64]:
    if b"_" in text:  # Python accepts 1_000
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


def _blank_bad_lines(file: int, text: bytes, bad: list[BadLine]) -> bytes:
    """Blank the lines that do not parse, so that the others keep their numbers."""

    def checked(number: int, line: bytes) -> bytes:
        try:
            _numbers(line)
        except ValueError:
            bad.append(BadLine(file, number, "row holds something that is not a number"))
            return b""
        return line

    try:
        _numbers(text)
    except ValueError:
        return b"\n".join(starmap(checked, enumerate(text.split(b"\n"), 1)))
    return text


@dataclass(frozen=True, slots=True, eq=False)
class NumberTable:
    """Rows of several files as a table (N, width), NaN where a row is shorter.

    ``counts`` are the numbers per row, which may exceed the width; ``file`` and ``line`` are as in `Rows`;
    ``bad`` are the lines that are not rows of numbers.
    """

    paths: Sequence[Path]
    cells: NDArray[np.float64]
    counts: NDArray[np.int64]
    file: NDArray[np.int64]
    line: NDArray[np.int64]
    bad: Sequence[BadLine] = ()

    def __len__(self) -> int:
        return len(self.file)

    def boxes(self, first: int, options: ReadOptions) -> NDArray[np.float64]:
        """Return the corners of left, top, width and height in the columns from the first."""
        corner = self.cells[:, first : first + 2] - (1 if options.one_based else 0)
        return np.hstack([corner, corner + self.cells[:, first + 2 : first + 4]])

    def valid_rows(
        self,
        faults: Iterable[tuple[str, NDArray[np.bool_]]],
        options: ReadOptions,
        report: Report,
        label_of: Callable[[int], str | None] = lambda _: None,
    ) -> NumberTable:
        """Return the rows without fault, and skip the others for the first reason that applies."""
        wrong = np.zeros(len(self), dtype=bool)
        bad = list(self.bad)
        for reason, applies in faults:
            index = np.flatnonzero(applies & ~wrong).tolist()
            bad += [BadLine(int(self.file[i]), int(self.line[i]), reason, label_of(i)) for i in index]
            wrong |= applies
        skip_lines(bad, self.paths, options, report)
        kept = ~wrong
        return NumberTable(self.paths, self.cells[kept], self.counts[kept], self.file[kept], self.line[kept])


def read_table(files: Sequence[Path], width: int, options: ReadOptions, report: Report) -> NumberTable:
    """Read files of rows between commas or blanks; a file that cannot be read is reported.

    An only file that cannot be read, or the first with ``on_error="raise"``, raises FormatError.
    """
    paths: list[Path] = []
    contents: list[bytes] = []
    for file in files:
        try:
            contents.append(read_bytes(file, options, blank=True))
        except FormatError as error:
            if options.strict or len(files) == 1:
                raise
            report.refuse(error.text, error.path)
        else:
            paths.append(file)
    report.files += len(paths)
    rows, bad = parse([_replace_commas(content) for content in contents])
    counts = np.diff(rows.offsets)
    column = np.arange(len(rows.values)) - np.repeat(rows.offsets[:-1], counts)
    cells = np.full((len(rows), width), np.nan)
    cells[np.arange(width) < counts[:, np.newaxis]] = rows.values[column < width]
    return NumberTable(paths, cells, counts, rows.file, rows.line, bad)


def _replace_commas(content: bytes) -> bytes:
    """Turn commas into blanks, and empty cells into invalid numbers."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode()
    return _EMPTY_CELL.sub(rb"\g<0> ? ", content).replace(b",", b" ")


def is_whole(cells: NDArray[np.float64], least: int = 0) -> NDArray[np.bool_]:
    """Return which numbers are integers that are at least ``least`` and exact in float64."""
    with np.errstate(invalid="ignore"):
        return np.asarray((cells >= least) & (cells < _LARGEST_WHOLE) & (np.floor(cells) == cells))


def first_rows(head: bytes) -> list[list[float]]:
    """Return the first rows of numbers between commas; they end before the first other row."""
    lines = decode_head(head).splitlines()
    if len(lines) > 1 and not head.endswith((b"\n", b"\r")):
        lines.pop()  # it may be incomplete
    rows: list[list[float]] = []
    for line in lines[: 2 * _FIRST]:
        if line.strip() and len(rows) < _FIRST:
            try:
                rows.append([float(cell) for cell in line.strip().removesuffix(",").split(",")])
            except ValueError:
                break
    return rows


def has_rows(head: bytes, is_row: Callable[[list[float]], bool]) -> bool:
    """Return whether most of the first rows of numbers are rows of a format."""
    rows = first_rows(head)
    return 2 * sum(map(is_row, rows)) > len(rows)


class NumberedClasses:
    """Class names in order, and the index of each class number among them.

    Equal names become one class; ``merged`` is the number of such merges. Numbers without a name add
    ``class_<number>`` to ``names`` when they occur.
    """

    def __init__(self, names: Mapping[int, str]) -> None:
        self.names: list[str] = []
        self._index: dict[int, int] = {}
        self._index_of_name: dict[str, int] = {}
        for index, name in sorted(names.items()):
            self._add(index, clean(name))
        self.merged = len(names) - len(self.names)
        self._named = frozenset(names)

    def _add(self, number: int, name: str) -> int:
        index = self._index_of_name.setdefault(name, len(self.names))
        if index == len(self.names):
            self.names.append(name)
        self._index[number] = index
        return index

    def name(self, number: int) -> str:
        """Return the name of a class number."""
        return self.names[self._index[number]] if number in self._index else f"class_{number}"

    def labels(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the indices of class numbers in ``names``, and which of them the data set names."""
        different, inverse = _different(numbers)
        indices = [
            self._index[number] if number in self._index else self._add(number, self.name(number))
            for number in different.tolist()
        ]
        named = np.array([number in self._named for number in different.tolist()], dtype=bool)
        return np.array(indices, dtype=np.int64)[inverse], named[inverse]


def _different(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different numbers in order, and the index of each number among them."""
    if len(numbers) == 0 or numbers.min() < 0 or numbers.max() > len(numbers):
        return np.unique(numbers, return_inverse=True)
    present = np.bincount(numbers) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[numbers]  # without sorting


_LOOKS = 20


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A file of rows, the name of its image, and its split."""

    name: str
    path: Path
    split: str | None


def find_label_files(
    path: Path, matches: Callable[[bytes], bool], options: ReadOptions, report: Report
) -> list[LabelFile]:
    """Return a file, or all text files of the folders in which the beginnings of at least half match.

    Blank files are images without objects. The report receives notes on splits that do not exist.
    """
    if places.is_file(path):
        folders = [folder.name for folder in path.absolute().parents[:3]]
        return [LabelFile(path.stem, path, split_of(folders))]
    found: list[Path] = []
    for parent, names in walk(path, report=report):
        texts = [
            Path(parent, name) for name in names if name.lower().endswith(".txt") and not is_side_text(name)
        ]
        filled = (probe for probe in map(Probe, texts) if probe.head.strip())
        if prevail(islice(filled, _LOOKS), lambda probe: matches(probe.head)):
            found += texts
    if not found:
        raise FormatError("no text files of such rows", path)
    stems = Counter(file.stem for file in found)
    files = [
        LabelFile(
            file.stem if stems[file.stem] == 1 else file.relative_to(path).with_suffix("").as_posix(),
            file,
            split_of([*file.relative_to(path).parts[-2::-1], path.name]),
        )
        for file in sorted(found)
    ]
    options.note_splits_absent((file.split for file in files), report, path)
    return [file for file in files if options.wants(file.split)]


@dataclass(frozen=True, slots=True)
class TextRows:
    """Number (from 1) and cells of each line of a file that is not blank, and the builder for them."""

    file: LabelFile
    cells: list[tuple[int, list[str]]]
    builder: BatchBuilder

    def skip(self, reason: str, line: int, *, label: str | None = None) -> None:
        """Skip a row that belongs to no image; see `BatchBuilder.skip`."""
        self.builder.skip_row(reason, str(self.file.path), f"line {line}", label=label)


def read_label_files(
    path: Path,
    options: ReadOptions,
    matches: Callable[[bytes], bool],
    add: Callable[[TextRows], Iterator[str | None]],
) -> Iterator[Annotations]:
    """Yield the batches of a file or a folder; `find_label_files` describes ``matches``.

    ``add`` adds the images of a file to the builder; before each image, it yields that image's split.
    """
    report = Report()
    files = find_label_files(path, matches, options, report)
    builder = BatchBuilder(str(path), options, position_format="line {}")
    builder.report.merge(report)

    def add_file(file: LabelFile) -> Iterator[str | None]:
        lines = read_text(file.path, options, blank=True).splitlines()
        filled = [(i, cells) for i, line in enumerate(lines, 1) if (cells := line.split())]
        yield from add(TextRows(file, filled, builder))
        builder.report.files += 1

    yield from read_in_batches(files, add_file, builder, options)
