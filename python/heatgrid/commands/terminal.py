"""What commands say, and where: results on stdout, messages on stderr, and the exit code of each outcome."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from heatgrid.core.report import Report
    from heatgrid.heatmap import Heatmap

DONE, FAILED, USAGE, SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130

_LINE_BREAK = re.compile(r"\s*\n\s*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def say(message: str) -> None:
    """Say a sentence on stderr, under the program's name."""
    print_message(f"heatgrid: {_LINE_BREAK.sub(' ', message)}")


def print_message(text: str) -> None:
    """Write a text to stderr, if there is one."""
    if sys.stderr is not None:
        print(printable(text), file=sys.stderr)


def printable(text: str) -> str:
    """Write control characters out: a file's names must not speak to the terminal."""
    return _CONTROL.sub(lambda character: ascii(character[0])[1:-1], text)


def print_stats(heat: Heatmap) -> None:
    """Print what was counted, and the quartiles."""
    stats = heat.stats()
    report = heat.report
    rows, columns = heat.shape
    print(f"{report.counted:,} of {report.read:,} annotations counted, {report.images:,} images")
    definition = heat.definition
    what = definition.rule if definition.count == "instances" else f"{definition.rule}, counting images"
    what += ", letterbox" if definition.fit == "letterbox" else ""
    print(f"grid {rows} x {columns}, rule {what}, {stats.covered:,} of {stats.cells:,} cells hit")
    print()
    print(stats)


def account(report: Report, *, quiet: bool) -> int:
    """Say what was skipped and why; the exit code tells it too."""
    if not quiet and (report.counted < report.read or not report.complete or report.notes):
        print_message(str(report))
    return DONE if report.complete else SKIPPED
