"""Options that several commands share, and the keyword arguments that they set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.commands.cli import COMMANDS, STDIN, limits_of
from heatgrid.commands.converters import (
    AREA,
    COLUMN,
    GRID,
    LIMITS,
    NUMBERS,
    TRANSFORM,
    attributes,
    choice,
    image_size,
    limit,
    number,
    whole,
)
from heatgrid.commands.output import EXIT_CODES
from heatgrid.core.annotations import Geometry
from heatgrid.core.arguments import OnError
from heatgrid.core.spec import CountMode, Fit, Of, Rule
from heatgrid.io.keywords import Preset
from heatgrid.io.options import Attribute, Task
from heatgrid.io.registry import FORMATS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

READING = (
    *("splits", "format", "on_error", "images", "size", "threads", "limits"),
    *("encoding", "columns", "one_based", "task", "transform", "ignore", "exclude", "only"),
    *("min_score", "area", "truth"),
)
SELECTING = (
    *("classes", "exclude_classes", "ignore_case"),
    *("geometry", "rule", "preset", "large_box_ratio", "fit"),
)
PLACING = ("region", "exclude_region", "anchor", "homography", "plan_size")
NOT_WITH_MAPS = (
    *(name for name in (*READING, *SELECTING, *PLACING) if name not in ("images", "limits")),
    *("grid", "count", "of", "cells", "all_classes", "checkpoint", "list", "pair"),
    *("permutations", "seed", "paired", "weights", "mean", "least", "by", "by_time", "groups"),
)
CLASS_HELP = "count this class only, or those of a pattern as 'cam*'"
DRAWING = (
    *("title", "by_class", "scale_by", "top"),
    *("colormap", "scale", "vmin", "vmax", "zero", "blur", "background", "opacity"),
)


def add_command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    description: str,
    usage: str = "[options]",
) -> argparse.ArgumentParser:
    """Add a command, which ``run`` runs, to the parser of the command line, and return its own parser."""
    usage = "\n".join(
        f"{' ' * 7 * (i > 0)}heatgrid {name} {line}" for i, line in enumerate(usage.split("\n"))
    )
    parser: argparse.ArgumentParser = commands.add_parser(
        name, usage=usage, help=COMMANDS[name][1], description=description, epilog=EXIT_CODES
    )
    parser.set_defaults(run=run, parser=parser)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("-q", "--quiet", action="store_true", help="print errors only, and data for programs")
    amount.add_argument(
        "-v", "--verbose", action="store_true", help="always print the report; show where errors arise"
    )
    return parser


def add_source(
    parser: argparse.ArgumentParser,
    help: str = "a file, folder or data.yaml; - is stdin (one file)",  # noqa: A002
) -> None:
    """Add the sources to read."""
    complete(parser.add_argument("source", nargs="+", metavar="SOURCE", help=help))


def add_output(parser: argparse._ActionsContainer, help: str, *, json: bool = True) -> None:  # noqa: A002
    """Add the options of the file to write, and of results as JSON."""
    complete(parser.add_argument("-o", "--output", metavar="OUT", help=help))
    parser.add_argument("--no-overwrite", action="store_true", help="fail if the file of -o exists")
    if json:
        add_json(parser)


def add_json(parser: argparse._ActionsContainer) -> None:
    """Add the option of results as JSON."""
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def complete(action: argparse.Action) -> None:
    """Let shells complete the names of files; the texts are those of shtab."""
    action.complete = {  # type: ignore[attr-defined]
        "bash": "_shtab_compgen_files",
        "zsh": "_files",
        "fish": "(__fish_complete_path (commandline -ct))",
    }


def add_reading(
    parser: argparse.ArgumentParser,
    class_help: str = CLASS_HELP,
    *,
    truth: bool = True,
) -> None:
    """Add the options of reading: those of `heatgrid.read`, the classes and the output on stderr.

    ``truth=False`` omits ``--truth``; `heatgrid errors` already has the truth as its first source.
    """
    group = parser.add_argument_group("reading")
    add = group.add_argument
    add_format(group)
    add_class_option(group, class_help)
    add(
        "--split",
        dest="splits",
        metavar="NAME",
        help="read this split only (may be repeated)",
        action="append",
    )
    images = add(
        "--images",
        metavar="DIR",
        help="folder of images: their sizes replace missing ones and are compared with declared ones "
        "(default: missing sizes are those of images near the annotations)",
    )
    complete(images)
    add("--size", type=image_size, metavar="WxH", help="image size, if the annotations have none")
    add(
        "--column",
        dest="columns",
        type=COLUMN,
        metavar="ROLE=NAME",
        help="name or number of a table's column: image, class, x1, y1, x2, y2, … (may be repeated)",
        action="append",
    )
    add("--encoding", metavar="NAME", help="encoding of text files that are not UTF-8, as in latin-1 or gbk")
    add("--one-based", action="store_true", help="pixel coordinates begin at 1 (VOC devkit, MOT)")
    add("--task", **choice(get_args(Task)), help="meaning of ambiguous YOLO rows")
    add(
        "--transform",
        type=TRANSFORM,
        metavar="A,B,C,D,E,F",
        help="affine transform of the raster, for GeoJSON and well-known text; "
        "world: use the world files of the images in --images",
    )
    _add_filters(group)
    if truth:
        complete(
            add("--truth", metavar="FILE", help="COCO file with the images and categories of COCO results")
        )
    add("--threads", type=whole(1, 1024), metavar="N", help="number of threads (default: as many as cores)")
    add_limits(group)
    add_strict(group)


def _add_filters(parser: argparse._ActionsContainer) -> None:
    """Add the options of the annotations and images to leave out."""
    add = parser.add_argument
    add("--ignore", type=NUMBERS, metavar="N,N", help="numbers in label images that are not counted")
    add(
        "--exclude",
        type=attributes,
        metavar="NAME,…",
        action="extend",
        help=f"leave out annotations with these attributes: {', '.join(get_args(Attribute))}",
    )
    add(
        "--only",
        metavar="PATTERN",
        action="append",
        help="read the images of these names only, as in 'cam3/*' (may be repeated)",
    )
    add("--min-score", type=number(), metavar="S", help="leave out annotations of a lower score")
    add(
        "--area",
        type=AREA,
        metavar="NAME",
        help="leave out boxes of another area: small, medium, large (COCO's), or LOW:HIGH in square pixels",
    )


def add_limits(parser: argparse._ActionsContainer) -> None:
    """Add the option of limits."""
    parser.add_argument(
        "--limits",
        type=limit,
        metavar="NAME=VALUE",
        action="append",
        help=f"raise or lower a limit: {', '.join(LIMITS)} (may be repeated)",
    )


def add_format(
    parser: argparse._ActionsContainer,
    option: str = "--format",
    what: str = "format, as `heatgrid formats` names it",
) -> None:
    """Add the option of the format to read."""
    parser.add_argument(
        option, **choice(FORMATS), metavar="NAME", help=f"{what} (default: detect by content)"
    )


def add_class_option(parser: argparse._ActionsContainer, help: str) -> None:  # noqa: A002
    """Add the option of the classes to count."""
    parser.add_argument(
        "--class",
        dest="classes",
        metavar="NAME",
        help=f"{help} (may be repeated)",
        action="append",
    )


def add_exclude_classes(parser: argparse._ActionsContainer) -> None:
    """Add the options of the classes to leave out, and of how names are compared."""
    parser.add_argument(
        "--exclude-class",
        dest="exclude_classes",
        metavar="NAME",
        action="append",
        help="leave out this class, or those of a pattern (may be repeated)",
    )
    parser.add_argument("--ignore-case", action="store_true", help="ignore the case of class names")


def add_strict(parser: argparse._ActionsContainer) -> None:
    """Add the options of what happens if something is not counted."""
    parser.add_argument(
        "--strict", action="store_true", help="fail, and write nothing, if anything was not counted"
    )
    parser.add_argument(
        "--on-error",
        **choice(get_args(OnError)),
        default="skip",
        help="skip what cannot be read, and report it; or stop at the first error (default: skip)",
    )


def add_counting(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add all options of counting, and return their group."""
    group = add_selecting(parser)
    group.add_argument(
        "--count",
        **choice(get_args(CountMode)),
        default="instances",
        help="instances: each annotation adds 1 to a cell; images: each image adds at most 1 "
        "(default: instances)",
    )
    add_of(group)
    group.add_argument("--all-classes", action="store_true", help="one map for all classes: less memory")
    return group


