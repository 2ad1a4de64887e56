"""The command line: runs a command, and turns whatever goes wrong into a message and an exit code.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, but something was skipped.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from typing import TYPE_CHECKING

from heatgrid.commands import make_parser
from heatgrid.commands.terminal import FAILED, INTERRUPTED, say
from heatgrid.errors import HeatgridWarning

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what a terminal cannot show
    arguments = make_parser().parse_args(argv)
    with warnings.catch_warnings():
        warnings.simplefilter("always", HeatgridWarning)
        warnings.showwarning = lambda message, *_, **__: say(f"warning: {message}")
        return _guarded(arguments)


def _guarded(arguments: argparse.Namespace) -> int:
    """Run a command; whatever goes wrong becomes a message and an exit code, never a traceback."""
    try:
        code = int(arguments.run(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that has gone can be dealt with
    except BrokenPipeError:
        _abandon_output()
        return FAILED
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except OSError as error:
        say(f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error}")
    except (ValueError, TypeError, ImportError, OverflowError) as error:
        say(f"error: {error}")
    except MemoryError:
        say("error: not enough memory for a map of this shape and so many classes (try --all-classes)")
    except Exception as error:  # noqa: BLE001 - a bug of ours, and no reason to frighten anybody
        say(f"error: unforeseen {type(error).__name__}: {error} (please report this)")
    else:
        return code
    return FAILED


def _abandon_output() -> None:
    """Send what is still buffered for a reader that has gone nowhere, so that nobody complains at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
