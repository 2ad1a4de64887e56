"""Table of real data sets: format, files, annotations, counts, and reasons for what was skipped.

``python tests/real_table.py FOLDER`` prints it. A folder with one data set is one row; other folders have one
row per file, so that the table contains every file.
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
"""The size of images without one. The number of annotations outside their image depends on it."""

_NO_DATA = {"_REPO_LICENSE", "LICENSE", "README.md"}


@dataclass(slots=True)
class Row:
    """A data set, or the files of a folder with the same result.

    Attributes
    ----------
    name
        The name of the file or folder.
    format
        Its format; an empty string if it is not supported.
    files
        All of its files.
    report
        The report of its heat map.
    why
        The reason for which it was not read.
    size
        The size of its images, if the files do not contain any.
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
        skipped = self.why.split(" (coco")[0] or "; ".join(reasons) or "-"
        counts = (len(self.files), report.files, report.images, report.read, report.counted)
        numbers = " | ".join(f"{count:,}" for count in counts)
        return f"| {self.name} | {self.format or '-'} | {numbers} | {skipped} |"


def table(folder: Path) -> Iterator[Row]:
    """Yield the rows of a folder."""
    for path in sorted(folder.iterdir()):
        yield from _rows(path, folder)


def data_files(path: Path) -> list[Path]:
    """Return a file, or the files of a folder without licenses."""
    files = [path] if path.is_file() else path.rglob("*")
    return sorted(file for file in files if file.is_file() and file.name not in _NO_DATA)


def _rows(path: Path, root: Path) -> Iterator[Row]:
    row = _read(path, root)
    if path.is_file():
        if path.name not in _NO_DATA:
            yield row
        return
    if not row.why and not row.report.refused and not _is_partial(row):
        yield row
        return
    yield from _join_rows(row for child in sorted(path.iterdir()) for row in _rows(child, root))


def _read(path: Path, root: Path) -> Row:
    """Return the row of a file or folder, which is read and counted."""
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


def _is_partial(row: Row) -> bool:
    """Return whether files were ignored, or most of them were not read."""
    told = any("left for the" in note or "without columns of boxes" in note for note in row.report.notes)
    return told or 3 * row.report.files < len(row.files)


def _join_rows(rows: Iterable[Row]) -> Iterator[Row]:
    """Join the rows of a folder that were not read for the same reason."""
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
    head = "| of | format | files | read | images | annotations | counted | skipped |"
    for line in (head, "|---|---|--:|--:|--:|--:|--:|---|", *table(folder)):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REAL)
