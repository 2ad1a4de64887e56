"""``heatgrid map`` and ``view`` count annotations and draw the map, ``merge`` adds saved maps."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.commands.cli import check_output, check_path, open_sources, print_report, print_stats, say
from heatgrid.commands.options import (
    DRAWING,
    add_command,
    add_counting,
    add_drawing,
    add_quiet,
    add_reading,
    add_source,
    check_background,
    count_options,
    draw_options,
    read_options,
    select_options,
    whole,
)
from heatgrid.core.annotations import Listed
from heatgrid.viz.options import ScaleBy

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_map(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import FORMATS, help_text

    parser = add_command(
        commands,
        "map",
        run_map,
        help="count annotations and write a picture, page, table or array",
        description="Read annotations, count them on a grid, print the quartiles, and write the map.",
        usage="SOURCE [SOURCE ...] [-o OUT] [options]",
    )
    add_source(parser)
    add = parser.add_argument
    add("-o", "--output", metavar="OUT", help=f"by its suffix: {help_text()}; - is stdout, with --to")
    formats = [suffix[1:] for suffix in FORMATS]
    add("--to", metavar="FORMAT", choices=formats, help=f"output format: {', '.join(formats)}")
    add("--json", action="store_true", help="print statistics and report as JSON")
    add(
        "--checkpoint",
        metavar="FILE",
        help="save the unfinished map to this .npz file from time to time; resume from it if it exists",
    )
    add_reading(parser)
    add_counting(parser)
    group = add_drawing(parser)
    group.add_argument(
        "--scale-by", choices=get_args(ScaleBy), help="scale of small maps: all share one, or class"
    )
    group.add_argument("--top", type=whole(1), metavar="N", help="maximum number of small maps (default: 12)")


def run_map(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.datasets import heatmap

    suffix = _check_output(arguments)
    with open_sources(arguments) as sources:
        drawing = draw_options(arguments, sources.paths) if _is_drawn(suffix) else {}
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
    from heatgrid.export import FORMATS

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
    used = FORMATS[suffix].options.__annotations__ if suffix else {}
    unused = [name for name in DRAWING if getattr(arguments, name) is not None and name not in used]
    if unused:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in unused)
        say(f"warning: {names} has no effect without a picture (-o NAME.png)")
        vars(arguments).update(dict.fromkeys(unused))
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


def add_view(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "view",
        run_view,
        help="count annotations and open an interactive page in the browser",
        description="Count annotations, or load saved maps, write a page that works offline, and open it in "
        "the browser. The page can switch splits and classes.",
        usage="SOURCE [SOURCE ...] [-o OUT.html] [options]",
    )
    add_source(parser, "a file, folder, data.yaml or - (stdin); or maps saved as .npz")
    add = parser.add_argument
    add("-o", "--output", metavar="OUT", help="the .html file (default: a temporary file)")
    add("--no-open", action="store_true", help="write the page without opening it")
    lists = get_args(Listed)
    add("--list", choices=lists, help="list the images or annotations of each cell, shown on click")
    add("--limit", type=whole(1), metavar="N", default=10, help="maximum length of a list (default: 10)")
    add("--thumbnails", metavar="PREFIX", help="folder or URL prefix of the images that --list images shows")
    add_reading(parser)
    add_counting(parser)
    add_drawing(parser)


def run_view(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.core.report import Report
    from heatgrid.export import save_page

    output = _page_path(arguments)
    saved = [name for name in arguments.source if name.endswith(".npz")]
    if saved and (len(saved) < len(arguments.source) or arguments.list):
        arguments.usage_error("saved maps cannot be combined with annotations or --list")
    check_background(arguments)
    if arguments.thumbnails and arguments.list != "images":
        arguments.usage_error("--thumbnails needs --list images")
    if saved and arguments.background == "mean":
        arguments.usage_error("--background mean needs annotations, which name the images; give their folder")
    if saved:
        maps, options = _load_all(saved), draw_options(arguments, saved)
    else:
        maps, options = _count(arguments)
    report = Report()
    for heat in maps.values():
        report += heat.report
    if arguments.thumbnails:
        options["thumbnails"] = _relative(arguments.thumbnails, output.parent)
    save_page(next(iter(maps.values())) if len(maps) == 1 else maps, output, **options)
    print(f"wrote {output}")
    if not arguments.no_open:
        import webbrowser

        if not webbrowser.open(output.resolve().as_uri()):
            say("no browser found; open the file yourself")
    return print_report(report, quiet=arguments.quiet)


def _page_path(arguments: argparse.Namespace) -> Path:
    """Return the path of the page; find errors before anything is read."""
    if arguments.output is None:
        from tempfile import mkdtemp

        return Path(mkdtemp(prefix="heatgrid-")) / "view.html"
    if not arguments.output.lower().endswith(".html"):
        arguments.usage_error(f"-o must name an .html file, got {arguments.output}")
    check_path(arguments, arguments.output)
    return Path(arguments.output)


def _relative(prefix: str, folder: Path) -> str:
    """Return a folder of images as seen from the page's folder; another prefix as it is."""
    return Path(os.path.relpath(prefix, folder)).as_posix() if Path(prefix).is_dir() else prefix


def _count(arguments: argparse.Namespace) -> tuple[dict[Any, Heatmap], dict[str, Any]]:
    """Count by split; return the maps and the options of the page, with --list the lists of the cells."""
    from heatgrid.datasets import heatmaps
    from heatgrid.query import annotations_by_cell

    reading = read_options(arguments)
    with open_sources(arguments) as sources:
        options = draw_options(arguments, sources.paths)
        maps = heatmaps(sources.paths, arguments.grid, **count_options(arguments), **reading)
        sources.rename(*(heat.report for heat in maps.values()))
        if arguments.list:
            options["annotations_by_cell"] = annotations_by_cell(
                sources.paths,
                arguments.grid,
                kind=arguments.list,
                limit=arguments.limit,
                **select_options(arguments),
                **reading,
            )
    return maps, options


def _load_all(paths: list[str]) -> dict[Any, Heatmap]:
    """Return saved maps by file name, or by path if names are equal."""
    from heatgrid.heatmap import load

    stems = [Path(path).stem for path in paths]
    names = stems if len(set(stems)) == len(stems) else paths
    return {name: load(path) for name, path in zip(names, paths, strict=True)}


def add_merge(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import help_text

    parser = add_command(
        commands,
        "merge",
        run_merge,
        help="add saved maps",
        description="Add maps saved as .npz; classes are matched by name. Grid, rule and mode must be equal.",
        usage="MAP [MAP ...] -o OUT [options]",
    )
    parser.add_argument("source", nargs="+", metavar="MAP", help="a map saved as .npz")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help=f"by its suffix: {help_text()}")
    add_quiet(parser)


def run_merge(arguments: argparse.Namespace) -> int:
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
