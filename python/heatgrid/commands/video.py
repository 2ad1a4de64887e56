"""``heatgrid video``: draw detections as heat over their video, and count at lines and in regions."""

from __future__ import annotations

import argparse
from fractions import Fraction
from typing import TYPE_CHECKING, Any, get_args

from heatgrid.commands.cli import check_output, check_path, limits_of
from heatgrid.commands.converters import choice, image_size, number, whole
from heatgrid.commands.options import (
    CLASS_HELP,
    add_class_option,
    add_command,
    add_exclude_classes,
    add_format,
    add_limits,
    add_output,
    add_strict,
    complete,
)
from heatgrid.commands.output import check_strict, finish, show, warn
from heatgrid.commands.regions import REGION, region
from heatgrid.core.class_grids import NO_CLASS
from heatgrid.errors import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heatgrid.core.report import Report
    from heatgrid.live import LiveHeatmap
    from heatgrid.live.frames import DetectionFile, Frames
    from heatgrid.live.zones import Zone


def add_video(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands,
        "video",
        run,
        usage="[IN] --detections FILE [-o OUT] [options]",
        description="Draw the detections of a video as heat that fades over its frames, count tracks that "
        "cross lines and enter regions, and write the video, with its sound, and the map. Rotated videos are "
        "drawn upright, as players show them.",
    )
    add = parser.add_argument
    add("source", nargs="?", metavar="IN", help="a video or a folder of images; without it, --size is needed")
    add(
        "--detections",
        required=True,
        metavar="FILE",
        help="MOT rows, COCO results, JSON Lines, or any format whose images are the frames",
    )
    add_output(parser, "a video (.mp4, .mov, .mkv), or a folder for images")
    add("--map", metavar="OUT", help="the map at the end: .npz, .png, .json or .csv")
    _add_frames(parser)
    _add_heat(parser)
    _add_zones(parser)


_positive = number(0, above=True)


