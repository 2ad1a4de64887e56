"""``heatgrid map``: read annotations, count them, and write a picture, table or array."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from heatgrid.commands.drawing import check_background, drawing
from heatgrid.commands.options import (
    DRAWING,
    add_counting,
    add_drawing,
    add_reading,
    counting,
    reading,
)
from heatgrid.commands.sources import check_folder, open_sources, rename
from heatgrid.commands.terminal import account, print_stats, say

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap

FORMATS = ("png", "svg", "html", "json", "csv", "npz")
DRAWN = (".png", ".svg", ".html")


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "map",
        usage="heatgrid map SOURCE [SOURCE ...] [-o OUT] [options]",
        help="read annotations, count them, and write a picture, table or array",
        description="Read annotations, count them on a grid, print the quartiles, and write the map.",
    )
    parser.add_argument(
        "source", nargs="+", metavar="SOURCE", help="a file, folder or data.yaml; - is stdin (one file)"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=".png, .svg, .html, .json, .csv or .npz by its suffix; - is stdout, with --to",
    )
    parser.add_argument(
        "--to", metavar="FORMAT", choices=FORMATS, help=f"output format: {', '.join(FORMATS)}"
    )
    parser.add_argument("--json", action="store_true", help="print statistics and report as JSON")
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="write the map so far to this .npz file now and then, and go on from there if it exists",
    )
    add_reading(parser)
    add_counting(parser)
    add_drawing(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(arguments: argparse.Namespace) -> int:
    from heatgrid.datasets import heatmap

    suffix = _check_output(arguments)
    options = drawing(arguments) if suffix in DRAWN else {}
    with open_sources(arguments) as sources:
        heat = heatmap(
            sources,
            arguments.grid,
            checkpoint=arguments.checkpoint,
            **counting(arguments),
            **reading(arguments),
        )
        rename(heat.report, dict(zip(sources, arguments.source, strict=True)))
    if suffix:
        target = sys.stdout.buffer if arguments.output == "-" else arguments.output
        heat.save(target, format=suffix, **options)
    if arguments.json:
        _print_json(heat, arguments.output)
    elif arguments.output != "-":
        print_stats(heat)
        if arguments.output:
            print(f"wrote {arguments.output}")
    return account(heat.report, quiet=arguments.quiet)


def _check_output(arguments: argparse.Namespace) -> str | None:
    """Return the output's suffix, if there is any output; find what is wrong before anything is read."""
    from heatgrid.export import suffix_for

    if arguments.checkpoint and "-" in arguments.source:
        arguments.usage_error("--checkpoint needs sources that can be read again, stdin (-) cannot")
    if arguments.to and not arguments.output:
        arguments.output = "-"
    if arguments.output == "-" and not arguments.to:
        arguments.usage_error(f"-o - needs --to {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if arguments.output == "-" and arguments.json:
        arguments.usage_error("--json and -o - would both write to stdout")
    check_background(arguments)
    try:
        suffix = suffix_for(arguments.output, arguments.to) if arguments.output else None
    except ValueError as error:
        arguments.usage_error(str(error))
    if suffix:
        check_folder(arguments.output)
    given = [f"--{name.replace('_', '-')}" for name in DRAWING if getattr(arguments, name) is not None]
    if given and suffix not in DRAWN:
        say(f"warning: {', '.join(given)} does nothing, since no picture is made (-o NAME.png makes one)")
    return suffix


def _print_json(heat: Heatmap, output: str | None) -> None:
    import json

    from heatgrid.export import definition

    document = definition(heat) | {"stats": heat.stats().to_dict(), "report": heat.report.to_dict()}
    document["output"] = output
    print(json.dumps(document, indent=2))  # ASCII, so that it is JSON on whatever terminal
