"""``heatgrid classes``, ``check``, ``formats`` and ``completion``: commands that print what they find."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from heatgrid.commands.cli import make_parser, open_sources
from heatgrid.commands.converters import choice
from heatgrid.commands.map import saved_maps, sum_maps
from heatgrid.commands.options import (
    add_command,
    add_geometry,
    add_json,
    add_reading,
    add_source,
    read_options,
)
from heatgrid.commands.output import (
    DONE,
    FAILED,
    INCOMPLETE,
    check_strict,
    finish,
    in_words,
    show,
)
from heatgrid.core.spec import plural
from heatgrid.errors import require
from heatgrid.io.registry import FORMATS, listing

if TYPE_CHECKING:
    import argparse


def add_classes(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "classes",
        run_classes,
        description="Read annotations, or saved maps, and list the classes, most objects first: objects "
        "counted, images that have some, the share of all objects, and hits on the default grid.",
        usage="SOURCE [SOURCE ...] [options]",
    )
    add_source(parser)
    add_json(parser)
    add_geometry(parser)
    add_reading(parser)


def run_classes(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.datasets import heatmap

    if (maps := saved_maps(arguments)) is not None:
        heat = sum_maps(maps)
    else:
        options = {"classes": arguments.classes, "geometry": arguments.geometry} | read_options(arguments)
        with open_sources(arguments) as sources:
            heat = heatmap(sources.paths, **options)
            sources.rename(heat.report)
    report, table = heat.report, heat.table()
    check_strict(arguments, report)
    if arguments.json:
        print(json.dumps(table.to_dict() | {"images": report.images}, indent=2))
    else:
        show(arguments, f"{table}\n")
        images, classes = plural(report.images, "image"), plural(len(table), "class")
        show(arguments, f"{plural(report.counted, 'object')} in {images}, {classes}")
    return finish(arguments, report, empty=not report.counted)


def add_check(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "check",
        run_check,
        description="Read annotations and report skipped, empty, outside and duplicate annotations.",
        usage="SOURCE [SOURCE ...] [options]",
    )
    add_source(parser)
    add_json(parser)
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
        show(arguments, in_words(str(result), arguments))
    if arguments.strict and not result.valid:
        return FAILED
    arguments.quiet = True  # the findings are the report
    nothing = not result.report.counted and result.report.complete  # and so nothing to find
    code = finish(arguments, result.report, empty=nothing)
    return INCOMPLETE if result.findings["size"].notes else code


def add_formats(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "formats",
        run_formats,
        description="List the formats of annotations that heatgrid reads, or describe one of them.",
        usage="[NAME] [--json]",
    )
    parser.add_argument("name", nargs="?", **choice(FORMATS), metavar="NAME", help="the format to describe")
    add_json(parser)


def run_formats(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    entries = [entry for entry in listing() if arguments.name in {None, entry["name"]}]
    if arguments.json:
        print(json.dumps(entries, indent=2))
    elif arguments.name:
        show(arguments, f"{entries[0]['description']}\n\n$ {entries[0]['example']}")
    else:
        for entry in entries:
            show(arguments, f"{entry['name']:<14}{entry['title']}  ({' '.join(entry['suffixes'])})")
    return DONE


def add_completion(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "completion",
        run_completion,
        description="Print a script for a shell. For bash, add this line to ~/.bashrc: "
        'eval "$(heatgrid completion bash)"',
        usage="SHELL",
    )
    parser.add_argument("shell", **choice(("bash", "zsh", "fish")), metavar="SHELL", help="bash, zsh or fish")


def run_completion(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    print(require("shtab", "completion").complete(make_parser(), arguments.shell))
    return DONE
