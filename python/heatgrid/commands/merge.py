"""``heatgrid merge``: add saved maps up, such as those of many machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.sources import check_folder
from heatgrid.commands.terminal import account, print_stats

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "merge",
        usage="heatgrid merge MAP [MAP ...] -o OUT [options]",
        help="add saved maps up",
        description="Add maps saved as .npz up, classes by name. They must have one grid, rule and mode.",
    )
    parser.add_argument("map", nargs="+", metavar="MAP", help="a map saved as .npz")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        required=True,
        help=".npz, .png, .svg, .html, .json or .csv by its suffix",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no report")
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(arguments: argparse.Namespace) -> int:
    from heatgrid.export import suffix_for

    try:
        suffix = suffix_for(arguments.output)
    except ValueError as error:
        arguments.usage_error(str(error))
    check_folder(arguments.output)
    heat = _sum(arguments.map)
    heat.save(arguments.output, format=suffix)
    print_stats(heat)
    print(f"wrote {arguments.output}")
    return account(heat.report, quiet=arguments.quiet)


def _sum(paths: list[str]) -> Heatmap:
    """Add maps up, one at a time, so that no more than two are in memory."""
    total = _load(paths[0])
    for path in paths[1:]:
        part = _load(path)
        try:
            total += part
        except (ValueError, OverflowError) as error:
            raise type(error)(f"{path} does not go with {paths[0]}: {error}") from None
    return total


def _load(path: str) -> Heatmap:
    from heatgrid.errors import FormatError
    from heatgrid.io.checkpoint import is_unfinished
    from heatgrid.io.npz import load_with_header

    heat, header = load_with_header(path)
    if is_unfinished(header):
        raise FormatError("the checkpoint of a count that is not finished", path)
    return heat
