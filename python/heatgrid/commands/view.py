"""``heatgrid view``: count annotations and look around in them, in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.commands.drawing import check_background, drawing
from heatgrid.commands.options import add_counting, add_drawing, add_reading, counting, reading, whole
from heatgrid.commands.sources import check_folder, open_sources, rename
from heatgrid.commands.terminal import account, say

if TYPE_CHECKING:
    import argparse

    from heatgrid.heatmap import Heatmap


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "view",
        usage="heatgrid view SOURCE [SOURCE ...] [-o OUT.html] [options]",
        help="count annotations and look around in them, in the browser",
        description="Count annotations, or take saved maps, write a page that works offline, and open it in "
        "the browser. Splits and classes can be switched there.",
    )
    parser.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="a file, folder, data.yaml or - (stdin); or maps saved as .npz",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="the .html file (default: a temporary one)")
    parser.add_argument("--no-open", action="store_true", help="write the page and open nothing")
    parser.add_argument(
        "--behind",
        choices=("images", "annotations"),
        help="list these for each cell; they are shown at a click",
    )
    parser.add_argument(
        "--limit", type=whole(1), metavar="N", default=10, help="the most to list for a cell (default: 10)"
    )
    add_reading(parser)
    add_counting(parser)
    add_drawing(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(arguments: argparse.Namespace) -> int:
    from heatgrid.core.report import Report
    from heatgrid.viz.page import save_page

    output = _output(arguments)
    saved = [name for name in arguments.source if name.endswith(".npz")]
    if saved and (len(saved) < len(arguments.source) or arguments.behind):
        arguments.usage_error("saved maps cannot be viewed beside annotations, nor with --behind")
    check_background(arguments)
    options = drawing(arguments)
    maps = _load(saved) if saved else _read(arguments, options)
    report = Report()
    for heat in maps.values():
        report += heat.report
    # Of one map, nobody asks which split it is.
    save_page(next(iter(maps.values())) if len(maps) == 1 else maps, output, **options)
    print(f"wrote {output}")
    if not arguments.no_open:
        _open(output)
    return account(report, quiet=arguments.quiet)


def _output(arguments: argparse.Namespace) -> Path:
    """Return where the page goes; find what is wrong with that before anything is read."""
    if arguments.output is None:
        from tempfile import mkdtemp

        return Path(mkdtemp(prefix="heatgrid-")) / "view.html"
    if not arguments.output.lower().endswith(".html"):
        arguments.usage_error(f"-o must name an .html file, got {arguments.output}")
    check_folder(arguments.output)
    return Path(arguments.output)


def _read(arguments: argparse.Namespace, options: dict[str, Any]) -> dict[Any, Heatmap]:
    """Count by split; list what is behind the cells into the options, if that was asked for."""
    from heatgrid.datasets import heatmaps

    with open_sources(arguments) as sources:
        maps = heatmaps(sources, arguments.grid, **counting(arguments), **reading(arguments))
        for heat in maps.values():
            rename(heat.report, dict(zip(sources, arguments.source, strict=True)))
        if arguments.behind:
            from heatgrid.cell_lists import behind

            given = counting(arguments)
            chosen = {name: given[name] for name in given.keys() - {"count", "by_class"}}
            options["behind"] = behind(
                sources,
                arguments.grid,
                of=arguments.behind,
                limit=arguments.limit,
                **chosen,
                **reading(arguments),
            )
    return maps


def _load(paths: list[str]) -> dict[Any, Heatmap]:
    """Return saved maps by the names of their files."""
    from heatgrid.io.npz import load

    stems = [Path(path).stem for path in paths]
    names = stems if len(set(stems)) == len(stems) else paths
    return {name: load(path) for name, path in zip(names, paths, strict=True)}


def _open(page: Path) -> None:
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        say("no browser could be opened; open the file yourself")
