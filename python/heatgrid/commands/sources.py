"""Where commands read from and write to: files, folders, and stdin as a file of its own."""

from __future__ import annotations

import errno
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from heatgrid.core.report import Report

STDIN = "standard input"


@contextmanager
def open_sources(arguments: argparse.Namespace) -> Iterator[list[str]]:
    """Give stdin a file of its own, since formats are found by looking more than once."""
    names: list[str] = arguments.source
    if names.count("-") > 1:
        arguments.usage_error("stdin (-) can be read only once")
    if "-" not in names:
        yield names
        return
    import shutil
    import tempfile

    if sys.stdin is None:
        raise OSError("stdin is closed")
    with tempfile.NamedTemporaryFile(prefix="heatgrid-stdin-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        try:
            yield [copy.name if name == "-" else name for name in names]
        except FormatError as error:
            if error.path == copy.name:
                error.path = STDIN
            raise


def rename(report: Report, names: dict[str, str]) -> None:
    """Say "standard input" where a report speaks of its copy."""
    for copy, name in names.items():
        if name == "-":
            for places in report.examples.values():
                places[:] = [place.replace(copy, STDIN) for place in places]


def check_folder(output: str) -> None:
    """Raise FileNotFoundError where the folder to write to is not there; before anything is read."""
    folder = Path(output).parent
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(folder))
