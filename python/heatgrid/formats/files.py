"""Files that nobody vouches for: size limits, a plain name for what is no data, paths kept inside."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError
from heatgrid.formats.probe import HEAD_BYTES, impostor

if TYPE_CHECKING:
    from pathlib import Path

    from heatgrid.formats.options import ReadOptions


def read_bytes(path: str | Path, options: ReadOptions, *, blank: bool = False) -> bytes:
    """Return a file's content.

    Parameters
    ----------
    path
        The file.
    options
        Gives the limit on its size.
    blank
        Whether an empty file is in order.

    Raises
    ------
    FormatError
        It is no regular file, too large, or evidently something else than data.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a Path object for each of 100,000 label files is slow
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FormatError("expected a regular file", path)
            if status.st_size > options.max_bytes:
                message = f"{status.st_size:,} bytes, more than the limit max_bytes={options.max_bytes:,}"
                raise FormatError(message, path)
            content = file.read()
    except OSError as error:
        raise FormatError(error.strerror or str(error), path) from error
    if not blank and (what := impostor(content[:HEAD_BYTES], len(content))):
        message = f"this is {what}"
        raise FormatError(message, path)
    return content


def decode(content: bytes) -> str:
    """Return text of UTF-8 or UTF-16 with or without a byte order mark; what is neither is replaced."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def clean(name: object) -> str:
    """Return a name that can be printed and written: text, without half surrogates of JSON escapes."""
    text = name if isinstance(name, str) else str(name)
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")


def inside(path: Path, root: Path) -> bool:
    """Whether a path named by a file lies, with all links followed, in the folder that it may name."""
    return path.resolve().is_relative_to(root.resolve())
