"""Options of groups: by attribute, or by the time in names of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from heatgrid.core.spec import listed
from heatgrid.io.groups import By, ByTime, TimeUnit

if TYPE_CHECKING:
    import argparse


def add_by(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the options of groups; ``what`` is what happens to them."""
    group = parser.add_argument_group("groups")
    chosen = group.add_mutually_exclusive_group()
    chosen.add_argument(
        "--by",
        metavar="NAME",
        help=f"{what} by split, source, or an attribute of annotations or images, as in occluded or camera",
    )
    chosen.add_argument(
        "--by-time",
        nargs=2,
        metavar=("FORMAT", "UNIT"),
        help=f"{what} by the time in names of images, as in %%Y%%m%%d_%%H; UNIT is "
        f"{listed(get_args(TimeUnit))}",
    )


def grouping(arguments: argparse.Namespace) -> By | None:
    """Return what forms groups, None without the options."""
    if arguments.by_time is None:
        return arguments.by  # type: ignore[no-any-return]
    try:
        by = ByTime(*arguments.by_time)
    except ValueError as error:
        arguments.parser.error(f"--by-time: {error}")
    return by
