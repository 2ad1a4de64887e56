"""Folders of text files, one per image, with cells between blanks."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.build import BatchBuilder, read_in_batches
from heatgrid.io.detect import Probe
from heatgrid.io.files import decode, read_bytes, walk
from heatgrid.io.json_values import MisfitError, number
from heatgrid.io.options import split_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from heatgrid.core.annotations import Annotations
    from heatgrid.io.options import ReadOptions

_OTHERS = re.compile(r"readme.*|licen[cs]e.*|notes?|classes|labels|train|val|test|trainval", re.IGNORECASE)
_DEEPEST = 6
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
    """Return a file, or all text files of the folders in which the beginning of at least one matches.

    Blank files are images without objects. The report receives notes on splits that do not exist.

    Raises
    ------
    FormatError
        There are no such files.
    """
    if path.is_file():
        folders = [folder.name for folder in path.absolute().parents[:3]]
        return [LabelFile(path.stem, path, split_of(folders))]
    found: list[Path] = []
    for parent, names in walk(path, _DEEPEST):
        texts = [Path(parent, name) for name in names if name.lower().endswith(".txt")]
        texts = [text for text in texts if not _OTHERS.fullmatch(text.stem)]
        heads = (head for text in texts if (head := Probe(text).head).strip())
        if any(matches(head) for head, _ in zip(heads, range(_LOOKS), strict=False)):
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
    options: ReadOptions

    def skip(self, reason: str, line: int, *, label: str | None = None) -> None:
        """Skip a row that belongs to no image; see `BatchBuilder.skip`."""
        self.builder.skip_row(reason, str(self.file.path), f"line {line}", label=label)


def is_number(text: str) -> bool:
    """Return whether a cell is a number."""
    try:
        number(text)
    except MisfitError:
        return False
    return True


def read_label_files(
    path: Path,
    options: ReadOptions,
    matches: Callable[[bytes], bool],
    add: Callable[[TextRows], Iterator[str | None]],
) -> Iterator[Annotations]:
    """Yield the batches of a file or a folder; see `find_label_files` for ``matches``.

    ``add`` adds the images of a file to the builder; before each image, it yields that image's split.

    Raises
    ------
    FormatError
        There are no such files, none can be read, or, with ``on_error="raise"``, any of them cannot.
    """
    report = Report()
    files = find_label_files(path, matches, options, report)
    builder = BatchBuilder(str(path), options, position_format="line {}")
    builder.report.merge(report)

    def add_file(file: LabelFile) -> Iterator[str | None]:
        lines = decode(read_bytes(file.path, options, blank=True)).splitlines()
        filled = [(i, cells) for i, line in enumerate(lines, 1) if (cells := line.split())]
        yield from add(TextRows(file, filled, builder, options))
        builder.report.files += 1

    yield from read_in_batches(files, add_file, builder, options)
