"""``heatgrid errors``: where predictions fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.commands.cli import check_output, open_sources
from heatgrid.commands.converters import number, whole
from heatgrid.commands.options import (
    add_command,
    add_exclude_classes,
    add_format,
    add_grid,
    add_output,
    add_reading,
    add_source,
    read_options,
    seen_from,
    title_of,
)
from heatgrid.commands.output import check_strict, finish, show

if TYPE_CHECKING:
    import argparse

_OPTIONS = (
    *("iou", "iou_type", "least", "permutations", "seed", "predictions_format"),
    *("classes", "exclude_classes", "ignore_case"),
)


def add_errors(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import help_text
    from heatgrid.summary.evaluation.matches import LEAST, IouType
    from heatgrid.summary.evaluation.result import FORMATS, GRID, PERMUTATIONS

    parser = add_command(
        commands,
        "errors",
        run_errors,
        description="Match predictions to annotations by their boxes or masks, print where the "
        "predictions fail, and write one page that works offline: misses and false alarms by place, class "
        "and size.",
        usage="TRUTH PREDICTIONS [-o OUT.html] [options]",
    )
    add_source(parser, "the annotations, then the predictions")
    add = parser.add_argument
    add_output(parser, f"by its suffix: {help_text(FORMATS)}")
    add("--title", help="title of the page (default: name of the predictions)")
    add("--thumbnails", metavar="PREFIX", help="folder or URL prefix of the images, which the page shows")
    group = parser.add_argument_group("matching")
    add = group.add_argument
    add(
        "--iou",
        type=number(0, 1, above=True),
        default=0.5,
        metavar="T",
        help="smallest intersection over union of a match (default: 0.5)",
    )
    add(
        "--iou-type",
        choices=get_args(IouType),
        default="bbox",
        help="intersection over union of boxes, or of polygons and masks, which needs pycocotools "
        "(default: bbox)",
    )
    add_grid(group, GRID)
    add(
        "--least",
        type=whole(0),
        default=LEAST,
        metavar="N",
        help=f"cells with fewer objects or predictions show no share (default: {LEAST})",
    )
    add(
        "--permutations",
        type=whole(0),
        default=PERMUTATIONS,
        metavar="N",
        help=f"random signs of each image, to test differences (default: {PERMUTATIONS}; 0: no test)",
    )
    add("--seed", type=whole(0), default=0, metavar="N", help="equal seeds give equal results")
    add_reading(parser, truth=False)
    add_exclude_classes(group)
    add_format(group, "--predictions-format", "format of the predictions")


def run_errors(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.summary.evaluation.result import FORMATS, GRID, evaluate

    if len(arguments.source) != 2:
        arguments.parser.error(f"expected TRUTH and PREDICTIONS, got {len(arguments.source)} sources")
    suffix = check_output(arguments, arguments.output, formats=FORMATS) if arguments.output else None
    if arguments.thumbnails and suffix != ".html":
        arguments.parser.error("--thumbnails needs -o PAGE.html")
    with open_sources(arguments) as sources:
        result = evaluate(
            sources.paths[0],
            sources.paths[1],
            arguments.grid or GRID,
            title=arguments.title or title_of(arguments.source[1:]),
            **{name: getattr(arguments, name) for name in _OPTIONS},
            **read_options(arguments),
        )
        reports = result.matches.truth.report, result.matches.predictions.report
        sources.rename(*reports)
    check_strict(arguments, *reports)
    if suffix:
        options = {}
        if arguments.thumbnails:
            options["thumbnails"] = seen_from(arguments.thumbnails, arguments.output)
        result.save(arguments.output, format=suffix, **options)
    if arguments.json:
        print(json.dumps(result.to_dict() | {"output": arguments.output}, indent=2))
    else:
        show(arguments, result)
        if arguments.output:
            show(arguments, f"wrote {arguments.output}")
    return finish(arguments, *reports, names=("truth", "predictions"), empty=not reports[0].counted)
