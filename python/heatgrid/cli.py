"""The command line: results on stdout, progress and messages on stderr.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, but something was skipped.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.errors import FormatError, HeatgridWarning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from heatgrid.heatmap import Heatmap
    from heatgrid.report import Report

DONE, FAILED, USAGE, SKIPPED = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    import warnings

    arguments = _parser().parse_args(argv)
    warnings.simplefilter("always", HeatgridWarning)
    warnings.showwarning = lambda message, *_: _say(f"warning: {message}")  # type: ignore[assignment]
    try:
        return int(arguments.run(arguments))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone: nothing to say, nobody to say it to
        return FAILED
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    except FormatError as error:
        _say(f"error: {error}")
    except OSError as error:
        _say(f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error}")
    except (ValueError, TypeError, ImportError) as error:
        _say(f"error: {error}")
    except MemoryError:
        _say("error: not enough memory for a map of this shape and so many classes (try --all-classes)")
    return FAILED


def _say(message: str) -> None:
    print(f"heatgrid: {message}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    import heatgrid

    parser = argparse.ArgumentParser(
        prog="heatgrid",
        description="Where in the image are the objects? Count heat maps from annotation files.",
        epilog="Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, but something was skipped.",
    )
    parser.add_argument("--version", action="version", version=f"heatgrid {heatgrid.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_map(commands)
    _add_demo(commands)
    return parser


def _add_map(commands: Any) -> None:
    parser = commands.add_parser(
        "map",
        help="read annotations, count them, and write a picture, table or array",
        description="Read annotations, count them on a grid, print the quartiles, and write the map.",
    )
    parser.add_argument(
        "source", nargs="+", metavar="SOURCE", help="a file, folder or data.yaml; - is stdin (one file)"
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", help=".png, .json, .csv or .npz by its suffix; - is stdout, with --to"
    )
    parser.add_argument("--to", metavar="FORMAT", choices=("png", "json", "csv", "npz"), help="output format")
    parser.add_argument("--json", action="store_true", help="print statistics and report as JSON")
    _add_reading(parser)
    _add_counting(parser)
    _add_drawing(parser)
    parser.set_defaults(run=_run_map)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("reading")
    group.add_argument("--format", help="the format's name, instead of finding it by content")
    group.add_argument(
        "--class", dest="classes", action="append", metavar="NAME", help="count this class only (may be repeated)"
    )
    group.add_argument("--split", dest="splits", action="append", metavar="NAME", help="read this split only")
    group.add_argument("--images", metavar="DIR", help="folder to take missing image sizes from")
    group.add_argument("--size", type=_size, metavar="WxH", help="image size, where the annotations give none")
    group.add_argument("--one-based", action="store_true", help="pixel coordinates begin at 1 (VOC devkit, MOT)")
    group.add_argument(
        "--task", choices=("detect", "segment", "obb", "pose"), help="what ambiguous YOLO rows mean"
    )
    group.add_argument("--strict", action="store_true", help="stop at the first bad annotation")
    group.add_argument("-q", "--quiet", action="store_true", help="no progress bar and no report")


def _add_counting(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("counting")
    group.add_argument("--grid", type=_grid, metavar="N or HxW", help="cells of the grid (default: 100)")
    group.add_argument("--geometry", choices=("auto", "box", "polygon"), help="what to count (default: auto)")
    group.add_argument("--rule", choices=("center", "touch", "point"), help="what a hit is (default: center)")
    group.add_argument("--large-box-ratio", type=float, metavar="T", help="larger boxes hit their middle only")
    group.add_argument("--preset", choices=("roboflow",), help="boxes, rule touch, grid 10")
    group.add_argument("--all-classes", action="store_true", help="one plane for all classes: less memory")


def _add_drawing(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("drawing")
    group.add_argument("--title", help="the picture's title (default: the source's name)")
    group.add_argument("--colormap", metavar="NAME", help="roboflow (default), viridis, jet, …")
    group.add_argument("--scale", choices=("linear", "log", "sqrt", "rank", "percentile", "gamma"))
    group.add_argument("--vmin", type=float, metavar="V", help="the value of the lowest colour")
    group.add_argument("--vmax", type=float, metavar="V", help="the value of the highest colour")
    group.add_argument("--zero", choices=("color", "transparent"), help="how empty cells are drawn")


def _add_demo(commands: Any) -> None:
    parser = commands.add_parser(
        "demo",
        help="make a small example, count it and draw it",
        description="Make up a small data set of street scenes, count it, and draw it.",
    )
    parser.add_argument("-o", "--output", default="heatgrid-demo", metavar="DIR", help="folder to write to")
    parser.add_argument("--images", type=int, default=800, metavar="N", help="number of images (default: 800)")
    parser.add_argument("--seed", type=int, default=7, help="equal seeds make equal examples")
    parser.set_defaults(run=_run_demo)


def _grid(text: str) -> int | tuple[int, int]:
    rows, _, columns = text.lower().partition("x")
    try:
        return (int(rows), int(columns)) if columns else int(rows)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected N or HxW, got {text!r}") from None


def _size(text: str) -> tuple[float, float]:
    width, _, height = text.lower().partition("x")
    try:
        return float(width), float(height)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected WxH, got {text!r}") from None


def _run_map(arguments: argparse.Namespace) -> int:
    from heatgrid.datasets import heatmap

    if arguments.to and not arguments.output:
        arguments.output = "-"
    if arguments.output == "-" and not arguments.to:
        _say("error: -o - needs --to png, json, csv or npz")
        return USAGE
    to_stdout = arguments.output == "-"
    if to_stdout and arguments.json:
        _say("error: --json and -o - would both write to stdout")
        return USAGE
    with _sources(arguments.source) as sources:
        heat = heatmap(
            sources,
            arguments.grid,
            classes=arguments.classes,
            splits=arguments.splits,
            format=arguments.format,
            geometry=arguments.geometry,
            rule=arguments.rule,
            preset=arguments.preset,
            large_box_ratio=arguments.large_box_ratio,
            by_class=not arguments.all_classes,
            on_error="raise" if arguments.strict else "skip",
            progress=not arguments.quiet,
            images=arguments.images,
            size=arguments.size,
            one_based=arguments.one_based,
            task=arguments.task,
        )
    if arguments.output:
        _write(heat, arguments)
    if arguments.json:
        _print_json(heat, arguments.output)
    elif not to_stdout:
        _print_stats(heat)
        if arguments.output:
            print(f"wrote {arguments.output}")
    return _account(heat.report, arguments.quiet)


@contextmanager
def _sources(names: list[str]) -> Iterator[list[str]]:
    """Give stdin a file of its own, since formats are found by looking more than once."""
    if "-" not in names:
        yield names
        return
    import shutil
    import tempfile

    with tempfile.NamedTemporaryFile(prefix="stdin-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield [copy.name if name == "-" else name for name in names]


def _write(heat: Heatmap, arguments: argparse.Namespace) -> None:
    suffix = arguments.to or Path(arguments.output).suffix.lower().lstrip(".")
    options: dict[str, Any] = {}
    if suffix == "png":
        names = ("title", "colormap", "scale", "vmin", "vmax", "zero")
        options = {name: value for name in names if (value := getattr(arguments, name)) is not None}
        options.setdefault("title", _title(arguments.source))
    target = sys.stdout.buffer if arguments.output == "-" else arguments.output
    heat.save(target, format=arguments.to, **options)


def _title(sources: list[str]) -> str:
    """Name the source in a few words: the last two parts of its path, and how many more there are."""
    name = "standard input" if sources[0] == "-" else "/".join(Path(sources[0]).resolve().parts[-2:])
    return name if len(sources) == 1 else f"{name} and {len(sources) - 1} more"


def _print_stats(heat: Heatmap) -> None:
    stats = heat.stats()
    report = heat.report
    rows, columns = heat.shape
    print(f"{report.counted:,} of {report.annotations:,} annotations counted, {report.images:,} images")
    print(f"grid {rows} x {columns}, rule {heat.rule}, {stats.covered:,} of {stats.cells:,} cells hit")
    print()
    print(stats)


def _print_json(heat: Heatmap, output: str | None) -> None:
    import json

    from heatgrid.export import definition

    document = definition(heat) | {"stats": heat.stats().to_dict(), "report": heat.report.to_dict()}
    document["output"] = output
    print(json.dumps(document, ensure_ascii=False, indent=2))


def _account(report: Report, quiet: bool) -> int:
    """Say what was skipped and why; the exit code tells it too."""
    if not quiet and (not report.complete or report.notes):
        print(report, file=sys.stderr)
    return DONE if report.complete else SKIPPED


def _run_demo(arguments: argparse.Namespace) -> int:
    from heatgrid.datasets import heatmap
    from heatgrid.demo import write_demo

    if arguments.images < 1:
        _say("error: --images must be at least 1")
        return USAGE
    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    annotations = folder / "annotations.json"
    picture = folder / "heatmap.png"
    write_demo(annotations, images=arguments.images, seed=arguments.seed)
    heat = heatmap(annotations)
    heat.save(picture, title="Where are the objects? Made-up street scenes")
    heat.save(folder / "heatmap.npz")
    print(f"$ heatgrid map {annotations} -o {picture}")
    _print_stats(heat)
    print(f"wrote {picture.resolve()}")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
