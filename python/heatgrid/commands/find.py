"""``heatgrid find``: list the annotations that hit a cell."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import add_hitting, add_reading, reading
from heatgrid.commands.sources import STDIN, open_sources, rename
from heatgrid.commands.terminal import account, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from heatgrid.query import Found


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "find",
        usage="heatgrid find SOURCE [SOURCE ...] --cell ROW,COLUMN [options]",
        help="list the annotations that hit a cell",
        description="List the annotations that hit a cell, or any cell of a rectangle, and their images.",
    )
    parser.add_argument(
        "source", nargs="+", metavar="SOURCE", help="a file, folder or data.yaml; - is stdin (one file)"
    )
    parser.add_argument(
        "--cell",
        type=_cell,
        required=True,
        metavar="ROW,COLUMN",
        help="numbers from 0, negative ones from the end (--cell=-1,-1), or ranges: 0:10,5",
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object an annotation, one a line")
    add_reading(parser, classes="look for this class only (may be repeated)")
    add_hitting(parser.add_argument_group("counting"))
    parser.set_defaults(run=_run, usage_error=parser.error)


def _cell(text: str) -> tuple[int | slice, int | slice]:
    try:
        row, column = (_index(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected ROW,COLUMN, as in 3,5 or 0:10,5, got {text!r}") from None
    return row, column


def _index(text: str) -> int | slice:
    begin, colon, end = text.partition(":")
    if not colon:
        return int(begin)
    return slice(int(begin) if begin.strip() else None, int(end) if end.strip() else None)


def _run(arguments: argparse.Namespace) -> int:
    from heatgrid.core.report import Report
    from heatgrid.query import find

    report = Report()
    with open_sources(arguments) as sources:
        found = find(
            sources,
            arguments.cell,
            arguments.grid,
            classes=arguments.classes,
            geometry=arguments.geometry,
            rule=arguments.rule,
            preset=arguments.preset,
            large_box_ratio=arguments.large_box_ratio,
            fit=arguments.fit,
            report=report,
            **reading(arguments),
        )
        names = dict(zip(sources, arguments.source, strict=True))
        for line in (_lines_of_json if arguments.json else _lines_of_text)(found, names):
            print(line)
        rename(report, names)
    return account(report, quiet=arguments.quiet)


def _lines_of_json(found: Iterator[Found], names: dict[str, str]) -> Iterator[str]:
    import json

    for one in found:
        plain = one.to_dict()
        plain["path"] = _name(one.path, names)
        yield json.dumps(plain)


def _lines_of_text(found: Iterator[Found], names: dict[str, str]) -> Iterator[str]:
    """Return image, class, split and place of each, and last how many there are."""
    images: set[tuple[str, str]] = set()
    count = 0
    for one in found:
        count += 1
        images.add((one.path, one.image))
        place = f"{_name(one.path, names)}: {one.place}" + ("" if one.id is None else f" (id {one.id})")
        share = "" if one.share is None else f"  {one.share:.6g} cells"
        yield printable(f"{one.image}  {one.label}  {one.split or '-'}  {place}{share}")
    yield f"{count:,} annotations on {len(images):,} images"


def _name(path: str, names: dict[str, str]) -> str:
    """Say "standard input" where a record speaks of its copy."""
    return STDIN if names.get(path) == "-" else path
