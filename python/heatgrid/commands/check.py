"""``heatgrid check`` reports problems of annotations, ``heatgrid formats`` lists their formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import DONE, SKIPPED, open_sources, printable
from heatgrid.commands.options import add_geometry, add_reading, add_source, read_options

if TYPE_CHECKING:
    import argparse


def add_check(commands: Any) -> None:
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
        print(json.dumps(result.to_dict(), indent=2))
    else:
        print(printable(str(result)))
    return DONE if result.valid else SKIPPED


def add_formats(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "formats",
        help="list the formats of annotations",
        description="List the formats of annotations that heatgrid reads, or describe one of them.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the format to describe")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    parser.set_defaults(run=list_formats, usage_error=parser.error)


def list_formats(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.io.registry import FORMATS, listing

    entries = listing()
    if arguments.name:
        if arguments.name not in FORMATS:
            known = ", ".join(FORMATS)
            arguments.usage_error(f"NAME must be one of {known}, got {arguments.name!r}")
        entries = [entry for entry in entries if entry["name"] == arguments.name]
    if arguments.json:
        print(json.dumps(entries, indent=2))
    elif arguments.name:
        print(f"{entries[0]['description']}\n\n$ {entries[0]['example']}")
    else:
        for entry in entries:
            print(f"{entry['name']:<14}{entry['title']}  ({' '.join(entry['suffixes'])})")
    return DONE
