"""Output of the commands: messages in their own words, results, reports and exit codes."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from heatgrid.core.report import Report
from heatgrid.core.spec import plural
from heatgrid.errors import Cancelled, FormatError, printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from heatgrid.heatmap import Heatmap

DONE, FAILED, USAGE, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
EXIT_CODES = (
    "Exit codes: 0 done; 1 failed, or nothing was counted, or with --strict something was not; 2 wrong "
    "usage; 3 done, but something was not counted, apart from what options leave out; 130 interrupted."
)

_LINE_BREAK = re.compile(r"\s*\n\s*")
_PLACE = " " * 12  # begins the lines of a report that hold names of files
_IRREGULAR = {"exclude_classes": "--exclude-class"} | {
    name: f"--{option}" for name, option in (("classes", "class"), ("splits", "split"), ("columns", "column"))
}


@cache
def options_of(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return the options of a command by the names of the library's arguments."""
    options = re.findall(r"--[a-z][a-z-]*", parser.format_help())
    names = {option[2:].replace("-", "_"): option for option in options}
    return {name: option for name, option in _IRREGULAR.items() if option in options} | names


def in_options(text: str, parser: argparse.ArgumentParser) -> str:
    """Return a message of the library with the command's options in place of the names of arguments.

    The library names an argument at the beginning of a message, or before an equals sign, and a limit as
    ``limits.NAME``.
    """
    options = options_of(parser)
    names = "|".join(options)
    text = re.sub(r"\blimits\.(?=\w)", f"{options['limits']} ", text) if "limits" in options else text
    begin = re.sub(rf"^({names})(?=:| must | cannot | requires )", lambda match: options[match[1]], text)
    return re.sub(
        rf"(?<![\w./=-])({names})=(?:'([^']*)'|([\d.]+))?",
        lambda match: " ".join(filter(None, (options[match[1]], match[2], match[3]))),
        begin,
    )


def describe_error(error: Exception, parser: argparse.ArgumentParser) -> str:
    """Return the message of an error."""
    match error:
        case FormatError():
            error.text = in_options(error.text, parser)
            return str(error)
        case OSError(filename=str() as name):
            return f"{name}: {error.strerror}"
        case OSError() | ValueError() | TypeError() | ImportError() | OverflowError():
            return in_options(str(error), parser)
        case Cancelled():
            return f"{error} (--limits seconds)"
        case MemoryError():
            return "not enough memory for a map of this grid with so many classes (try --all-classes)"
    return f"unexpected {type(error).__name__}: {error} (please report this)"


def say(message: str) -> None:
    """Write one line to stderr, after the program's name."""
    print_message(f"heatgrid: {_LINE_BREAK.sub(' ', message)}")


def warn(arguments: argparse.Namespace, message: str) -> None:
    """Write one line to stderr, unless --quiet is set."""
    if not arguments.quiet:
        say(message)


def print_message(text: str) -> None:
    """Write a text to stderr, if it is open."""
    if sys.stderr is not None:
        print(printable(text), file=sys.stderr)


def show(arguments: argparse.Namespace, text: object) -> None:
    """Print a result for people, unless --quiet is set; data for programs is always printed."""
    if not arguments.quiet:
        print(text)


def in_words(text: str, arguments: argparse.Namespace) -> str:
    """Return a report in the words of the command; its lines with names of files stay as they are."""
    lines = text.split("\n")
    return "\n".join(
        line if line.startswith(_PLACE) else in_options(line, arguments.parser) for line in lines
    )


def print_map(arguments: argparse.Namespace, heat: Heatmap) -> None:
    """Print the numbers of a map, as text or JSON, and the name of the file that was written."""
    output = None if arguments.output is None else str(arguments.output)
    if arguments.json:
        _print_json(_document(heat) | {"output": output})
    elif output != "-":
        show(arguments, _summary(heat) + (f"\nwrote {output}" if output else ""))


def print_maps(arguments: argparse.Namespace, maps: Mapping[Any, Heatmap]) -> None:
    """Print the numbers of the maps of a page as JSON; of several, by name."""
    if len(maps) == 1:
        print_map(arguments, next(iter(maps.values())))
    else:
        documents = {str(name): _document(heat) for name, heat in maps.items()}
        _print_json({"maps": documents, "output": str(arguments.output)})


