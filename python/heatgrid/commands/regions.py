"""Options of regions, anchors and floor plans."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from heatgrid.commands.converters import choice, converter, image_size
from heatgrid.commands.options import PLACING
from heatgrid.core.anchors import ANCHORS

if TYPE_CHECKING:
    from heatgrid.core.region import Region

REGION = "X,Y,X,Y,… or FILE"


def add_regions(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which place an annotation has, and which places count."""
    group = parser.add_argument_group("regions and floor plans")
    add = group.add_argument
    add(
        "--region",
        type=region,
        action="append",
        metavar=REGION,
        help="count annotations in this region only: vertices in pixels, or in shares of the image from 0 "
        "to 1, also as NAME=X,Y,…; or a GeoJSON file of regions (may be repeated)",
    )
    add(
        "--exclude-region",
        type=region,
        action="append",
        metavar=REGION,
        help="leave out annotations in this region (may be repeated)",
    )
    add(
        "--anchor",
        **choice(ANCHORS),
        help="point of the box that is in a region, on a floor plan, or counted with --rule point "
        "(default: the center; bottom_center on a floor plan)",
    )
    add(
        "--homography",
        type=_HOMOGRAPHY,
        metavar="A,B,…,I",
        help="count on a floor plan: nine numbers of the 3 x 3 matrix, row by row, from the pixels of the "
        "images to those of the plan",
    )
    add("--plan-size", type=image_size, metavar="WxH", help="size of the floor plan in pixels")


def region_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments of `heatgrid.read` that these options set."""
    return {name: getattr(arguments, name) for name in PLACING}


def region(text: str) -> Region | str:
    """Return the region of vertices, or the path of a file."""
    from heatgrid.core.region import Region

    name, equals, vertices = text.rpartition("=")
    try:
        numbers = [float(part) for part in vertices.split(",")]
    except ValueError:
        return text
    try:
        return Region(list(zip(numbers[::2], numbers[1::2], strict=True)), name if equals else "")
    except (TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(
            f"expected X,Y of three points or more, got {text!r}: {error}"
        ) from None


def _parse_homography(text: str) -> list[list[float]]:
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) != 9:
        raise ValueError
    return [numbers[:3], numbers[3:6], numbers[6:]]


_HOMOGRAPHY = converter(_parse_homography, "nine numbers A,B,C,D,E,F,G,H,I")
