"""YOLO label files of one batch, read: the quick way by the kernel, and what that leaves by Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core.ragged import offsets_of
from heatgrid.core.reading import read_label_files
from heatgrid.errors import FormatError
from heatgrid.io.files import foreign_content, read_bytes
from heatgrid.io.number_rows import BadLine, Rows, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from heatgrid.core.report import Report
    from heatgrid.io.options import ReadOptions

BACKGROUND = "image without a label file, counted as background"


def read_files(
    images: Sequence[tuple[str, str | None]], source: str, options: ReadOptions, report: Report
) -> tuple[list[str], list[str], Rows, list[BadLine]]:
    """Read all files; one that cannot be read is refused, and its image with it.

    Parameters
    ----------
    images
        Names of images, and their label files; None for an image that has none.
    source
        The data set, which stands for the file of such an image.
    options, report
        How to read; where to say what was refused.

    Returns
    -------
    names, files
        Of the images that were read.
    rows, bad
        Their rows, and the lines that are none; both number files by their place in ``files``.

    Raises
    ------
    FormatError
        With ``on_error="raise"``, at the first file that cannot be read.
    """
    labeled = np.array([i for i, (_, path) in enumerate(images) if path is not None], dtype=np.int64)
    paths = [path for _, path in images if path is not None]
    values, lengths, file, line, left = read_label_files(paths, options.max_bytes)
    rows = Rows(values, offsets_of(lengths), labeled[file], line)
    others, bad, refused = read_generally([paths[i] for i in left.tolist()], options, report)
    report.note(BACKGROUND, len(images) - len(paths))
    report.files += len(paths) - len(refused)
    place = labeled[left]
    if len(others):
        rows = rows.merged(others.renumbered(place))
    kept = np.ones(len(images), dtype=bool)
    kept[place[refused]] = False
    number = np.cumsum(kept) - 1
    bad = [replace(row, file=int(number[place[row.file]])) for row in bad]
    read = [image for image, keep in zip(images, kept.tolist(), strict=True) if keep]
    names, files = [name for name, _ in read], [path or source for _, path in read]
    return names, files, rows.renumbered(number), bad


def read_generally(
    paths: Sequence[str], options: ReadOptions, report: Report
) -> tuple[Rows, list[BadLine], NDArray[np.int64]]:
    """Read files by way of Python objects: the general way, which knows every irregularity.

    Returns
    -------
    rows, bad
        The rows, and the lines that are none; both number files by their place in ``paths``.
    refused
        The files that could not be read.
    """
    contents: list[bytes] = []
    refused: list[int] = []
    for i, path in enumerate(paths):
        content = b""
        try:
            content = read_bytes(path, options, blank=True)
            _check_text(content, path)
        except FormatError as error:
            if options.strict:
                raise
            report.refuse(error.text, error.path)
            refused.append(i)
            content = b""
        contents.append(content)
    rows, bad = parse(contents)
    return rows, bad, np.array(refused, dtype=np.int64)


def _check_text(content: bytes, path: str) -> None:
    """Raise FormatError if a file is evidently no label file, going by its first character."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start and start not in b"0123456789-+.#" and (what := foreign_content(content[:512], len(content))):
        message = f"this is {what}"
        raise FormatError(message, path)
