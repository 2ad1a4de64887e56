"""``heatgrid compare``: the difference of two data sets, splits or saved maps."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import check_output, open_sources
from heatgrid.commands.converters import choice, converter, whole
from heatgrid.commands.groups import add_by, grouping
from heatgrid.commands.map import saved_maps
from heatgrid.commands.options import (
    add_command,
    add_counting,
    add_output,
    add_reading,
    add_source,
    count_options,
    read_options,
)
from heatgrid.commands.output import check_strict, finish, show
from heatgrid.commands.regions import add_regions, region_options

if TYPE_CHECKING:
    import argparse

    from heatgrid.summary.comparison import Comparison

MAX_WIDTH = 200
"""Characters per line of a table that is not for a terminal."""

_PAIRED: dict[str, Any] = {"auto": "auto", "yes": True, "no": False}


def add_compare(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import help_text
    from heatgrid.summary.comparison.result import FORMATS

    parser = add_command(
        commands,
        "compare",
        run_compare,
        description="Compare two data sets, two splits of one, or two maps saved as .npz: size and position "
        "of the difference, and a test against chance.",
        usage="TRAIN VAL [-o OUT] [options]\nDATASET --splits TRAIN,VAL [-o OUT] [options]\n"
        "DATASET --by NAME [--groups A,B] [-o OUT] [options]",
    )
    add_source(parser, "a file, folder or data.yaml; two of them, or one with --splits")
    add_output(parser, f"by its suffix: {help_text(FORMATS)}")
    parser.add_argument(
        "--splits",
        dest="pair",
        type=converter(_pair, "two names, as in train,val"),
        metavar="A,B",
        help="compare these splits of one data set",
    )
    add_by(parser, "compare two groups of one data set,")
    parser.add_argument(
        "--groups",
        type=converter(_pair, "two names, as in day,night"),
        metavar="A,B",
        help="the groups to compare, if there are more than two",
    )
    group = parser.add_argument_group("testing")
    group.add_argument(
        "--permutations",
        type=whole(0),
        metavar="N",
        help="number of random divisions of the images (default: 999; 0: no test)",
    )
    group.add_argument(
        "--paired",
        **choice([*_PAIRED]),
        default="auto",
        help="yes: test the images that both have, in pairs; no: all images of both; auto: in pairs if at "
        "least half of the images of one are in the other (default: auto)",
    )
    group.add_argument("--seed", type=whole(0), default=0, metavar="N", help="equal seeds give equal results")
    add_reading(parser)
    add_regions(parser)
    add_counting(parser)


def run_compare(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.summary.comparison import compare, short_names

    suffix = _check_sources(arguments)
    if (maps := saved_maps(arguments)) is not None:
        (first, a), (second, b) = maps
        result = compare(a, b, names=short_names(first, second))
    else:
        with open_sources(arguments) as sources:
            result = _compare(sources.paths, arguments)
            sources.rename(result.a.report, result.b.report)
    reports = result.a.report, result.b.report
    check_strict(arguments, *reports)
    if suffix:
        result.save(arguments.output, format=suffix)
    if arguments.json:
        print(json.dumps(result.to_dict() | {"output": arguments.output}, indent=2))
    else:
        is_terminal = sys.stdout is not None and sys.stdout.isatty()
        show(arguments, result.text(shutil.get_terminal_size().columns if is_terminal else MAX_WIDTH))
        if arguments.output:
            show(arguments, f"wrote {arguments.output}")
    return finish(arguments, *reports, names=result.names)


def _check_sources(arguments: argparse.Namespace) -> str | None:
    """Return the suffix of the output, if any; find errors before anything is read."""
    from heatgrid.summary.comparison.result import FORMATS

    by = grouping(arguments)
    if by is not None and arguments.pair:
        arguments.parser.error("--splits cannot be combined with --by")
    is_single = bool(arguments.pair) or by is not None
    if len(arguments.source) != (1 if is_single else 2):
        one = "one SOURCE with --splits or --by"
        expected = one if is_single else f"two SOURCEs, or {one}"
        arguments.parser.error(f"expected {expected}, got {len(arguments.source)}")
    if arguments.pair and arguments.splits:
        arguments.parser.error("--split cannot be combined with --splits")
    return check_output(arguments, arguments.output, formats=FORMATS) if arguments.output else None


def _compare(paths: list[str], arguments: argparse.Namespace) -> Comparison:
    from heatgrid.summary.comparison import compare

    options = read_options(arguments) | region_options(arguments) | count_options(arguments)
    options["splits"] = arguments.pair or arguments.splits
    testing = {"permutations": arguments.permutations, "seed": arguments.seed}
    testing["paired"] = _PAIRED[arguments.paired]
    by = grouping(arguments)
    second = None if arguments.pair or by is not None else paths[1]
    groups = {"by": by, "groups": arguments.groups}
    return compare(paths[0], second, arguments.grid, **groups, **options, **testing)


def _pair(text: str) -> tuple[str, str]:
    first, second = (name.strip() for name in text.split(","))
    if not (first and second):
        raise ValueError
    return first, second
