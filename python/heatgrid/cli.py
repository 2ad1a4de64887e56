"""The command line: results on stdout, progress and messages on stderr.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done, but something was skipped.
"""

from __future__ import annotations

import io
import os
import re
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatgrid.arguments import DRAWING, parser_for
from heatgrid.errors import FormatError, HeatgridWarning

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from heatgrid.heatmap import Heatmap
    from heatgrid.report import Report

DONE, FAILED, USAGE, SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130

STDIN = "standard input"

_LINE_BREAK = re.compile(r"\s*\n\s*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may hold what a terminal cannot show
    parser = parser_for(run_map=_run_map, run_check=_run_check, run_formats=_run_formats, run_demo=_run_demo)
    arguments = parser.parse_args(argv)
    with warnings.catch_warnings():
        warnings.simplefilter("always", HeatgridWarning)
        warnings.showwarning = lambda message, *_, **__: _say(f"warning: {message}")
        return _guarded(arguments)


def _guarded(arguments: argparse.Namespace) -> int:
    """Run a command; whatever goes wrong becomes a message and an exit code, never a traceback."""
    try:
        code = int(arguments.run(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that has gone can be dealt with
    except BrokenPipeError:
        _abandon_output()
        return FAILED
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    except OSError as error:
        _say(f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error}")
    except (ValueError, TypeError, ImportError, OverflowError) as error:
        _say(f"error: {error}")
    except MemoryError:
        _say("error: not enough memory for a map of this shape and so many classes (try --all-classes)")
    except Exception as error:  # noqa: BLE001 - a bug of ours, and no reason to frighten anybody
        _say(f"error: unforeseen {type(error).__name__}: {error} (please report this)")
    else:
        return code
    return FAILED


def _abandon_output() -> None:
    """Send what is still buffered for a reader that has gone nowhere, so that nobody complains at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _say(message: str) -> None:
    _print_message(f"heatgrid: {_LINE_BREAK.sub(' ', message)}")


def _print_message(text: str) -> None:
    if sys.stderr is not None:
        print(_printable(text), file=sys.stderr)


def _printable(text: str) -> str:
    """Write control characters out: a file's names must not speak to the terminal."""
    return _CONTROL.sub(lambda character: ascii(character[0])[1:-1], text)


def _run_map(arguments: argparse.Namespace) -> int:
    from heatgrid.datasets import heatmap

    suffix = _check_output(arguments)
    with _sources(arguments) as sources:
        heat = heatmap(
            sources,
            arguments.grid,
            classes=arguments.classes,
            geometry=arguments.geometry,
            rule=arguments.rule,
            count=arguments.count,
            preset=arguments.preset,
            large_box_ratio=arguments.large_box_ratio,
            by_class=not arguments.all_classes,
            **_reading(arguments),
        )
        _rename(heat.report, dict(zip(sources, arguments.source, strict=True)))
    if suffix:
        _write(heat, suffix, arguments)
    if arguments.json:
        _print_json(heat, arguments.output)
    elif arguments.output != "-":
        _print_stats(heat)
        if arguments.output:
            print(f"wrote {arguments.output}")
    return _account(heat.report, quiet=arguments.quiet)


def _reading(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options that all commands read with."""
    return {
        "splits": arguments.splits,
        "format": arguments.format,
        "on_error": "raise" if arguments.strict else "skip",
        "progress": not arguments.quiet,
        "images": arguments.images,
        "size": arguments.size,
        "columns": dict(arguments.columns) if arguments.columns else None,
        "one_based": arguments.one_based,
        "task": arguments.task,
    }


def _check_output(arguments: argparse.Namespace) -> str | None:
    """Return the output's suffix, if there is any output; find what is wrong before anything is read."""
    from heatgrid.export import suffix_for

    if arguments.to and not arguments.output:
        arguments.output = "-"
    if arguments.output == "-" and not arguments.to:
        arguments.usage_error("-o - needs --to png, json, csv or npz")
    if arguments.output == "-" and arguments.json:
        arguments.usage_error("--json and -o - would both write to stdout")
    try:
        suffix = suffix_for(arguments.output, arguments.to) if arguments.output else None
    except ValueError as error:
        arguments.usage_error(str(error))
    if suffix and not Path(arguments.output).parent.is_dir():
        raise FileNotFoundError(2, "no such folder", str(Path(arguments.output).parent))
    given = [f"--{name.replace('_', '-')}" for name in DRAWING if getattr(arguments, name) is not None]
    if given and suffix != ".png":
        _say(f"warning: {', '.join(given)} does nothing, since no picture is made (-o NAME.png makes one)")
    return suffix


@contextmanager
def _sources(arguments: argparse.Namespace) -> Iterator[list[str]]:
    """Give stdin a file of its own, since formats are found by looking more than once."""
    names: list[str] = arguments.source
    if names.count("-") > 1:
        arguments.usage_error("stdin (-) can be read only once")
    if "-" not in names:
        yield names
        return
    import shutil
    import tempfile

    if sys.stdin is None:
        raise OSError("stdin is closed")
    with tempfile.NamedTemporaryFile(prefix="heatgrid-stdin-") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        try:
            yield [copy.name if name == "-" else name for name in names]
        except FormatError as error:
            if error.path == copy.name:
                error.path = STDIN
            raise


def _rename(report: Report, names: dict[str, str]) -> None:
    """Say "standard input" where a report speaks of its copy."""
    for copy, name in names.items():
        if name == "-":
            for places in report.examples.values():
                places[:] = [place.replace(copy, STDIN) for place in places]


def _write(heat: Heatmap, suffix: str, arguments: argparse.Namespace) -> None:
    options: dict[str, Any] = {}
    if suffix == ".png":
        options = {name: value for name in DRAWING if (value := getattr(arguments, name)) is not None}
        options.setdefault("title", _title(arguments.source))
    target = sys.stdout.buffer if arguments.output == "-" else arguments.output
    heat.save(target, format=suffix, **options)


def _title(sources: list[str]) -> str:
    """Name the source in a few words: the last two parts of its path, and how many more there are."""
    name = STDIN if sources[0] == "-" else "/".join(Path(sources[0]).resolve().parts[-2:])
    return name if len(sources) == 1 else f"{name} and {len(sources) - 1} more"


def _print_stats(heat: Heatmap) -> None:
    stats = heat.stats()
    report = heat.report
    rows, columns = heat.shape
    print(f"{report.counted:,} of {report.annotations:,} annotations counted, {report.images:,} images")
    definition = heat.definition
    what = definition.rule if definition.count == "instances" else f"{definition.rule}, counting images"
    print(f"grid {rows} x {columns}, rule {what}, {stats.covered:,} of {stats.cells:,} cells hit")
    print()
    print(stats)


def _print_json(heat: Heatmap, output: str | None) -> None:
    import json

    from heatgrid.export import definition

    document = definition(heat) | {"stats": heat.stats().to_dict(), "report": heat.report.to_dict()}
    document["output"] = output
    print(json.dumps(document, indent=2))  # ASCII, so that it is JSON on whatever terminal


def _account(report: Report, *, quiet: bool) -> int:
    """Say what was skipped and why; the exit code tells it too."""
    if not quiet and (report.counted < report.annotations or not report.complete or report.notes):
        _print_message(str(report))
    return DONE if report.complete else SKIPPED


def _run_check(arguments: argparse.Namespace) -> int:
    from heatgrid.check import check

    with _sources(arguments) as sources:
        options = {"classes": arguments.classes, "geometry": arguments.geometry}
        found = check(sources, **options, **_reading(arguments))
        for report in (found.report, *found.findings.values()):
            _rename(report, dict(zip(sources, arguments.source, strict=True)))
    if arguments.json:
        import json

        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(_printable(str(found)))
    return DONE if found.right else SKIPPED


def _run_formats(arguments: argparse.Namespace) -> int:
    import json

    from heatgrid import formats

    listing = formats.listing()
    if arguments.name:
        if arguments.name not in formats.FORMATS:
            arguments.usage_error(f"no format {arguments.name!r}; these are {', '.join(formats.FORMATS)}")
        listing = [entry for entry in listing if entry["name"] == arguments.name]
    if arguments.json:
        print(json.dumps(listing, indent=2))
    elif arguments.name:
        print(f"{listing[0]['description']}\n\n$ {listing[0]['example']}")
    else:
        for entry in listing:
            print(f"{entry['name']:<14}{entry['title']}  ({' '.join(entry['suffixes'])})")
    return DONE


def _run_demo(arguments: argparse.Namespace) -> int:
    from heatgrid.datasets import heatmap
    from heatgrid.demo import write_demo

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
