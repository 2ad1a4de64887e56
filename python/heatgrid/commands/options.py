"""Options that several commands share, and what is wrong usage of them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWING = ("title", "by_class", "colormap", "scale", "vmin", "vmax", "zero", "blur", "background", "opacity")


def add_reading(
    parser: argparse.ArgumentParser, classes: str = "count this class only (may be repeated)"
) -> None:
    """Add the options of reading."""
    group = parser.add_argument_group("reading")
    group.add_argument("--format", metavar="NAME", help="coco, yolo, voc …, instead of finding it by content")
    group.add_argument(
        "--class",
        dest="classes",
        action="append",
        metavar="NAME",
        help=classes,
    )
    group.add_argument(
        "--split",
        dest="splits",
        action="append",
        metavar="NAME",
        help="read this split only (may be repeated)",
    )
    group.add_argument("--images", metavar="DIR", help="folder to take missing image sizes from")
    group.add_argument(
        "--size", type=size_in_pixels, metavar="WxH", help="image size, where the annotations give none"
    )
    group.add_argument(
        "--column",
        dest="columns",
        action="append",
        type=_column,
        metavar="ROLE=NAME",
        help="of tables, which column is image, class, x1, y1, x2, y2, … by name or number (may be repeated)",
    )
    group.add_argument(
        "--one-based", action="store_true", help="pixel coordinates begin at 1 (VOC devkit, MOT)"
    )
    group.add_argument(
        "--task", choices=("detect", "segment", "obb", "pose"), help="what ambiguous YOLO rows mean"
    )
    group.add_argument(
        "--transform",
        type=_transform,
        metavar="A,B,C,D,E,F",
        help="of maps, the raster's affine transform; world: world files beside the images in --images",
    )
    group.add_argument("--strict", action="store_true", help="stop at the first bad annotation")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress bar and no report")


def reading(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options that all commands read with."""
    return {
        "splits": arguments.splits,
        "format": arguments.format,
        "on_error": "raise" if arguments.strict else "skip",
        "progress": not arguments.quiet,
        "images": arguments.images,
        "size": arguments.size,
        "columns": dict(arguments.columns) if arguments.columns else None,
        "one_based": arguments.one_based,
        "task": arguments.task,
        "transform": arguments.transform,
    }


def add_counting(parser: argparse.ArgumentParser) -> None:
    """Add the options of counting."""
    group = parser.add_argument_group("counting")
    add_hitting(group)
    group.add_argument(
        "--count",
        choices=("instances", "images"),
        default="instances",
        help="whether every annotation adds 1 to a cell, or every image at most 1 (default: instances)",
    )
    group.add_argument("--all-classes", action="store_true", help="one plane for all classes: less memory")


def add_hitting(group: argparse._ArgumentGroup) -> None:
    """Add the options that say what hits a cell."""
    group.add_argument("--grid", type=_grid, metavar="N or HxW", help="cells of the grid (default: 100)")
    group.add_argument(
        "--geometry",
        choices=("auto", "box", "polygon", "mask", "point", "line"),
        help="what to count (default: auto)",
    )
    group.add_argument(
        "--rule", choices=("center", "touch", "point", "area"), help="what a hit is (default: center)"
    )
    group.add_argument(
        "--large-box-ratio", type=_ratio, metavar="T", help="larger boxes hit their middle only"
    )
    group.add_argument(
        "--fit",
        choices=("stretch", "letterbox"),
        default="stretch",
        help="whether images fill the grid, or keep their aspect, centred (default: stretch)",
    )
    group.add_argument("--preset", choices=("roboflow",), help="boxes, rule touch, grid 10")


def counting(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options that all commands count with, but for the grid."""
    return {
        "classes": arguments.classes,
        "geometry": arguments.geometry,
        "rule": arguments.rule,
        "count": arguments.count,
        "preset": arguments.preset,
        "large_box_ratio": arguments.large_box_ratio,
        "fit": arguments.fit,
        "by_class": not arguments.all_classes,
    }


def add_drawing(parser: argparse.ArgumentParser) -> None:
    """Add the options of drawing."""
    group = parser.add_argument_group("drawing")
    group.add_argument("--title", help="the picture's title (default: the source's name)")
    group.add_argument(
        "--by-class", action="store_const", const=True, help="a small map a class, on one scale"
    )
    group.add_argument("--colormap", metavar="NAME", help="roboflow (default), viridis, jet, …")
    group.add_argument("--scale", choices=("linear", "log", "sqrt", "rank", "percentile", "gamma"))
    group.add_argument("--vmin", type=finite, metavar="V", help="the value of the lowest colour")
    group.add_argument("--vmax", type=finite, metavar="V", help="the value of the highest colour")
    group.add_argument("--zero", choices=("color", "transparent"), help="how empty cells are drawn")
    group.add_argument(
        "--blur", type=finite, metavar="SIGMA", help="blur what is drawn, not what is counted, in cells"
    )
    group.add_argument(
        "--background",
        metavar="IMAGE",
        help="draw the map over this image: a file, a URL, or mean: the mean of the images in --images, "
        "or in the source's folder",
    )
    group.add_argument(
        "--opacity", type=_share, metavar="SHARE", help="of the map over the background (default: 0.7)"
    )


def _grid(text: str) -> int | tuple[int, int]:
    rows, by, columns = text.lower().partition("x")
    try:
        sides = [int(side) for side in ((rows, columns) if by else (rows,))]
    except ValueError:
        sides = []
    if not sides or min(sides) < 1:
        raise argparse.ArgumentTypeError(f"expected N or HxW, each at least 1, got {text!r}")
    return (sides[0], sides[1]) if by else sides[0]


def size_in_pixels(text: str) -> tuple[float, float]:
    """Return the width and height of WxH."""
    width, _, height = text.lower().partition("x")
    try:
        size = finite(width), finite(height)
    except (ValueError, argparse.ArgumentTypeError):
        size = 0.0, 0.0
    if min(size) <= 0:
        raise argparse.ArgumentTypeError(f"expected WxH, both above 0, got {text!r}")
    return size


def _column(text: str) -> tuple[str, str | int]:
    role, equals, name = text.partition("=")
    if not (role and equals and name):
        raise argparse.ArgumentTypeError(f"expected ROLE=NAME, as in image=photo, got {text!r}")
    return role, int(name) if name.isdecimal() else name


def _transform(text: str) -> str | tuple[float, ...]:
    if text == "world":
        return text
    numbers = tuple(finite(part) for part in text.split(","))
    if len(numbers) != 6:
        raise argparse.ArgumentTypeError(f"expected six numbers A,B,C,D,E,F or world, got {text!r}")
    return numbers


def _ratio(text: str) -> float:
    ratio = finite(text)
    if ratio < 0:
        raise argparse.ArgumentTypeError(f"expected a number of at least 0, got {text!r}")
    return ratio


def _share(text: str) -> float:
    share = finite(text)
    if not 0.0 <= share <= 1.0:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return share


def finite(text: str) -> float:
    """Return a number that is neither infinite nor NaN."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number, got {text!r}")
    return value


def whole(least: int) -> Callable[[str], int]:
    """Return a converter to whole numbers of at least so much."""

    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got {text!r}")
        return value

    return convert
