"""``heatgrid map``: count annotations, or load saved maps, and draw them."""

from __future__ import annotations

import json
import sys
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.commands import values
from heatgrid.commands.cli import check_output, check_path, limits_of, open_sources
from heatgrid.commands.converters import choice, whole
from heatgrid.commands.groups import add_by, grouping
from heatgrid.commands.options import (
    DRAWING,
    NOT_WITH_MAPS,
    add_command,
    add_counting,
    add_drawing,
    add_output,
    add_reading,
    add_source,
    read_options,
    title_of,
)
from heatgrid.commands.output import (
    check_strict,
    finish,
    in_options,
    preview,
    print_map,
    print_table,
    show,
    warn,
)
from heatgrid.commands.regions import add_regions
from heatgrid.core.spec import Cells, Fit
from heatgrid.viz.options import ScaleBy

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from heatgrid.core.limits import Limits
    from heatgrid.heatmap import Heatmap
    from heatgrid.io.groups import By


SOURCES = "a file, folder, data.yaml or - (stdin); or maps that heatgrid saved as .npz or .json"
_PREVIEWED = {"colormap", "scale", "vmin", "vmax", "zero", "blur"}


def add_map(commands: Any) -> None:
    """Add the command to the parser."""
    from heatgrid.export import FORMATS, help_text

    parser = add_command(
        commands,
        "map",
        run_map,
        description="Read annotations, count them on a grid, print the quartiles, and write the map. Saved "
        "maps are added up: classes are matched by name; grid, rule and mode must be equal. Without -o, a "
        "preview is printed.",
        usage="SOURCE [SOURCE ...] [-o OUT] [options]",
    )
    add_source(parser, SOURCES)
    add = parser.add_argument
    add_output(parser, f"by its suffix: {help_text()}; - is stdout, with --to")
    formats = [suffix[1:] for suffix in FORMATS]
    values.add_geo(parser)
    add("--to", metavar="FORMAT", **choice(formats), help=f"output format: {', '.join(formats)}")
    add(
        "--checkpoint",
        metavar="FILE",
        help="save the unfinished map to this .npz file from time to time; resume from it if it exists",
    )
    add_reading(parser)
    add_regions(parser)
    add_by(parser, "one map per group,")
    counting = add_counting(parser)
    add_cells(counting)
    values.add_weights(counting)
    values.add_values(parser, with_balance=True)
    group = add_drawing(parser)
    group.add_argument(
        "--scale-by", **choice(get_args(ScaleBy)), help="scale of small maps: all share one, or class"
    )
    group.add_argument("--top", type=whole(1), metavar="N", help="maximum number of small maps (default: 12)")


def draw_options(arguments: argparse.Namespace, paths: list[str], fit: Fit | None = None) -> dict[str, Any]:
    """Return the options of drawing that are set, with the title and the image below maps of a ``fit``."""
    options = {name: value for name in DRAWING if (value := getattr(arguments, name, None)) is not None}
    options.setdefault("title", title_of(arguments.source))
    if arguments.preset == "roboflow":
        options.setdefault("colormap", "roboflow")
    if "background" in options:
        from heatgrid.viz.background import MEAN, load

        images = _named_images(arguments, paths) if arguments.background == MEAN else None
        options["background"] = load(
            arguments.background, images, fit=fit or arguments.fit, limits=limits_of(arguments)
        )
    return options


def _named_images(arguments: argparse.Namespace, paths: list[str]) -> list[Path]:
    """Return the images that the annotations name, from --images or the source's folder."""
    from heatgrid.datasets import read
    from heatgrid.viz.background import named_images

    first = Path(paths[0])
    folder = arguments.images or (first if first.is_dir() else first.parent)
    batches = read(paths, **(read_options(arguments) | {"progress": False}))
    names = {name for batch in batches for name in batch.image_names}
    found = named_images(folder, names)
    if not found:
        raise ValueError(f"--background mean: {folder} has none of the {len(names):,} images of the source")
    warn(arguments, f"background: the mean of {len(found):,} of {len(names):,} images")
    return found


