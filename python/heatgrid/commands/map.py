"""``heatgrid map`` counts annotations and writes the map, ``heatgrid merge`` adds saved maps."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import check_output, check_path, open_sources, print_report, print_stats, say
from heatgrid.commands.options import (
    DRAWING,
    add_counting,
    add_drawing,
    add_quiet,
    add_reading,
    add_source,
    check_background,
    count_options,
    draw_options,
    read_options,
)

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_map(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import FORMATS, help_text

    parser = commands.add_parser(
        "map",
        usage="heatgrid map SOURCE [SOURCE ...] [-o OUT] [options]",
        help="count annotations and write a picture, page, table or array",
        description="Read annotations, count them on a grid, print the quartiles, and write the map.",
    )
    add_source(parser)
    parser.add_argument(
        "-o", "--output", metavar="OUT", help=f"by its suffix: {help_text()}; - is stdout, with --to"
    )
    formats = [suffix[1:] for suffix in FORMATS]
    parser.add_argument(
        "--to", metavar="FORMAT", choices=formats, help=f"output format: {', '.join(formats)}"
    )
    parser.add_argument("--json", action="store_true", help="print statistics and report as JSON")
    parser.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="save the unfinished map to this .npz file from time to time; resume from it if it exists",
    )
    add_reading(parser)
    add_counting(parser)
    add_drawing(parser)
    parser.set_defaults(run=run, usage_error=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.datasets import heatmap

    suffix = _check_output(arguments)
    drawing = draw_options(arguments) if _is_drawn(suffix) else {}
    with open_sources(arguments) as sources:
        heat = heatmap(
            sources.paths,
            arguments.grid,
            checkpoint=arguments.checkpoint,
            **count_options(arguments),
            **read_options(arguments),
        )
        sources.rename(heat.report)
    if suffix:
        target = sys.stdout.buffer if arguments.output == "-" else arguments.output
        heat.save(target, format=suffix, **drawing)
    if arguments.json:
        _print_json(heat, arguments.output)
    elif arguments.output != "-":
        print_stats(heat)
        if arguments.output:
            print(f"wrote {arguments.output}")
    return print_report(heat.report, quiet=arguments.quiet)


def _check_output(arguments: argparse.Namespace) -> str | None:
    """Return the suffix of the output, if any; find errors before anything is read."""
    if arguments.checkpoint and "-" in arguments.source:
        arguments.usage_error("--checkpoint cannot be used with stdin (-), which cannot be read again")
    if arguments.to and not arguments.output:
        arguments.output = "-"
    if arguments.output == "-" and not arguments.to:
        arguments.usage_error("-o - needs --to FORMAT")
    if arguments.output == "-" and arguments.json:
        arguments.usage_error("--json and -o - would both write to stdout")
    check_background(arguments)
    if arguments.checkpoint:
        check_path(arguments, arguments.checkpoint, option="checkpoint")
    suffix = check_output(arguments, arguments.output, arguments.to) if arguments.output else None
    unused = [f"--{name.replace('_', '-')}" for name in DRAWING if getattr(arguments, name) is not None]
    if unused and not _is_drawn(suffix):
        say(f"warning: {', '.join(unused)} has no effect without a picture (-o NAME.png)")
    return suffix


def _is_drawn(suffix: str | None) -> bool:
    from heatgrid.export import FORMATS

    return suffix is not None and FORMATS[suffix].takes("colormap")


def _print_json(heat: Heatmap, output: str | None) -> None:
    import json

    from heatgrid.export import map_header

    document = map_header(heat) | {"stats": heat.stats().to_dict(), "report": heat.report.to_dict()}
    document["output"] = output
    print(json.dumps(document, indent=2))  # ASCII: valid on any terminal


def add_merge(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import help_text

    parser = commands.add_parser(
        "merge",
        usage="heatgrid merge MAP [MAP ...] -o OUT [options]",
        help="add saved maps",
        description="Add maps saved as .npz; classes are matched by name. Grid, rule and mode must be equal.",
    )
    parser.add_argument("source", nargs="+", metavar="MAP", help="a map saved as .npz")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help=f"by its suffix: {help_text()}")
    add_quiet(parser)
    parser.set_defaults(run=merge, usage_error=parser.error)


def merge(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    suffix = check_output(arguments, arguments.output)
    first, *others = arguments.source
    total = _load(first)
    for path in others:  # at most two maps are in memory
        part = _load(path)
        try:
            total += part
        except (ValueError, OverflowError) as error:
            raise type(error)(f"{path} cannot be added to {first}: {error}") from None
    total.save(arguments.output, format=suffix)
    print_stats(total)
    print(f"wrote {arguments.output}")
    return print_report(total.report, quiet=arguments.quiet)


def _load(path: str) -> Heatmap:
    from heatgrid.errors import FormatError
    from heatgrid.heatmap import Heatmap
    from heatgrid.io.npz import is_unfinished, read_counts

    counts, header = read_counts(path)
    if is_unfinished(header):
        raise FormatError("the checkpoint of an unfinished count", path)
    return Heatmap.of(counts)
