"""``heatgrid merge``: add saved maps, such as those of several machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import add_quiet
from heatgrid.commands.terminal import check_output, print_report, print_stats

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_parser(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import help_text

    parser = commands.add_parser(
        "merge",
        usage="heatgrid merge MAP [MAP ...] -o OUT [options]",
        help="add saved maps",
        description="Add maps saved as .npz; classes are matched by name. Grid, rule and mode must be equal.",
    )
    parser.add_argument("map", nargs="+", metavar="MAP", help="a map saved as .npz")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help=f"by its suffix: {help_text()}")
    add_quiet(parser)
    parser.set_defaults(run=run, usage_error=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    suffix = check_output(arguments, arguments.output)
    first, *others = arguments.map
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
    from heatgrid.io.checkpoint import is_unfinished
    from heatgrid.io.npz import read_counts

    counts, header = read_counts(path)
    if is_unfinished(header):
        raise FormatError("the checkpoint of an unfinished count", path)
    return Heatmap.of(counts)
