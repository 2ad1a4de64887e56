"""``heatgrid overview`` writes one page about a data set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import check_output, open_sources
from heatgrid.commands.converters import whole
from heatgrid.commands.options import (
    add_command,
    add_output,
    add_reading,
    add_selecting,
    add_source,
    read_options,
    seen_from,
    select_options,
    title_of,
)
from heatgrid.commands.output import check_strict, finish, show

if TYPE_CHECKING:
    import argparse


def add_overview(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import help_text
    from heatgrid.summary.result import FORMATS, PERMUTATIONS

    parser = add_command(
        commands,
        "overview",
        run_overview,
        description="Read annotations once, print what deserves attention, and write one page that works "
        "offline: classes, places, sizes, splits compared, likely duplicates.",
        usage="SOURCE [SOURCE ...] [-o OUT.html] [options]",
    )
    add_source(parser)
    add = parser.add_argument
    add_output(parser, f"by its suffix: {help_text(FORMATS)}")
    add("--title", help="title of the page (default: name of the source)")
    add("--thumbnails", metavar="PREFIX", help="folder or URL prefix of the images, to link to duplicates")
    add(
        "--permutations",
        type=whole(0),
        default=PERMUTATIONS,
        metavar="N",
        help=f"random divisions of the images, to test splits (default: {PERMUTATIONS}; 0: no test)",
    )
    add("--seed", type=whole(0), default=0, metavar="N", help="equal seeds give equal results")
    add_reading(parser)
    add_selecting(parser)


def run_overview(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.summary.result import FORMATS, overview

    suffix = check_output(arguments, arguments.output, formats=FORMATS) if arguments.output else None
    if arguments.thumbnails and suffix != ".html":
        arguments.parser.error("--thumbnails needs -o PAGE.html")
    with open_sources(arguments) as sources:
        result = overview(
            sources.paths,
            arguments.grid,
            permutations=arguments.permutations,
            seed=arguments.seed,
            title=arguments.title or title_of(arguments.source),
            **select_options(arguments),
            **read_options(arguments),
        )
        sources.rename(result.report)
    check_strict(arguments, result.report)
    if suffix:
        links = (
            {"thumbnails": seen_from(arguments.thumbnails, arguments.output)} if arguments.thumbnails else {}
        )
        result.save(arguments.output, format=suffix, **links)
    if arguments.json:
        print(json.dumps(result.to_dict() | {"output": arguments.output}, indent=2))
    else:
        show(arguments, result)
        if arguments.output:
            show(arguments, f"wrote {arguments.output}")
    return finish(arguments, result.report, empty=not result.report.counted)
