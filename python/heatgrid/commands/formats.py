"""``heatgrid formats``: list the formats that are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.terminal import DONE

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "formats",
        help="list the formats that are read",
        description="List the formats that are read; or say what one of them is.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="a format to describe")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(arguments: argparse.Namespace) -> int:
    import json

    from heatgrid.io.registry import FORMATS, listing

    entries = listing()
    if arguments.name:
        if arguments.name not in FORMATS:
            arguments.usage_error(f"no format {arguments.name!r}; these are {', '.join(FORMATS)}")
        entries = [entry for entry in entries if entry["name"] == arguments.name]
    if arguments.json:
        print(json.dumps(entries, indent=2))
    elif arguments.name:
        print(f"{entries[0]['description']}\n\n$ {entries[0]['example']}")
    else:
        for entry in entries:
            print(f"{entry['name']:<14}{entry['title']}  ({' '.join(entry['suffixes'])})")
    return DONE
