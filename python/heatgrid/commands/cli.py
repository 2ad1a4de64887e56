"""Command line: parses arguments, runs a command, and turns errors into messages and exit codes."""

from __future__ import annotations

import argparse
import io
import os
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING

from heatgrid.commands.terminal import FAILED, INTERRUPTED, say
from heatgrid.errors import HeatgridWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    name: name for name in ("map", "view", "compare", "find", "merge", "video", "check", "formats", "demo")
}
COMMANDS |= {"merge": "map", "formats": "check"}
"""Modules of the commands, in the order of the help text; each has a function ``add_COMMAND``."""


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
        description="Where in the image are the objects? Count heat maps from annotation files.",
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


if __name__ == "__main__":
    sys.exit(main())
