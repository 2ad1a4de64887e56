"""Command line: parses the arguments, runs a command, and checks its sources and outputs."""

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
from typing import TYPE_CHECKING

from heatgrid.commands.output import (
    EXIT_CODES,
    FAILED,
    INTERRUPTED,
    describe_error,
    in_options,
    options_of,
    say,
    warn,
)
from heatgrid.core.limits import Limits
from heatgrid.core.spec import suggestion
from heatgrid.errors import FormatError, HeatgridWarning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from heatgrid.core.report import Report
    from heatgrid.export import OutputFormat

COMMANDS = {
    "map": ("map", "count annotations and write a picture, page, table or array"),
    "view": ("view", "count annotations and open an interactive page in the browser"),
    "overview": ("overview", "write one page about a data set: classes, places, sizes, splits, findings"),
    "classes": ("inspect", "list the classes with their numbers of objects and images"),
    "compare": ("compare", "compare the positions of objects in two data sets"),
    "errors": ("errors", "match predictions to annotations, and write one page about where they fail"),
    "find": ("find", "list the annotations that hit a cell"),
    "video": ("video", "draw detections as heat over their video, and count at lines and in regions"),
    "check": ("inspect", "report skipped, empty and duplicate annotations"),
    "formats": ("inspect", "list the formats of annotations"),
    "page": ("view", "write a page that counts files in the browser, without heatgrid"),
    "demo": ("demo", "write, count and draw a small example"),
    "completion": ("inspect", "print a script that completes commands and options in a shell"),
}
"""Modules and descriptions of the commands; each module has a function ``add_COMMAND``."""

STDIN = "standard input"
_INPUTS = ("source", "images", "truth", "checkpoint", "background", "detections")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, by default with the arguments of the process, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for names that the terminal cannot show
    arguments = parse(list(sys.argv[1:] if argv is None else argv))
    parser: argparse.ArgumentParser = arguments.parser
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", HeatgridWarning)
            warnings.showwarning = lambda message, *_, **__: warn(
                arguments, f"warning: {in_options(str(message), parser)}"
            )
            with limits_of(arguments).timed():
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
        if arguments.verbose:
            from traceback import print_exc

            print_exc()
        say(f"error: {describe_error(error, parser)}")
        return FAILED
    return code


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line; end with help if it is empty, and with a suggestion if a name is wrong."""
    loaded = argv[:1] if set(argv[:1]) & COMMANDS.keys() else COMMANDS if set(argv) & COMMANDS.keys() else ()
    parser = make_parser(loaded)
    if argv and argv[0][:1] != "-" and argv[0] not in COMMANDS:
        parser.error(_describe_unknown(argv))
    arguments, unknown = parser.parse_known_args(argv or ["--help"])
    if unknown:
        own: argparse.ArgumentParser = arguments.parser
        hint = suggestion(unknown[0].partition("=")[0], options_of(own).values())
        own.error(f"unknown argument {unknown[0]}{hint if unknown[0].startswith('-') else ''}")
    return arguments


class _Version(argparse.Action):
    """Prints the version, which takes long to find, only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import heatgrid

        print(f"heatgrid {heatgrid.__version__}")
        parser.exit()


def make_parser(loaded: Collection[str] = COMMANDS.keys()) -> argparse.ArgumentParser:
    """Return a parser of these commands; without any, one that only lists all, which loads no modules."""
    parser = argparse.ArgumentParser(
        prog="heatgrid",
        description="Count heat maps of object positions from annotation files.",
        epilog=f"{EXIT_CODES} Results go to stdout, warnings and reports to stderr.",
    )
    text = "show program's version number and exit"
    parser.add_argument("--version", action=_Version, nargs=0, default=argparse.SUPPRESS, help=text)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in loaded:
        getattr(import_module(f"heatgrid.commands.{COMMANDS[name][0]}"), f"add_{name}")(commands)
    for name, (_, description) in COMMANDS.items() if not loaded else ():
        commands.add_parser(name, help=description)
    return parser


def limits_of(arguments: argparse.Namespace) -> Limits:
    """Return the limits that are set, and the others at their defaults."""
    return Limits(**dict(getattr(arguments, "limits", None) or ()))


def _describe_unknown(argv: list[str]) -> str:
    """Return a message on a first argument that is no command, with the command line that is meant."""
    import shlex

    name = argv[0]
    hint = suggestion(name, COMMANDS)
    near = re.search("'(.*)'", hint)
    if os.path.exists(name) or not near:  # noqa: PTH110 - the name may be no path at all
        return f"no command {name!r}; to map a file or folder: heatgrid map {shlex.join(argv)}"
    return f"no command {name!r}{hint}: heatgrid {shlex.join([near[1], *argv[1:]])}"


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
        return text.replace(self.copy, STDIN).replace(self.copy.rpartition(os.sep)[2], STDIN)

    def rename(self, *reports: Report) -> None:
        """Replace the name of the copy in reports."""
        for report in reports:
            report.name = self.name(report.name)
            for places in report.examples.values():
                places[:] = map(self.name, places)


@contextmanager
def open_sources(arguments: argparse.Namespace) -> Iterator[Sources]:
    """Copy stdin (-) to a temporary file, since formats are detected in a first pass."""
    from heatgrid.io.npz import is_saved_map

    names: list[str] = arguments.source
    if saved := [name for name in names if is_saved_map(name)]:
        arguments.parser.error(f"{saved[0]} is a saved map; this command reads annotations")
    if names.count("-") > 1:
        arguments.parser.error("stdin (-) can be read only once")
    if "-" not in names:
        yield Sources(names)
        return
    import shutil
    import tempfile
    from pathlib import Path

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
        arguments.parser.error(str(error))
    check_path(arguments, path, may_be_remote=True)
    return suffix


def check_path(
    arguments: argparse.Namespace, path: str, *, option: str = "output", may_be_remote: bool = False
) -> None:
    """End with an error if an output file is an input; raise FileNotFoundError if its folder is missing."""
    from heatgrid.io.places import archive_of
    from heatgrid.io.remote import is_address, is_taken, place_of

    output, is_remote = place_of(path), is_address(path)
    if is_remote and not may_be_remote:
        arguments.parser.error(f"{option} must be a file of this machine, got {path}")
    if not (is_remote or output.parent.is_dir()):
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(output.parent))
    is_kept = arguments.no_overwrite and option == "output"
    if is_kept and (is_taken(path) if is_remote else output.exists()):
        raise FileExistsError(errno.EEXIST, "exists already (--no-overwrite)", path)
    for name in _INPUTS:
        value = getattr(arguments, name, None) if name != option else None
        for source in [value] if isinstance(value, str) else value or ():
            if _overwrites(output.resolve(), (archive_of(source) or place_of(source)).resolve()):
                arguments.parser.error(f"{option} {path} would overwrite an input ({name} {source})")


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
