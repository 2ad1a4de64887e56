"""``heatgrid compare``: whether two data sets, or two splits, differ in where their objects are."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import add_counting, add_reading, counting, reading, whole
from heatgrid.commands.sources import check_folder, open_sources, rename
from heatgrid.commands.terminal import account, printable

if TYPE_CHECKING:
    import argparse

    from heatgrid.comparison import Comparison


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "compare",
        usage="heatgrid compare TRAIN VAL [-o OUT] [options]\n"
        "       heatgrid compare DATASET --splits TRAIN,VAL [-o OUT] [options]",
        help="say whether two data sets differ in where their objects are",
        description="Compare two data sets, two splits of one, or two maps saved as .npz: whether, where and "
        "by how much they differ, and whether that is more than chance.",
    )
    parser.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="a file, folder or data.yaml; two of them, or one and --splits",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help=".png, .svg, .html or .json by its suffix")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument(
        "--splits", dest="pair", type=_pair, metavar="A,B", help="compare these splits of one data set"
    )
    group = parser.add_argument_group("testing")
    group.add_argument(
        "--permutations",
        type=whole(0),
        metavar="N",
        help="how often images are divided anew to see what chance makes (default: 999; 0: no test)",
    )
    group.add_argument("--seed", type=whole(0), default=0, metavar="N", help="equal seeds give equal results")
    add_reading(parser)
    add_counting(parser)
    parser.set_defaults(run=_run, usage_error=parser.error, usual=parser.get_default)


def _run(arguments: argparse.Namespace) -> int:
    suffix = _check(arguments)
    with open_sources(arguments) as sources:
        found = _compared(sources, arguments)
        names = dict(zip(sources, arguments.source, strict=True))
        for heat in (found.a, found.b):
            rename(heat.report, names)
    if suffix:
        found.save(arguments.output, format=suffix)
    if arguments.json:
        import json

        print(json.dumps(found.to_dict() | {"output": arguments.output}, indent=2))
    else:
        print(printable(str(found)))
        if arguments.output:
            print(f"wrote {arguments.output}")
    return max(account(heat.report, quiet=arguments.quiet) for heat in (found.a, found.b))


def _check(arguments: argparse.Namespace) -> str | None:
    """Return the output's suffix, if there is any output; find what is wrong before anything is read."""
    from heatgrid.comparison.files import WRITERS
    from heatgrid.export import suffix_for

    wanted = 2 if arguments.pair is None else 1
    if len(arguments.source) != wanted:
        what = "one SOURCE with --splits" if arguments.pair else "two of SOURCE, or one and --splits"
        arguments.usage_error(f"expected {what}, got {len(arguments.source)}")
    if arguments.pair and arguments.splits:
        arguments.usage_error("--split does not go with --splits")
    if arguments.output is None:
        return None
    try:
        suffix = suffix_for(arguments.output, writers=WRITERS)
    except ValueError as error:
        arguments.usage_error(str(error))
    check_folder(arguments.output)
    return suffix


def _compared(sources: list[str], arguments: argparse.Namespace) -> Comparison:
    from heatgrid.comparison import compare

    if all(source.lower().endswith(".npz") for source in sources):
        return _maps_compared(sources, arguments)
    options = reading(arguments) | counting(arguments)
    testing = {"permutations": arguments.permutations, "seed": arguments.seed}
    if arguments.pair:
        return compare(sources[0], None, arguments.grid, **(options | {"splits": arguments.pair}), **testing)
    a, b = sources
    return compare(a, b, arguments.grid, **options, **testing)


def _maps_compared(sources: list[str], arguments: argparse.Namespace) -> Comparison:
    from heatgrid.comparison import compare, short_names
    from heatgrid.io.npz import load

    own = ("source", "output", "json", "quiet", "run", "usage_error", "usual")
    for name, value in vars(arguments).items():
        if name not in own and value != arguments.usual(name):
            arguments.usage_error("saved maps are counted already: no option for that, or for testing")
    a, b = sources
    return compare(load(a), load(b), names=short_names(a, b))


def _pair(text: str) -> tuple[str, str]:
    names = tuple(name.strip() for name in text.split(","))
    if len(names) != 2 or not all(names):
        raise ArgumentTypeError(f"expected two names, as in train,val, got {text!r}")
    return names[0], names[1]
