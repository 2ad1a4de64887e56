"""Values computed from counts, as options of the commands that draw maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.converters import choice, number, whole

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_values(parser: argparse.ArgumentParser) -> Any:
    """Add the options of values computed from counts; return the group of which one can be chosen."""
    group = parser.add_argument_group("values").add_mutually_exclusive_group()
    group.add_argument("--per-image", action="store_true", help="divide the counts by the number of images")
    group.add_argument(
        "--suppress", type=whole(1), metavar="K", help="no data where the count is below K, for publishing"
    )
    return group


def add_weights(parser: argparse._ActionsContainer) -> None:
    """Add the options of weights and their mean."""
    parser.add_argument(
        "--weights", **choice(("score",)), help="score: each annotation adds its score instead of 1"
    )
    parser.add_argument("--mean", action="store_true", help="mean of --weights in each cell, not their sum")
    parser.add_argument(
        "--least",
        type=number(0, above=True),
        metavar="N",
        help="with --mean: no data in cells with fewer annotations (default: 1)",
    )


def check_values(arguments: argparse.Namespace) -> None:
    """End with an error if options of values contradict each other."""
    if arguments.mean and not arguments.weights:
        arguments.parser.error("--mean needs --weights")
    if arguments.least is not None and not arguments.mean:
        arguments.parser.error("--least needs --mean")
    if arguments.mean:
        for name in ("per_image", "suppress", "balance", "checkpoint"):
            if getattr(arguments, name):
                arguments.parser.error(f"--mean cannot be combined with --{name.replace('_', '-')}")
        if arguments.count == "images" or arguments.cells == "square":
            arguments.parser.error("--mean cannot be combined with --count images or --cells square")


def values_of(arguments: argparse.Namespace, heat: Heatmap) -> Heatmap:
    """Return the values that the options ask for."""
    if arguments.per_image:
        return heat.per_image()
    return heat if arguments.suppress is None else heat.suppressed(arguments.suppress)
