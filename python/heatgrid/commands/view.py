"""``heatgrid view`` and ``page``: interactive pages, of maps, and to count files in the browser."""

from __future__ import annotations

from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.commands.cli import check_output, check_path, open_sources
from heatgrid.commands.converters import choice, whole
from heatgrid.commands.map import SOURCES, add_cells, check_background, draw_options, saved_maps
from heatgrid.commands.options import (
    add_command,
    add_counting,
    add_drawing,
    add_output,
    add_reading,
    add_source,
    count_options,
    read_options,
    seen_from,
    select_options,
)
from heatgrid.commands.output import DONE, check_strict, finish, print_maps, show, warn
from heatgrid.commands.regions import add_regions, region_options
from heatgrid.commands.values import add_values, values_of
from heatgrid.core.cell_annotations import Listed

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_view(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "view",
        run_view,
        description="Count annotations, or load saved maps, write a page that works offline, and open it in "
        "the browser. The page can switch splits and classes.",
        usage="SOURCE [SOURCE ...] [-o OUT.html] [options]",
    )
    add_source(parser, SOURCES)
    argument = parser.add_argument
    add_output(parser, "the .html file (default: a temporary file)")
    argument("--no-open", action="store_true", help="write the page without opening it")
    lists = get_args(Listed)
    argument("--list", **choice(lists), help="list the images or annotations of each cell, shown on click")
    argument("--limit", type=whole(1), metavar="N", default=10, help="maximum length of a list (default: 10)")
    argument(
        "--thumbnails", metavar="PREFIX", help="folder or URL prefix of the images that --list images shows"
    )
    add_reading(parser)
    add_regions(parser)
    add_cells(add_counting(parser))
    add_values(parser)
    add_drawing(parser)


def run_view(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.core.report import Report
    from heatgrid.export import save_page

    output = arguments.output = _page_path(arguments)
    saved = saved_maps(arguments)
    check_background(arguments)
    if arguments.thumbnails and arguments.list != "images":
        arguments.parser.error("--thumbnails needs --list images")
    if saved is None:
        maps, options = _count(arguments)
    else:
        maps = _names(dict(saved))
        options = draw_options(arguments, [], next(iter(maps.values())).spec.fit)
    counted = [heat for heat in maps.values() if heat.spec.unit is None]
    report = sum((heat.report for heat in counted or maps.values()), Report())
    check_strict(arguments, report)
    if arguments.per_image or arguments.suppress is not None:  # of all splits together
        maps = {"": values_of(arguments, reduce(add, maps.values()))}
    if arguments.thumbnails:
        options["thumbnails"] = seen_from(arguments.thumbnails, output)
    save_page(next(iter(maps.values())) if len(maps) == 1 else maps, output, **options)
    if arguments.json:
        if len(counted) == len(maps):
            maps = {"": reduce(add, maps.values())}
        print_maps(arguments, maps)
    else:
        show(arguments, f"wrote {output}")
    if not arguments.no_open:
        import webbrowser

        if not webbrowser.open(output.resolve().as_uri()):
            warn(arguments, "no browser found; open the file yourself")
    return finish(arguments, report, empty=not any(heat.counts.any() for heat in maps.values()))


def _page_path(arguments: argparse.Namespace) -> Path:
    """Return the path of the page; find errors before anything is read."""
    if arguments.output is None:
        from tempfile import mkdtemp

        return Path(mkdtemp(prefix="heatgrid-")) / "view.html"
    if not arguments.output.lower().endswith(".html"):
        arguments.parser.error(f"-o must name an .html file, got {arguments.output}")
    check_path(arguments, arguments.output)
    from heatgrid.io.remote import place_of

    return place_of(arguments.output)


def _count(arguments: argparse.Namespace) -> tuple[dict[Any, Heatmap], dict[str, Any]]:
    """Count by split; return the maps and the options of the page, with --list the lists of the cells."""
    from heatgrid.datasets import heatmaps
    from heatgrid.query import annotations_by_cell

    reading = read_options(arguments) | region_options(arguments)
    with open_sources(arguments) as sources:
        options = draw_options(arguments, sources.paths)
        maps = heatmaps(
            sources.paths, arguments.grid, **count_options(arguments), cells=arguments.cells, **reading
        )
        sources.rename(*(heat.report for heat in maps.values()))
        if arguments.list:
            options["annotations_by_cell"] = annotations_by_cell(
                sources.paths,
                next(iter(maps.values())).shape if maps else arguments.grid,
                of=arguments.of,
                kind=arguments.list,
                limit=arguments.limit,
                **select_options(arguments),
                **reading,
            )
    return maps, options


def _names(maps: dict[str, Heatmap]) -> dict[Any, Heatmap]:
    """Return maps by the names of their files without folders, unless these are equal."""
    stems = [Path(path).stem for path in maps]
    names = stems if len(set(stems)) == len(stems) else list(maps)
    return dict(zip(names, maps.values(), strict=True))


def add_page(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "page",
        run_page,
        description="Write a page that counts COCO files and YOLO folders in the browser. It is one file for "
        "people without heatgrid: it works offline, and sends nothing.",
    )
    add_output(parser, "the .html file (default: heatgrid.html)", json=False)


def run_page(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.export import FORMATS
    from heatgrid.io import files
    from heatgrid.viz.page import browser_page

    arguments.output = arguments.output or "heatgrid.html"
    check_output(arguments, arguments.output, formats={".html": FORMATS[".html"]})
    files.write(arguments.output, browser_page().encode())
    show(arguments, f"wrote {arguments.output}")
    return DONE
