"""``heatgrid compare``: compare two data sets, two splits or two saved maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import check_output, open_sources, print_report
from heatgrid.commands.options import (
    add_command,
    add_counting,
    add_reading,
    add_source,
    converter,
    count_options,
    read_options,
    whole,
)

if TYPE_CHECKING:
    import argparse

    from heatgrid.comparison import Comparison

_ALLOWED_WITH_MAPS = ("source", "output", "json", "quiet", "run", "usage_error", "default_of")


def add_compare(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.comparison.result import FORMATS
    from heatgrid.export import help_text

    parser = add_command(
        commands,
        "compare",
        run,
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


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    suffix = _check(arguments)
    with open_sources(arguments) as sources:
        result = _compare(sources.paths, arguments)
        sources.rename(result.a.report, result.b.report)
    if suffix:
        result.save(arguments.output, format=suffix)
    if arguments.json:
        import json

        print(json.dumps(result.to_dict() | {"output": arguments.output}, indent=2))
    else:
        print(result)
        if arguments.output:
            print(f"wrote {arguments.output}")
    return max(print_report(heat.report, quiet=arguments.quiet) for heat in (result.a, result.b))


def _check(arguments: argparse.Namespace) -> str | None:
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
