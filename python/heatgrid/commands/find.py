"""``heatgrid find``: the annotations that hit a cell."""

from __future__ import annotations

import csv
import json
import sys
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import open_sources
from heatgrid.commands.converters import converter, image_size, whole
from heatgrid.commands.options import (
    add_command,
    add_json,
    add_of,
    add_reading,
    add_selecting,
    add_source,
    read_options,
    select_options,
)
from heatgrid.commands.output import check_strict, finish, print_table, show
from heatgrid.commands.regions import add_regions, region_options
from heatgrid.core.spec import plural

if TYPE_CHECKING:
    import argparse

    from heatgrid.core.spec import CountSpec

Point = tuple[float, float, tuple[float, float] | None]


def add_find(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "find",
        run_find,
        description="List the annotations that hit a cell, or any of a rectangle: their images, classes, "
        "bounding boxes (x1 y1 x2 y2 in pixels, or in shares of an image of unknown size) and places.",
        usage="SOURCE [SOURCE ...] (--cell ROW,COLUMN | --at X,Y) [options]",
    )
    add_source(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--cell",
        type=converter(_cell, "ROW,COLUMN, as in 3,5 or 0:10,5"),
        metavar="ROW,COLUMN",
        help="numbers from 0, negative ones from the end (--cell=-1,-1), or ranges: 0:10,5",
    )
    where.add_argument(
        "--at",
        type=converter(
            _point, "X,Y from 0 to 1, as in 0.5,0.25, or pixels with the size, as in 320,120/640x480"
        ),
        metavar="X,Y[/WxH]",
        help="the cell at a point: shares of the image's width and height, or pixels of an image of W x H",
    )
    parser.add_argument("--limit", type=whole(1), metavar="N", help="list the first N annotations only")
    output = parser.add_mutually_exclusive_group()
    add_json(output)
    output.add_argument("--csv", action="store_true", help="print the list as CSV")
    add_reading(parser, class_help="find this class only")
    add_regions(parser)
    add_of(add_selecting(parser))


def run_find(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.core.report import Report
    from heatgrid.io.keywords import parse_options
    from heatgrid.query import find

    report = Report()
    selecting, reading = select_options(arguments), read_options(arguments) | region_options(arguments)
    cell = arguments.cell
    if cell is None:
        spec, _ = parse_options(arguments.grid, **{name: selecting[name] for name in ("preset", "fit")})
        cell = _cell_at(arguments, spec)
    with open_sources(arguments) as sources:
        found = find(
            sources.paths, cell, arguments.grid, report=report, of=arguments.of, **selecting, **reading
        )
        rows = [one.to_dict() | {"path": sources.name(one.path)} for one in found]
        sources.rename(report)
    check_strict(arguments, report)
    listed = rows[: arguments.limit]
    if arguments.json:
        for row in listed:
            print(json.dumps(row))
    elif arguments.csv:
        _print_csv(listed)
    else:
        print_table(arguments, [_texts(row) for row in listed])
        images = len({(row["path"], row["image"]) for row in rows})
        more = f", {len(listed):,} of them listed" if len(listed) < len(rows) else ""
        show(arguments, f"{plural(len(rows), 'annotation')} on {plural(images, 'image')}{more}")
    return finish(arguments, report)


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a table."""
    box = "-" if row["box"] is None else " ".join(f"{side:.6g}" for side in row["box"])
    place = f"{row['path']}: {row['place']}" + ("" if row["id"] is None else f" (id {row['id']})")
    cells = {} if row["share"] is None else {"cells": row["share"]}
    names = {"image": row["image"], "class": row["label"], "split": row["split"] or "-", "box": box}
    return names | cells | {"place": place}


def _print_csv(rows: list[dict[str, Any]]) -> None:
    """Print one line per annotation, with the box in four columns."""
    from heatgrid.export import spreadsheet_text

    names = ("image", "label", "split", "id", "path", "place", "share")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([*names, "x1", "y1", "x2", "y2"])
    for row in rows:
        values = [row[name] for name in names]
        texts = [spreadsheet_text(value) if isinstance(value, str) else value for value in values]
        writer.writerow([*texts, *(row["box"] or [None] * 4)])


def _cell_at(arguments: argparse.Namespace, spec: CountSpec) -> tuple[int, int]:
    """Return the cell at a point, as the kernel decides it."""
    from heatgrid.core.array_functions import count_points

    x, y, size = arguments.at
    counts = count_points([[x, y]], spec.grid, size=size, fit=spec.fit)
    if not counts.any():
        arguments.parser.error(f"--at {x:g},{y:g} is outside the image")
    row, column = divmod(int(counts.argmax()), spec.grid[1])
    return row, column


def _cell(text: str) -> tuple[int | slice, int | slice]:
    row, column = (_index(part) for part in text.split(","))
    return row, column


def _index(text: str) -> int | slice:
    begin, colon, end = text.partition(":")
    if not colon:
        return int(begin)
    return slice(int(begin) if begin.strip() else None, int(end) if end.strip() else None)


def _point(text: str) -> Point:
    """Return x, y and the image size; None for shares of it."""
    place, _, size = text.partition("/")
    x, y = (float(part) for part in place.split(","))
    if not size and not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError
    return x, y, image_size(size) if size else None
