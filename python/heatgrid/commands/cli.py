"""Command line: runs a command; sources, messages, reports and exit codes of all commands."""

from __future__ import annotations

import argparse
import errno
import io
import os
import re
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from heatgrid.errors import FormatError, HeatgridWarning, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from heatgrid.core.report import Report
    from heatgrid.export import OutputFormat
    from heatgrid.heatmap import Heatmap

COMMANDS = {
    "map": "map",
    "view": "map",
    "overview": "overview",
    "compare": "inspect",
    "find": "inspect",
    "merge": "map",
    "video": "video",
    "check": "inspect",
    "formats": "inspect",
    "demo": "demo",
}
"""Modules of the commands, in the order of the help text; each has a function ``add_COMMAND``."""

DONE, FAILED, USAGE, SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130
STDIN = "standard input"
_INPUTS = ("source", "images", "checkpoint", "background", "detections")

_LINE_BREAK = re.compile(r"\s*\n\s*")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, by default with the arguments of the process, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for names that the terminal cannot show
    argv = sys.argv[1:] if argv is None else argv
    arguments = make_parser(argv).parse_args(argv)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", HeatgridWarning)
            warnings.showwarning = lambda message, *_, **__: say(f"warning: {message}")
            code = int(arguments.run(arguments))
            if sys.stdout is not None:
                sys.stdout.flush()  # raises BrokenPipeError here instead of at exit
    except BrokenPipeError:
        _discard_output()
        return FAILED
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - users see a message, never a traceback
        say(f"error: {_message(error)}")
        return FAILED
    return code


def make_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return a parser of the command that ``argv`` begins with, or of all commands."""
    import heatgrid

    parser = argparse.ArgumentParser(
        prog="heatgrid",
        description="Count heat maps of object positions from annotation files.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, but something was skipped. "
        "Results go to stdout, warnings and reports to stderr.",
    )
    parser.add_argument("--version", action="version", version=f"heatgrid {heatgrid.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in argv[:1] if set(argv[:1]) & COMMANDS.keys() else COMMANDS:
        getattr(import_module(f"heatgrid.commands.{COMMANDS[name]}"), f"add_{name}")(commands)
    return parser


def _message(error: Exception) -> str:
    match error:
        case OSError(filename=str() as name):
            return f"{name}: {error.strerror}"
        case OSError() | ValueError() | TypeError() | ImportError() | OverflowError():
            return str(error)
        case MemoryError():
            return "not enough memory for a map of this grid with so many classes (try --all-classes)"
    return f"unexpected {type(error).__name__}: {error} (please report this)"


def _discard_output() -> None:
    """Redirect the streams whose reader has gone, so that buffered output raises no error at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@dataclass(frozen=True, slots=True)
class Sources:
    """Paths to read; stdin is copied to a temporary file, whose name users never see."""

    paths: list[str]
    copy: str | None = None

    def name(self, text: str) -> str:
        """Return a text with the name of the copy replaced by "standard input"."""
        if self.copy is None:
            return text
        return text.replace(self.copy, STDIN).replace(Path(self.copy).name, STDIN)

    def rename(self, *reports: Report) -> None:
        """Replace the name of the copy in reports."""
        for report in reports:
            report.name = self.name(report.name)
            for places in report.examples.values():
                places[:] = map(self.name, places)


@contextmanager
def open_sources(arguments: argparse.Namespace) -> Iterator[Sources]:
    """Copy stdin (-) to a temporary file, since formats are detected in a first pass."""
    names: list[str] = arguments.source
    if names.count("-") > 1:
        arguments.usage_error("stdin (-) can be read only once")
    if "-" not in names:
        yield Sources(names)
        return
    import shutil
    import tempfile

    if sys.stdin is None:
        raise OSError("stdin is closed")
    with tempfile.TemporaryDirectory(prefix="heatgrid-stdin-") as folder:
        path = Path(folder, "input", "stdin")  # no images of others are near it
        path.parent.mkdir()
        with path.open("wb") as content:
            shutil.copyfileobj(sys.stdin.buffer, content)
        copy = str(path)
        try:
            yield Sources([copy if name == "-" else name for name in names], copy)
        except FormatError as error:
            if error.path == copy:
                error.path = STDIN
            raise


def check_output(
    arguments: argparse.Namespace,
    path: str,
    to: str | None = None,
    formats: Mapping[str, OutputFormat] | None = None,
) -> str:
    """Return the suffix of an output file; end with an error if it cannot be written."""
    from heatgrid.export import suffix_for

    try:
        suffix = suffix_for(path, to, formats)
    except ValueError as error:
        arguments.usage_error(str(error))
    check_path(arguments, path)
    return suffix


def check_path(arguments: argparse.Namespace, path: str, *, option: str = "output") -> None:
    """End with an error if an output file is an input; raise FileNotFoundError if its folder is missing."""
    output = Path(path)
    if not output.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(output.parent))
    for name in _INPUTS:
        value = getattr(arguments, name, None) if name != option else None
        for source in [value] if isinstance(value, str) else value or ():
            if _overwrites(output.resolve(), Path(source).resolve()):
                arguments.usage_error(f"{option} {path} would overwrite an input ({name} {source})")


def _overwrites(output: Path, source: Path) -> bool:
    """Return whether an output is a source, or an annotation file or image in a folder that is a source."""
    if output == source or (output.exists() and source.exists() and output.samefile(source)):
        return output.is_file() or output.is_dir() or not output.exists()
    if not (output.is_file() and output.is_relative_to(source)):
        return False
    from heatgrid.io.files import IMAGE_SUFFIXES
    from heatgrid.io.images import is_own_picture
    from heatgrid.io.read import detect

    if output.suffix.lower() in IMAGE_SUFFIXES:
        return not is_own_picture(output)
    try:
        return bool(detect(output))
    except FormatError:
        return False


def say(message: str) -> None:
    """Write one line to stderr, after the program's name."""
    print_message(f"heatgrid: {_LINE_BREAK.sub(' ', message)}")


def print_message(text: str) -> None:
    """Write a text to stderr, if it is open."""
    if sys.stderr is not None:
        print(printable(text), file=sys.stderr)


def print_stats(heat: Heatmap) -> None:
    """Print the numbers of annotations and the quartiles of a map."""
    stats, report, spec = heat.stats(), heat.report, heat.spec
    rows, columns = heat.shape
    mode = ", counting images" if spec.count == "images" else ""
    mode += ", letterbox" if spec.fit == "letterbox" else ""
    print(f"{report.counted:,} of {report.read:,} annotations counted, {report.images:,} images")
    print(f"grid {rows} x {columns}, rule {spec.rule}{mode}, {stats.covered:,} of {stats.cells:,} cells hit")
    print(f"\n{stats}")


def print_report(report: Report, *, quiet: bool) -> int:
    """Print the report if something was not counted, and return the exit code."""
    if not quiet and (report.counted < report.read or not report.complete or report.notes):
        print_message(str(report))
    return DONE if report.complete else SKIPPED