def _add_frames(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("frames and detections")
    add = group.add_argument
    add("--size", type=_frame_size, metavar="WxH", help="draw on black frames of this size")
    add("--fps", type=_rate, metavar="N", help="frames per second of images and black frames (default: 30)")
    add_format(group)
    add(
        "--first-frame",
        type=whole(0),
        metavar="N",
        help="number of the first frame in FILE (default: 0 or 1)",
    )
    add_class_option(group, CLASS_HELP)
    add_exclude_classes(group)
    add(
        "--within",
        type=region,
        action="append",
        metavar=REGION,
        help="count detections in this region only (may be repeated)",
    )
    add("--min-score", type=number(), metavar="S", help="skip detections with a lower score")
    add_limits(group)
    add_strict(group)


def _add_heat(parser: argparse.ArgumentParser) -> None:
    from heatgrid.core.anchors import Anchor
    from heatgrid.live.drawing import ScaleMode
    from heatgrid.live.field import Mode, Stamp
    from heatgrid.viz.scales import SCALES

    group = parser.add_argument_group("heat")
    add = group.add_argument
    add("--stamp", **choice(get_args(Stamp)), default="circle", help="shape of the heat (default: circle)")
    add(
        "--mode",
        **choice(get_args(Mode)),
        default="detections",
        help="what adds heat to a cell (default: detections)",
    )
    fading = group.add_mutually_exclusive_group()
    fading.add_argument(
        "--decay",
        type=number(0, 1),
        default=0.99,
        metavar="S",
        help="share of heat that each frame keeps (default: 0.99)",
    )
    fading.add_argument("--half-life", type=_positive, metavar="S", help="seconds in which heat halves")
    add("--cell", type=_positive, default=4.0, metavar="PX", help="side of a cell in pixels (default: 4)")
    add("--radius", type=_positive, metavar="PX", help="radius of circles (default: that of the box)")
    add("--anchor", **choice(get_args(Anchor)), help="point of the box, also for zones (default: center)")
    add("--min-movement", type=number(), default=0.0, metavar="PX", help="skip tracks that move less")
    add("--colormap", default="turbo", metavar="NAME", help="turbo (default), jet, viridis …")
    add("--alpha", type=number(0, 1), default=0.5, metavar="A", help="maximum opacity (default: 0.5)")
    add(
        "--scale",
        **choice((*get_args(ScaleMode), *SCALES)),
        default="steady",
        help="color scale: steady (to the greatest heat so far), frame, or that of a map (default: steady)",
    )
    add("--vmin", type=number(0), metavar="V", help="heat of the lowest color")
    add("--vmax", type=_positive, metavar="V", help="heat of the highest color")


def _add_zones(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("zones, in pixels (each may be repeated)")
    add = group.add_argument
    add("--line", type=_line, action="append", default=[], metavar="X1,Y1,X2,Y2")
    add("--region", type=region, action="append", default=[], metavar=REGION)
    complete(
        add(
            "--events", metavar="OUT.csv", help="write who crossed which line or entered or left which region"
        )
    )
    complete(add("--stays", metavar="OUT.csv", help="write how long each track was in each region"))
    add("--min-frames", type=whole(1), default=1, metavar="N", help="frames a track must be beyond a line")
    add("--margin", type=number(0), default=0.0, metavar="PX", help="ignore movement this near to a line")


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from heatgrid.live import LiveHeatmap

    _check_outputs(arguments)
    frames, found = _open(arguments)
    fading = {"half_life": arguments.half_life} if arguments.half_life else {"decay": arguments.decay}
    live = LiveHeatmap(
        arguments.stamp,
        mode=arguments.mode,
        size=frames.size,
        cell=arguments.cell,
        anchor=arguments.anchor,
        radius=arguments.radius,
        classes=_classes(arguments, found),
        min_movement=arguments.min_movement,
        max_gap=max(1.0, 2 / float(frames.rate)),
        zones=_zones(arguments, frames.size),
        within=arguments.within,
        colormap=arguments.colormap,
        alpha=arguments.alpha,
        vmin=arguments.vmin,
        vmax=arguments.vmax,
        scale=arguments.scale,
        channels="rgb",
        **fading,
    )
    count = _draw(arguments, frames, found, live)
    if arguments.map:
        live.snapshot().save(arguments.map)
    _write_records(arguments, live)
    report = _whole_report(found, live)
    _print_results(arguments, live, report, count)
    return finish(arguments, report, empty=not report.counted)


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Find errors before anything is read."""
    if not (arguments.output or arguments.map or arguments.events or arguments.stays):
        arguments.parser.error("-o, --map, --events or --stays is needed")
    if (arguments.source is None) == (arguments.size is None):
        arguments.parser.error("expected either IN, or --size to draw on black frames")
    for zones in (arguments.line, arguments.region):
        if any(zone in zones[:i] for i, zone in enumerate(zones)):
            arguments.parser.error("--line and --region must differ: a zone is given twice")
    if arguments.events and not (arguments.line or arguments.region):
        arguments.parser.error("--events needs --line or --region")
    if arguments.stays and not arguments.region:
        arguments.parser.error("--stays needs --region")
    for name in ("events", "stays"):
        if getattr(arguments, name):
            check_path(arguments, getattr(arguments, name), option=name)
    if arguments.map:
        check_output(arguments, arguments.map)
    if arguments.output:
        check_path(arguments, arguments.output)


def _open(arguments: argparse.Namespace) -> tuple[Frames, DetectionFile]:
    from heatgrid.live.frames import DEFAULT_RATE, BlankFrames, DetectionFile, open_frames

    frames = None if arguments.source is None else open_frames(arguments.source, arguments.fps)
    size = arguments.size if frames is None else frames.size
    found = DetectionFile(
        arguments.detections,
        size,
        first=arguments.first_frame,
        format=arguments.format,
        min_score=arguments.min_score,
        on_error=arguments.on_error,
        limits=limits_of(arguments),
    )
    return frames or BlankFrames(size, found.count, arguments.fps or DEFAULT_RATE), found


def _zones(arguments: argparse.Namespace, size: tuple[int, int]) -> list[Zone]:
    from heatgrid.io.regions import as_regions
    from heatgrid.live import LineZone, PolygonZone

    drawn = as_regions(arguments.region or None, "region")
    options = {} if arguments.anchor is None else {"anchor": arguments.anchor}
    many = len(arguments.line) + len(drawn) > 1
    lines: list[Zone] = [
        LineZone(
            line[:2],
            line[2:],
            min_frames=arguments.min_frames,
            margin=arguments.margin,
            name=f"line {i}" if many else "",
            max_records=None,
            **options,
        )
        for i, line in enumerate(arguments.line, 1)
    ]
    regions = [
        PolygonZone(one.pixels(size).outline, name=one.name if many else "", max_records=None, **options)
        for one in drawn
    ]
    return [*lines, *regions]


def _draw(arguments: argparse.Namespace, frames: Frames, found: DetectionFile, live: LiveHeatmap) -> int:
    """Draw all frames and return their number."""
    from contextlib import nullcontext

    from heatgrid.io.progress import show_progress
    from heatgrid.live.writers import open_writer

    count = 0
    output = arguments.output
    check_strict(arguments, found.report)
    writer = open_writer(output, frames.size, frames.rate, frames.sound) if output else None
    for note in writer.notes if writer else ():
        warn(arguments, f"note: {note}")
    total = "" if frames.count is None else f" of {frames.count:,}"
    shown = nullcontext() if arguments.quiet else show_progress(lambda: f"{count:,}{total} frames")
    with writer or nullcontext(), shown:
        for index, frame in enumerate(frames):
            live.update(found.of(frame, index), frame.time)
            if writer is not None:
                live.draw(frame.pixels)
                writer.write(frame)
            count = index + 1
        found.report_unused()
        check_strict(arguments, _whole_report(found, live))
    if live.zones and live.report.read and not live.track_count:
        warn(arguments, "warning: no ids: lines cannot count, regions count only what is inside")
    if found.count > count:
        warn(arguments, f"warning: the detections have {found.count:,} frames, the video has {count:,}")
    return count


def _write_records(arguments: argparse.Namespace, live: LiveHeatmap) -> None:
    """Write the events and stays of all zones."""
    from dataclasses import replace
    from pathlib import Path

    from heatgrid.live import PolygonZone
    from heatgrid.live.records import write_events, write_stays

    zones = [(zone, zone.name or _kind(zone)) for zone in live.zones]
    if arguments.events:
        events = (replace(event, zone=name) for zone, name in zones for event in zone.events)
        write_events(Path(arguments.events), events)
    if arguments.stays:
        polygons = [(zone, name) for zone, name in zones if isinstance(zone, PolygonZone)]
        stays = (replace(stay, zone=name) for zone, name in polygons for stay in zone.stays)
        write_stays(Path(arguments.stays), stays)


def _kind(zone: Zone) -> str:
    return "region" if zone.closed else "line"


def _print_results(arguments: argparse.Namespace, live: LiveHeatmap, report: Report, count: int) -> None:
    outputs = arguments.output, arguments.map, arguments.events, arguments.stays
    written = [path for path in outputs if path]
    counts = [
        {
            "zone": _kind(zone),
            "points": zone.points.tolist(),
            **{name: _by_class(table) for name, table in zone.tables.items()},
        }
        for zone in live.zones
    ]
    if arguments.json:
        import json

        numbers = {"frames": count, "tracks": live.track_count, "zones": counts}
        print(json.dumps(numbers | {"report": report.to_dict(), "written": written}, indent=2))
        return
    show(arguments, f"{count:,} frames, {report.counted:,} of {report.read:,} detections counted")
    for zone in live.zones:
        show(arguments, printable(f"{zone.name or _kind(zone)}: {zone.text}"))
        for name, table in zone.tables.items():
            if len(table) > 1:
                row = ", ".join(f"{key} {value:g}" for key, value in _by_class(table).items())
                show(arguments, printable(f"  {name}: {row}"))
    for path in written:
        show(arguments, f"wrote {path}")


def _by_class(table: Mapping[str | int | None, float]) -> dict[str, float]:
    """Return counts by class name, sorted."""
    return {"" if key is None else str(key): value for key, value in sorted(table.items(), key=str)}


def _whole_report(found: DetectionFile, live: LiveHeatmap) -> Report:
    """Return the report of the file's detections: those skipped while reading, and those counted."""
    report = found.report + live.report
    report.images = live.report.images
    return report


def _classes(arguments: argparse.Namespace, found: DetectionFile) -> list[Any] | None:
    """Return the classes to count: those of the file that the options name, None for all."""
    from heatgrid.core.report import Report
    from heatgrid.io.keywords import check_found
    from heatgrid.io.options import ReadOptions

    if not (arguments.classes or arguments.exclude_classes):
        return None
    names = {key: NO_CLASS if key is None else str(key) for key in found.classes}
    report = Report()
    report.add_classes(list(names.values()))
    options = ReadOptions(
        classes=arguments.classes,
        exclude_classes=arguments.exclude_classes,
        ignore_case=arguments.ignore_case,
    )
    check_found(report, options)
    kept = [key for key, name in names.items() if options.wants_class(name)]
    return kept if len(kept) < len(names) else None


def _frame_size(text: str) -> tuple[int, int]:
    width, height = image_size(text)
    if width % 1 or height % 1:
        raise argparse.ArgumentTypeError(f"expected WxH in whole pixels, got {text!r}")
    return int(width), int(height)


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f"expected frames per second, as in 25 or 30000/1001, got {text!r}")
    return rate


def _line(text: str) -> list[float]:
    numbers = [number()(part) for part in text.split(",")]
    if len(numbers) != 4 or numbers[:2] == numbers[2:]:
        raise argparse.ArgumentTypeError(f"expected X1,Y1,X2,Y2 of two points, got {text!r}")
    return numbers
