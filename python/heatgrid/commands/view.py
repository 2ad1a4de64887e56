"""``heatgrid view``: count annotations and open an interactive page in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.commands.cli import check_path, open_sources, print_report, say
from heatgrid.commands.options import (
    add_counting,
    add_drawing,
    add_reading,
    check_background,
    count_options,
    draw_options,
    read_options,
    select_options,
    whole,
)
from heatgrid.core.annotations import Listed

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_view(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "view",
        usage="heatgrid view SOURCE [SOURCE ...] [-o OUT.html] [options]",
        help="count annotations and open an interactive page in the browser",
        description="Count annotations, or load saved maps, write a page that works offline, and open it in "
        "the browser. The page can switch splits and classes.",
    )
    parser.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="a file, folder, data.yaml or - (stdin); or maps saved as .npz",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="the .html file (default: a temporary file)")
    parser.add_argument("--no-open", action="store_true", help="write the page without opening it")
    parser.add_argument(
        "--list", choices=get_args(Listed), help="list the images or annotations of each cell, shown on click"
    )
    parser.add_argument(
        "--limit", type=whole(1), metavar="N", default=10, help="maximum length of a list (default: 10)"
    )
    add_reading(parser)
    add_counting(parser)
    add_drawing(parser)
    parser.set_defaults(run=run, usage_error=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.core.report import Report
    from heatgrid.export import save_page

    output = _output(arguments)
    saved = [name for name in arguments.source if name.endswith(".npz")]
    if saved and (len(saved) < len(arguments.source) or arguments.list):
        arguments.usage_error("saved maps cannot be combined with annotations or --list")
    check_background(arguments)
    options = draw_options(arguments)
    maps = _load(saved) if saved else _count(arguments, options)
    report = Report()
    for heat in maps.values():
        report += heat.report
    save_page(next(iter(maps.values())) if len(maps) == 1 else maps, output, **options)
    print(f"wrote {output}")
    if not arguments.no_open:
        import webbrowser

        if not webbrowser.open(output.resolve().as_uri()):
            say("no browser found; open the file yourself")
    return print_report(report, quiet=arguments.quiet)


def _output(arguments: argparse.Namespace) -> Path:
    """Return the path of the page; find errors before anything is read."""
    if arguments.output is None:
        from tempfile import mkdtemp

        return Path(mkdtemp(prefix="heatgrid-")) / "view.html"
    if not arguments.output.lower().endswith(".html"):
        arguments.usage_error(f"-o must name an .html file, got {arguments.output}")
    check_path(arguments, arguments.output)
    return Path(arguments.output)


def _count(arguments: argparse.Namespace, options: dict[str, Any]) -> dict[Any, Heatmap]:
    """Count by split; with --list, add the lists of the cells to the options of the page."""
    from heatgrid.datasets import heatmaps
    from heatgrid.query import annotations_by_cell

    reading = read_options(arguments)
    with open_sources(arguments) as sources:
        maps = heatmaps(sources.paths, arguments.grid, **count_options(arguments), **reading)
        sources.rename(*(heat.report for heat in maps.values()))
        if arguments.list:
            options["annotations_by_cell"] = annotations_by_cell(
                sources.paths,
                arguments.grid,
                of=arguments.list,
                limit=arguments.limit,
                **select_options(arguments),
                **reading,
            )
    return maps


def _load(paths: list[str]) -> dict[Any, Heatmap]:
    """Return saved maps by file name, or by path if names are equal."""
    from heatgrid.heatmap import load

    stems = [Path(path).stem for path in paths]
    names = stems if len(set(stems)) == len(stems) else paths
    return {name: load(path) for name, path in zip(names, paths, strict=True)}
