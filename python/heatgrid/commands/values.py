"""Options of values computed from counts, of weights and of GeoTIFF files, and the call that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.converters import choice, converter, number, whole
from heatgrid.commands.options import count_options, read_options
from heatgrid.commands.regions import region_options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from heatgrid.heatmap import Heatmap


def add_values(parser: argparse.ArgumentParser, *, with_balance: bool = False) -> None:
    """Add the options of values computed from counts, of which one can be chosen."""
    group = parser.add_argument_group("values").add_mutually_exclusive_group()
    group.add_argument("--per-image", action="store_true", help="divide the counts by the number of images")
    group.add_argument(
        "--suppress", type=whole(1), metavar="K", help="no data where the count is below K, for publishing"
    )
    if with_balance:
        group.add_argument("--balance", action="store_true", help="let every class weigh the same")


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


def add_geo(parser: argparse.ArgumentParser) -> None:
    """Add the options of GeoTIFF files."""
    add = parser.add_argument
    add("--crs", metavar="CRS", help="coordinate reference system of a GeoTIFF, as in EPSG:32632")
    add(
        "--bounds",
        type=converter(_bounds, "LEFT,BOTTOM,RIGHT,TOP"),
        metavar="L,B,R,T",
        help="bounds of the image in --crs, for a GeoTIFF (or --transform and --size)",
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


def _bounds(text: str) -> tuple[float, ...]:
    left, bottom, right, top = map(float, text.split(","))
    return left, bottom, right, top


def geo_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of a GeoTIFF that are set."""
    options = {"crs": arguments.crs, "bounds": arguments.bounds}
    if arguments.bounds is None and isinstance(arguments.transform, tuple):
        options |= {"transform": arguments.transform, "image_size": arguments.size}
    return {name: value for name, value in options.items() if value is not None}


def counting_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments that `heatmap` and `heatmaps` share, except the grid."""
    options = read_options(arguments) | region_options(arguments) | count_options(arguments)
    return options | {"cells": arguments.cells, "weights": arguments.weights}


def counting_call(arguments: argparse.Namespace) -> tuple[Callable[..., Heatmap], dict[str, Any]]:
    """Return the function that counts, `heatmap` or `mean_map`, and its keyword arguments."""
    from heatgrid.datasets import heatmap

    options = counting_options(arguments)
    if not arguments.mean:
        return heatmap, options | {"checkpoint": arguments.checkpoint}
    from heatgrid.values import mean_map

    del options["count"], options["cells"]  # see check_values
    return mean_map, options | {"least": arguments.least or 1}
