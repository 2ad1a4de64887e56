"""``heatgrid check``: report skipped, empty, outside and duplicate annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import add_geometry, add_reading, add_source, read_options
from heatgrid.commands.terminal import DONE, SKIPPED, open_sources, printable

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        usage="heatgrid check SOURCE [SOURCE ...] [options]",
        help="report skipped, empty and duplicate annotations",
        description="Read annotations and report skipped, empty, outside and duplicate annotations.",
    )
    add_source(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    add_geometry(parser)
    add_reading(parser, class_help="expect this class and report all others")
    parser.set_defaults(run=run, usage_error=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.validate import validate

    with open_sources(arguments) as sources:
        result = validate(
            sources.paths,
            classes=arguments.classes,
            geometry=arguments.geometry or "auto",
            **read_options(arguments),
        )
        sources.rename(result.report, *result.findings.values())
    if arguments.json:
        import json

        print(json.dumps(result.to_dict(), indent=2))
    else:
        print(printable(str(result)))
    return DONE if result.valid else SKIPPED
