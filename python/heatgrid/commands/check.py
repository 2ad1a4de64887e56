"""``heatgrid check``: say what is wrong with annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import add_reading, reading
from heatgrid.commands.sources import open_sources, rename
from heatgrid.commands.terminal import DONE, SKIPPED, printable

if TYPE_CHECKING:
    import argparse


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "check",
        usage="heatgrid check SOURCE [SOURCE ...] [options]",
        help="say what is wrong with annotations",
        description="Read annotations and say what is left out, hits nothing or stands there twice.",
    )
    parser.add_argument(
        "source", nargs="+", metavar="SOURCE", help="a file, folder or data.yaml; - is stdin (one file)"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument(
        "--geometry",
        choices=("auto", "box", "polygon", "mask", "point", "line"),
        default="auto",
        help="what would be counted (default: auto)",
    )
    add_reading(parser, classes="expect this class; others are findings (may be repeated)")
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(arguments: argparse.Namespace) -> int:
    from heatgrid.validate import check

    with open_sources(arguments) as sources:
        options = {"classes": arguments.classes, "geometry": arguments.geometry}
        found = check(sources, **options, **reading(arguments))
        for report in (found.report, *found.findings.values()):
            rename(report, dict(zip(sources, arguments.source, strict=True)))
    if arguments.json:
        import json

        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(printable(str(found)))
    return DONE if found.right else SKIPPED