def add_of(parser: argparse._ActionsContainer) -> None:
    """Add the option of what is counted of an annotation."""
    parser.add_argument(
        "--of",
        **choice(get_args(Of)),
        default="place",
        help="place: where it is; size: its width and height as shares of the image (default: place)",
    )


def add_selecting(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the options of counting that decide which cells an annotation hits."""
    group = parser.add_argument_group("counting")
    add = group.add_argument
    add_exclude_classes(group)
    add_grid(group)
    add_geometry(group)
    add("--rule", **choice(get_args(Rule)), help="when an annotation hits a cell (default: center)")
    add(
        "--large-box-ratio",
        type=number(0),
        metavar="T",
        help="larger boxes hit only the cell of their center",
    )
    add(
        "--fit",
        **choice(get_args(Fit)),
        default="stretch",
        help="stretch: images fill the grid; letterbox: they keep their aspect ratio, centered "
        "(default: stretch)",
    )
    add("--preset", **choice(get_args(Preset)), help="roboflow: boxes, rule touch, grid 10")
    return group


def add_grid(parser: argparse._ActionsContainer, default: int = 100) -> None:
    """Add the option of the grid, whose help names the default."""
    parser.add_argument(
        "--grid", type=GRID, metavar="N or HxW", help=f"cells of the grid (default: {default})"
    )


def add_geometry(parser: argparse._ActionsContainer) -> None:
    """Add the option of the geometry to count."""
    parser.add_argument("--geometry", **choice(get_args(Geometry)), help="geometry to count (default: auto)")


def seen_from(prefix: str, page: str | Path) -> str:
    """Return a folder of images as seen from a page's folder; another prefix as it is."""
    return Path(os.path.relpath(prefix, Path(page).parent)).as_posix() if Path(prefix).is_dir() else prefix


def add_drawing(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the options of drawing."""
    from heatgrid.viz import colormaps
    from heatgrid.viz.options import Zero
    from heatgrid.viz.scales import ScaleName

    group = parser.add_argument_group("drawing")
    add = group.add_argument
    add("--title", help="title of the picture (default: name of the source)")
    add("--by-class", action="store_const", const=True, help="one small map per class, most objects first")
    add(
        "--colormap",
        **choice(colormaps.names()),
        metavar="NAME",
        help="heat (default), roboflow (with --preset), viridis …",
    )
    add("--scale", **choice(get_args(ScaleName)), help="color scale (default: linear)")
    add("--vmin", type=number(), metavar="V", help="value of the lowest color")
    add("--vmax", type=number(), metavar="V", help="value of the highest color")
    add("--zero", **choice(get_args(Zero)), help="appearance of empty cells")
    add(
        "--blur", type=number(), metavar="SIGMA", help="blur of the picture in cells; counts stay as they are"
    )
    add(
        "--background",
        metavar="IMAGE",
        help="image below the map: a file, a URL, or mean: the mean of the images that the annotations name, "
        "found in --images or in the source's folder",
    )
    add("--opacity", type=number(0, 1), metavar="SHARE", help="opacity over the background (default: 0.7)")
    return group


def read_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments of `heatgrid.read`."""
    options = {name: getattr(arguments, name) for name in READING if name in arguments}
    columns = dict(arguments.columns) if arguments.columns else None
    more = {"columns": columns, "limits": limits_of(arguments), "progress": not arguments.quiet}
    return options | more


def select_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments of `heatgrid.find` that are not of `heatgrid.read`, except the grid."""
    return {name: getattr(arguments, name) for name in SELECTING}


def count_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the keyword arguments of `heatgrid.heatmap` that are not of `heatgrid.read`, except the grid."""
    modes = {"count": arguments.count, "of": arguments.of, "by_class": not arguments.all_classes}
    return select_options(arguments) | modes


def title_of(sources: list[str]) -> str:
    """Return the last two parts of the first path, and the number of further sources."""
    name = STDIN if sources[0] == "-" else "/".join(Path(sources[0]).resolve().parts[-2:])
    return name if len(sources) == 1 else f"{name} and {len(sources) - 1} more"
