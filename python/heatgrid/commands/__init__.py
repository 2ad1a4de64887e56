"""The commands of ``heatgrid``, a module each.

A command's module has ``add_parser(commands)``, which adds its parser to argparse's subparsers and sets the
parser's defaults ``run`` (from the arguments to the exit code) and ``usage_error`` (that of the parser).

To add a command, write its module and add its line to `COMMANDS`.
"""

from __future__ import annotations

import argparse
from importlib import import_module

COMMANDS = (
    "map",
    "view",
    "compare",
    "find",
    "merge",
    "video",
    "check",
    "formats",
    "demo",
)
"""In the order of the help text."""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; the namespace's ``run`` is the command's function."""
    import heatgrid

    parser = argparse.ArgumentParser(
        prog="heatgrid",
        description="Where in the image are the objects? Count heat maps from annotation files.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, but something was skipped.",
    )
    parser.add_argument("--version", action="version", version=f"heatgrid {heatgrid.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"{__name__}.{name}").add_parser(commands)
    return parser