def check_background(arguments: argparse.Namespace) -> None:
    """End with an error if the options of the background contradict each other."""
    if arguments.opacity is not None and arguments.background is None:
        arguments.parser.error("--opacity needs --background")
    if arguments.background == "mean" and arguments.source[0] == "-" and not arguments.images:
        arguments.parser.error("--background mean needs --images if the source is stdin (-)")


def add_cells(parser: argparse._ActionsContainer) -> None:
    """Add the option of square cells."""
    parser.add_argument(
        "--cells",
        **choice(get_args(Cells)),
        default="stretched",
        help="stretched: as many rows as columns; square: square in an image of median aspect "
        "(default: stretched)",
    )


def run_map(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.export import FORMATS

    if (by := grouping(arguments)) is not None:
        return _run_groups(arguments, by)
    suffix = _check_map_output(arguments)
    values.check_values(arguments)
    maps = saved_maps(arguments)
    is_drawn = suffix is None or _is_drawn(suffix)
    if maps is not None:
        heat = sum_maps(maps)
        drawing = draw_options(arguments, [], heat.spec.fit) if is_drawn else {}
    else:
        with open_sources(arguments) as sources:
            drawing = draw_options(arguments, sources.paths) if is_drawn else {}
            count, options = values.counting_call(arguments)
            heat = count(sources.paths, arguments.grid, **options)
            sources.rename(heat.report)
    report = heat.report
    check_strict(arguments, report)
    heat = heat.balanced() if arguments.balance else values.values_of(arguments, heat)
    if suffix:
        target = sys.stdout.buffer if arguments.output == "-" else arguments.output
        is_geo = FORMATS[suffix].takes("crs")
        heat.save(target, format=suffix, **(values.geo_options(arguments) if is_geo else drawing))
    print_map(arguments, heat)
    if heat.counts.any() and not (suffix or arguments.json or arguments.quiet):
        options = {name: drawing[name] for name in _PREVIEWED & drawing.keys()}
        show(arguments, f"\n{preview(heat, options)}")
    return finish(arguments, report, empty=not (heat.counts.any() or (heat.spec.unit and report.counted)))


def _run_groups(arguments: argparse.Namespace, by: By) -> int:
    """Count one map per group, write them together, and return the exit code."""
    from heatgrid.core.report import Report
    from heatgrid.datasets import heatmaps
    from heatgrid.export import FORMATS, SHEETS, map_header, save_maps

    for name in ("to", "checkpoint", "balance", "by_class", "mean", "suppress", "crs", "bounds"):
        if getattr(arguments, name):
            arguments.parser.error(f"--{name.replace('_', '-')} cannot be combined with groups")
    values.check_values(arguments)
    saved_maps(arguments)  # ends with an error if there are any
    output = arguments.output
    if output and Path(output).suffix.lower() in FORMATS.keys() - SHEETS.keys():
        arguments.parser.error(
            f"{output}: all groups are written into one picture or page ({', '.join(SHEETS)}). For one file "
            "per group, save in Python each map that heatgrid.heatmaps(…, by=…) returns"
        )
    suffix = check_output(arguments, output, formats=SHEETS) if output else None
    check_background(arguments)
    with open_sources(arguments) as sources:
        drawing = draw_options(arguments, sources.paths) if suffix else {}
        maps = heatmaps(sources.paths, arguments.grid, by=by, **values.counting_options(arguments))
        sources.rename(*(heat.report for heat in maps.values()))
    report = sum((heat.report for heat in maps.values()), Report())
    check_strict(arguments, report)
    if suffix:
        unused = drawing.keys() - SHEETS[suffix].options.__annotations__.keys()
        slider = arguments.by or arguments.by_time[1].capitalize()
        shown = {key: values.values_of(arguments, heat) for key, heat in maps.items()}
        save_maps(shown, output, slider=slider, **{k: v for k, v in drawing.items() if k not in unused})
    groups = {"none" if key is None else str(key): heat for key, heat in maps.items()}
    if arguments.json:
        plain = {name: map_header(heat) | {"report": heat.report.to_dict()} for name, heat in groups.items()}
        print(json.dumps({"groups": plain, "output": output}, indent=2))
    else:
        rows: list[dict[str, Any]] = [
            {"group": name, "objects": heat.report.counted, "images": heat.report.images_counted}
            for name, heat in groups.items()
        ]
        print_table(arguments, rows)
        if output:
            show(arguments, f"wrote {output}")
    return finish(arguments, report, empty=not report.counted)


def saved_maps(arguments: argparse.Namespace) -> Iterator[tuple[str, Heatmap]] | None:
    """Return paths and maps if the sources are saved maps; None if none is, an error if only some are."""
    paths: list[str] = arguments.source
    from heatgrid.io.npz import is_saved_map

    saved = [path for path in paths if is_saved_map(path)]
    if not saved:
        return None
    if len(saved) < len(paths):
        arguments.parser.error(f"saved maps cannot be combined with annotations ({saved[0]} is a map)")
    if getattr(arguments, "background", None) == "mean":
        arguments.parser.error("--background mean needs annotations, which name the images")
    for name in NOT_WITH_MAPS:
        if getattr(arguments, name, None) != arguments.parser.get_default(name):
            option = in_options(f"{name}=", arguments.parser)
            arguments.parser.error(f"{option} has no effect on saved maps, which are already counted")
    return ((path, _load(path, limits_of(arguments))) for path in paths)


def _load(path: str, limits: Limits) -> Heatmap:
    from heatgrid.errors import FormatError
    from heatgrid.heatmap import Heatmap
    from heatgrid.io.checkpoint import is_unfinished
    from heatgrid.io.npz import read_counts

    counts, header = read_counts(path, max_bytes=limits.map_bytes)
    if is_unfinished(header):
        raise FormatError("the checkpoint of an unfinished count", path)
    return Heatmap.of(counts)


def sum_maps(maps: Iterator[tuple[str, Heatmap]]) -> Heatmap:
    """Return the sum of saved maps; at most two are in memory."""
    return reduce(_add, maps)[1]


def _add(total: tuple[str, Heatmap], part: tuple[str, Heatmap]) -> tuple[str, Heatmap]:
    """Add a saved map to others."""
    try:
        return total[0], total[1] + part[1]
    except (ValueError, OverflowError) as error:
        raise type(error)(f"{part[0]} cannot be added to {total[0]}: {error}") from None


def _check_map_output(arguments: argparse.Namespace) -> str | None:
    """Return the suffix of the output, if any; find errors before anything is read."""
    from heatgrid.export import FORMATS

    if arguments.checkpoint and "-" in arguments.source:
        arguments.parser.error("--checkpoint cannot be used with stdin (-), which cannot be read again")
    if arguments.to and not arguments.output:
        arguments.output = "-"
    if arguments.output == "-" and not arguments.to:
        arguments.parser.error("-o - needs --to FORMAT")
    if arguments.output == "-" and arguments.json:
        arguments.parser.error("--json and -o - would both write to stdout")
    check_background(arguments)
    if arguments.checkpoint:
        check_path(arguments, arguments.checkpoint, option="checkpoint")
    suffix = check_output(arguments, arguments.output, arguments.to) if arguments.output else None
    for name in ("crs", "bounds"):
        if getattr(arguments, name) is not None and not (suffix and FORMATS[suffix].takes(name)):
            arguments.parser.error(f"--{name} needs a GeoTIFF (-o NAME.tif)")
    used = FORMATS[suffix].options.__annotations__ if suffix else set() if arguments.json else _PREVIEWED
    unused = [name for name in DRAWING if getattr(arguments, name) is not None and name not in used]
    if unused:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in unused)
        warn(arguments, f"warning: {names} has no effect without a picture (-o NAME.png)")
        vars(arguments).update(dict.fromkeys(unused))
    return suffix


def _is_drawn(suffix: str | None) -> bool:
    from heatgrid.export import FORMATS

    return suffix is not None and FORMATS[suffix].takes("colormap")