def _print_json(document: dict[str, Any]) -> None:
    import json

    print(json.dumps(document, indent=2))  # ASCII: valid on any terminal


def _document(heat: Heatmap) -> dict[str, Any]:
    from heatgrid.export import map_header, stats_of

    document = map_header(heat) | {"stats": stats_of(heat), "report": heat.report.to_dict()}
    return document if heat.spec.unit is not None else document | {"table": heat.table().to_dict()}


def _summary(heat: Heatmap) -> str:
    """Return the numbers of annotations and the quartiles of a map."""
    from heatgrid.core.stats import Stats

    stats, report, spec = Stats.of_known(heat.counts), heat.report, heat.spec
    rows, columns = heat.shape
    if stats is None:
        return f"grid {rows} x {columns}, {spec.unit}, no cell has data"
    if spec.unit is not None:
        cells = f"{stats.cells:,} of {heat.counts.size:,} cells have data"
        return f"grid {rows} x {columns}, {spec.unit}, {cells}\n\n{stats}"
    excluded = f", {report.excluded:,} excluded" if report.excluded else ""
    mode = ", counting images" if spec.count == "images" else ""
    mode += ", letterbox" if spec.fit == "letterbox" else ""
    regions = f"\n\n{heat.table('region')}" if report.regions else ""
    return (
        f"{report.counted:,} of {plural(report.read, 'annotation')} counted{excluded}, "
        f"{plural(report.images, 'image')}\n"
        f"grid {rows} x {columns}, rule {spec.rule}{mode}, {stats.covered:,} of {stats.cells:,} cells hit\n"
        f"\n{stats}{regions}"
    )


def preview(heat: Heatmap, options: dict[str, Any]) -> str:
    """Return a colored preview for color terminals, otherwise numbers."""
    from shutil import get_terminal_size

    from heatgrid.viz.terminal import color_text, number_text

    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    if not is_terminal or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return number_text(heat)
    size = get_terminal_size()
    true_color = os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}
    height = min(32, max(12, size.lines - 6))
    return color_text(heat, max(12, size.columns), height, true_color=true_color, **options)


def check_strict(arguments: argparse.Namespace, *reports: Report) -> None:
    """With --strict, raise ValueError if something was not counted, before anything is written."""
    if not arguments.strict or all(report.complete for report in reports):
        return
    _print_reports(arguments, reports)
    lost = sum(report.read - report.counted for report in reports)
    files = sum(sum(report.refused.values()) for report in reports)
    what = [f"{n:,} {noun}" for n, noun in ((lost, "annotations"), (files, "files")) if n]
    raise ValueError(f"{' and '.join(what)} not counted (--strict)")


def finish(
    arguments: argparse.Namespace, *reports: Report, names: Sequence[str] = (), empty: bool = False
) -> int:
    """Print the reports of what was not counted, and return the exit code; ``empty``: nothing was counted.

    ``names`` are printed above the reports of several sources.
    """
    _print_reports(arguments, reports, names)
    if empty:
        say(in_options(f"error: nothing was counted; {sum(reports, Report()).main_reason}", arguments.parser))
        return FAILED
    return DONE if all(report.complete for report in reports) else INCOMPLETE


def _print_reports(
    arguments: argparse.Namespace, reports: Sequence[Report], names: Sequence[str] = ()
) -> None:
    """Print the reports of what was not counted, with --verbose all, and of others the notes."""
    for report, name in zip(reports, names or [""] * len(reports), strict=True):
        text = str(report) if arguments.verbose or not report.complete else report.notes_text()
        if text and not arguments.quiet:
            if name:
                print_message(f"{printable(name)}:")
            print_message(in_words(text, arguments))


def print_table(arguments: argparse.Namespace, rows: list[dict[str, Any]]) -> None:
    """Print rows of equal keys as a table: names on the left, numbers on the right."""
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numeric = [not isinstance(value, str) for value in rows[0].values()] if rows else []
    for line in cells:
        texts = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        )
        show(arguments, "  ".join(texts).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else "" if value is None else printable(str(value))
