"""A table of files that others made: format, files, annotations, counted, and what was left out and why.

``python tests/real_table.py FOLDER`` prints it. A folder that is one data set is one row; another is gone
through file by file, so that every file stands somewhere.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import heatgrid
from heatgrid.core.report import Report
from heatgrid.errors import FormatError
from heatgrid.io.read import detect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REAL = Path(__file__).parents[1].parent / "shared/data"

SIZE = (1000, 1000)
"""The size taken for images of which nothing says any: what is outside, then, hangs on it."""

_NO_DATA = {"_REPO_LICENSE", "LICENSE", "README.md"}


@dataclass(slots=True)
class Row:
    """One data set, or the files of a folder that are alike.

    Attributes
    ----------
    name
        Of the file or folder.
    format
        What it is; nothing where it is of no format that is read.
    files
        The files in it, all of them.
    report
        What became of its annotations.
    why
        Why it was not read.
    size
        The size that had to be given, since nothing says any.
    """

    name: str
    format: str = ""
    files: list[Path] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    why: str = ""
    size: tuple[int, int] | None = None

    def __str__(self) -> str:
        report = self.report
        reasons = [f"{n:,} {reason}" for reason, n in report.skipped.items()]
        reasons += [
            f"{n:,} {what}" for what, n in (("empty", report.empty), ("outside", report.outside)) if n
        ]
        reasons += [f"size given: {self.size[0]} x {self.size[1]}"] if self.size and not self.why else []
        left_out = self.why.split(" (coco")[0] or "; ".join(reasons) or "-"
        counts = (len(self.files), report.files, report.images, report.annotations, report.counted)
        numbers = " | ".join(f"{count:,}" for count in counts)
        return f"| {self.name} | {self.format or '-'} | {numbers} | {left_out} |"


def table(folder: Path) -> Iterator[Row]:
    """Yield the rows of a folder."""
    for path in sorted(folder.iterdir()):
        yield from _rows(path, folder)


def data_files(path: Path) -> list[Path]:
    """Return the files in a folder, licences left out; or the one file."""
    files = [path] if path.is_file() else path.rglob("*")
    return sorted(file for file in files if file.is_file() and file.name not in _NO_DATA)


def _rows(path: Path, root: Path) -> Iterator[Row]:
    row = _read(path, root)
    if path.is_file():
        if path.name not in _NO_DATA:
            yield row
        return
    if not row.why and not row.report.refused and not _passed_over(row):
        yield row
        return
    yield from _gathered(row for child in sorted(path.iterdir()) for row in _rows(child, root))


def _read(path: Path, root: Path) -> Row:
    """Return what reading and counting a file or folder gave."""
    row = Row(str(path.relative_to(root)), files=data_files(path))
    for size in (None, SIZE):
        row.why, row.size = "", size
        try:
            row.format = detect(path)
            row.report = heatgrid.heatmap(path, by_class=False, size=size).report
        except FormatError as error:
            row.why = error.text
        if not any("give size=" in text for text in (row.why, *row.report.skipped)):
            break
    return row


def _passed_over(row: Row) -> bool:
    """Tell whether files were left for others beside them, or most of them are something else."""
    told = any("left for the" in note or "passed over" in note for note in row.report.notes)
    return told or 3 * row.report.files < len(row.files)


def _gathered(rows: Iterable[Row]) -> Iterator[Row]:
    """Put the files of a folder into one row that are not read for the same reason."""
    alike: dict[tuple[Path, str, str], Row] = {}
    for row in rows:
        key = (Path(row.name).parent, row.format, row.why)
        if row.why and key in alike:
            alike[key].files += row.files
            alike[key].name = f"{key[0]}/…"
            continue
        alike[key if row.why else (Path(row.name), "", "")] = row
    yield from alike.values()


def main(folder: Path) -> None:
    """Print the table."""
    head = "| of | format | files | read | images | annotations | counted | left out, and why |"
    for line in (head, "|---|---|--:|--:|--:|--:|--:|---|", *table(folder)):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REAL)
