"""``heatgrid formats``: list the formats of annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.terminal import DONE

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "formats",
        help="list the formats of annotations",
        description="List the formats of annotations that heatgrid reads, or describe one of them.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the format to describe")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    parser.set_defaults(run=run, usage_error=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    import json

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
