"""``heatgrid find``, ``check``, ``compare`` and ``formats``: commands that print what they find."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import DONE, SKIPPED, Sources, check_output, open_sources, print_report
from heatgrid.commands.options import (
    add_command,
    add_counting,
    add_geometry,
    add_reading,
    add_selecting,
    add_source,
    converter,
    count_options,
    read_options,
    select_options,
    whole,
)
from heatgrid.errors import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from heatgrid.comparison import Comparison
    from heatgrid.query import Found


_ALLOWED_WITH_MAPS = ("source", "output", "json", "quiet", "run", "usage_error", "default_of")


def add_find(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "find",
        run_find,
        help="list the annotations that hit a cell",
        description="List the annotations that hit a cell, or any cell of a rectangle, and their images.",
        usage="SOURCE [SOURCE ...] --cell ROW,COLUMN [options]",
    )
    add_source(parser)
    parser.add_argument(
        "--cell",
        type=converter(_cell, "ROW,COLUMN, as in 3,5 or 0:10,5"),
        required=True,
        metavar="ROW,COLUMN",
        help="numbers from 0, negative ones from the end (--cell=-1,-1), or ranges: 0:10,5",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per line and annotation")
    add_reading(parser, class_help="find this class only")
    add_selecting(parser)


def run_find(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.core.report import Report
    from heatgrid.query import find

    report = Report()
    with open_sources(arguments) as sources:
        found = find(
            sources.paths,
            arguments.cell,
            arguments.grid,
            report=report,
            **select_options(arguments),
            **read_options(arguments),
        )
        for line in (_json_lines if arguments.json else _text_lines)(found, sources):
            print(line)
        sources.rename(report)
    return print_report(report, quiet=arguments.quiet)


def _json_lines(found: Iterator[Found], sources: Sources) -> Iterator[str]:
    for one in found:
        yield json.dumps(one.to_dict() | {"path": sources.name(one.path)})


def _text_lines(found: Iterator[Found], sources: Sources) -> Iterator[str]:
    """Yield one line per annotation, and last their numbers."""
    images: set[tuple[str, str]] = set()
    count = 0
    for one in found:
        count += 1
        images.add((one.path, one.image))
        place = f"{sources.name(one.path)}: {one.place}" + ("" if one.id is None else f" (id {one.id})")
        share = "" if one.share is None else f"  {one.share:.6g} cells"
        yield printable(f"{one.image}  {one.label}  {one.split or '-'}  {place}{share}")
    yield f"{count:,} annotations on {len(images):,} images"


def _cell(text: str) -> tuple[int | slice, int | slice]:
    row, column = (_index(part) for part in text.split(","))
    return row, column


def _index(text: str) -> int | slice:
    begin, colon, end = text.partition(":")
    if not colon:
        return int(begin)
    return slice(int(begin) if begin.strip() else None, int(end) if end.strip() else None)


def add_check(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "check",
        run_check,
        help="report skipped, empty and duplicate annotations",
        description="Read annotations and report skipped, empty, outside and duplicate annotations.",
        usage="SOURCE [SOURCE ...] [options]",
    )
    add_source(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    add_geometry(parser)
    add_reading(parser, class_help="expect this class and report all others")


def run_check(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.validate import validate

    with open_sources(arguments) as sources:
        result = validate(
            sources.paths,
            classes=arguments.classes,
            geometry=arguments.geometry or "auto",
            **read_options(arguments),
        )
        sources.rename(result.report, *result.findings.values())
    if arguments.json:
        print(json.dumps(result.to_dict(), indent=2))
    else:
        print(result)
    return DONE if result.valid else SKIPPED


def add_formats(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "formats",
        run_formats,
        help="list the formats of annotations",
        description="List the formats of annotations that heatgrid reads, or describe one of them.",
        usage="[NAME] [--json]",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the format to describe")
    parser.add_argument("--json", action="store_true", help="print the list as JSON")


def run_formats(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.io.registry import FORMATS, listing

    entries = listing()
    if arguments.name:
        if arguments.name not in FORMATS:
            known = ", ".join(FORMATS)
            arguments.usage_error(f"NAME must be one of {known}, got {arguments.name!r}")
        entries = [entry for entry in entries if entry["name"] == arguments.name]
    if arguments.json:
        print(json.dumps(entries, indent=2))
    elif arguments.name:
        print(f"{entries[0]['description']}\n\n$ {entries[0]['example']}")
    else:
        for entry in entries:
            print(f"{entry['name']:<14}{entry['title']}  ({' '.join(entry['suffixes'])})")
    return DONE


def add_compare(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.comparison.result import FORMATS
    from heatgrid.export import help_text

    parser = add_command(
        commands,
        "compare",
        run_compare,
        help="compare the positions of objects in two data sets",
        description="Compare two data sets, two splits of one, or two maps saved as .npz: size and position "
        "of the difference, and a test against chance.",
        usage="TRAIN VAL [-o OUT] [options]\nDATASET --splits TRAIN,VAL [-o OUT] [options]",
    )
    add_source(parser, "a file, folder or data.yaml; two of them, or one with --splits")
    add = parser.add_argument
    add("-o", "--output", metavar="OUT", help=f"by its suffix: {help_text(FORMATS)}")
    add("--json", action="store_true", help="print the numbers as JSON")
    add(
        "--splits",
        dest="pair",
        type=converter(_pair, "two names, as in train,val"),
        metavar="A,B",
        help="compare these splits of one data set",
    )
    group = parser.add_argument_group("testing")
    group.add_argument(
        "--permutations",
        type=whole(0),
        metavar="N",
        help="number of random divisions of the images (default: 999; 0: no test)",
    )
    group.add_argument("--seed", type=whole(0), default=0, metavar="N", help="equal seeds give equal results")
    add_reading(parser)
    add_counting(parser)


def run_compare(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    suffix = _check_sources(arguments)
    with open_sources(arguments) as sources:
        result = _compare(sources.paths, arguments)
        sources.rename(result.a.report, result.b.report)
    if suffix:
        result.save(arguments.output, format=suffix)
    if arguments.json:
        print(json.dumps(result.to_dict() | {"output": arguments.output}, indent=2))
    else:
        print(result)
        if arguments.output:
            print(f"wrote {arguments.output}")
    return max(print_report(heat.report, quiet=arguments.quiet) for heat in (result.a, result.b))


def _check_sources(arguments: argparse.Namespace) -> str | None:
    """Return the suffix of the output, if any; find errors before anything is read."""
    from heatgrid.comparison.result import FORMATS

    if len(arguments.source) != (1 if arguments.pair else 2):
        expected = "one SOURCE with --splits" if arguments.pair else "two SOURCEs, or one with --splits"
        arguments.usage_error(f"expected {expected}, got {len(arguments.source)}")
    if arguments.pair and arguments.splits:
        arguments.usage_error("--split cannot be combined with --splits")
    return check_output(arguments, arguments.output, formats=FORMATS) if arguments.output else None


def _compare(paths: list[str], arguments: argparse.Namespace) -> Comparison:
    from heatgrid.comparison import compare, short_names
    from heatgrid.heatmap import load

    first, second = paths[0], None if arguments.pair else paths[1]
    if second and all(path.lower().endswith(".npz") for path in paths):
        for name, value in vars(arguments).items():
            if name not in _ALLOWED_WITH_MAPS and value != arguments.default_of(name):
                arguments.usage_error("saved maps take no options of reading, counting or testing")
        return compare(load(first), load(second), names=short_names(first, second))
    options = read_options(arguments) | count_options(arguments)
    options["splits"] = arguments.pair or arguments.splits
    testing = {"permutations": arguments.permutations, "seed": arguments.seed}
    return compare(first, second, arguments.grid, **options, **testing)


def _pair(text: str) -> tuple[str, str]:
    first, second = (name.strip() for name in text.split(","))
    if not (first and second):
        raise ValueError
    return first, second
