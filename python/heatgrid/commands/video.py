"""``heatgrid video``: detections drawn as heat over their video, with lines and regions that count."""

from __future__ import annotations

import argparse
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from heatgrid.commands.options import finite, size_in_pixels, whole
from heatgrid.commands.sources import check_folder
from heatgrid.commands.terminal import account, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from heatgrid.core.report import Report
    from heatgrid.live import LiveHeatmap
    from heatgrid.live.detection_files import DetectionFile
    from heatgrid.live.frames import Frames
    from heatgrid.live.zones import Zone


def add_parser(commands: Any) -> None:
    """Describe the arguments."""
    parser = commands.add_parser(
        "video",
        usage="heatgrid video [IN] --detections FILE [-o OUT] [options]",
        help="draw detections as heat over their video, and count at lines and in regions",
        description="Draw the detections of a video as heat that fades over its frames, count tracks that "
        "cross lines and enter regions, and write the video, with its sound, and the map. Videos that were "
        "filmed with the camera turned are drawn upright, as players show them.",
    )
    parser.add_argument(
        "source",
        nargs="?",
        metavar="IN",
        help="a video, or a folder of images; without it, --size is drawn on",
    )
    parser.add_argument(
        "--detections",
        required=True,
        metavar="FILE",
        help="MOT rows, COCO results, JSON Lines, or any format whose images are the frames",
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", help="a video (.mp4, .mov, .mkv), or a folder to write images into"
    )
    parser.add_argument("--map", metavar="OUT", help="the map at the end: .npz, .png, .json or .csv")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar and no report")
    _add_detections(parser)
    _add_heat(parser)
    _add_zones(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _add_detections(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("frames and detections")
    group.add_argument("--size", type=_frame_size, metavar="WxH", help="draw on black frames of this size")
    group.add_argument(
        "--fps", type=_rate, metavar="N", help="frames a second of images and black frames (30)"
    )
    group.add_argument(
        "--format", metavar="NAME", help="mot, coco, jsonl …, instead of finding it by content"
    )
    group.add_argument(
        "--first-frame",
        type=whole(0),
        metavar="N",
        help="what FILE calls the first frame (0 if it occurs, else 1)",
    )
    group.add_argument(
        "--class",
        dest="classes",
        action="append",
        metavar="NAME",
        help="count this class only (may be repeated)",
    )
    group.add_argument(
        "--min-score", type=finite, metavar="S", help="leave out detections of less confidence"
    )
    group.add_argument("--strict", action="store_true", help="stop at the first bad detection")


def _add_heat(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("heat")
    group.add_argument("--stamp", choices=("circle", "box", "point", "mask"), default="circle")
    group.add_argument("--mode", choices=("detections", "union", "tracks", "dwell"), default="detections")
    fading = group.add_mutually_exclusive_group()
    fading.add_argument(
        "--decay",
        type=_share,
        default=0.99,
        metavar="S",
        help="share of heat kept from frame to frame (0.99)",
    )
    fading.add_argument("--half-life", type=_positive, metavar="S", help="seconds in which heat halves")
    group.add_argument(
        "--cell", type=_positive, default=4.0, metavar="PX", help="side of a cell in pixels (4)"
    )
    group.add_argument("--radius", type=_positive, metavar="PX", help="of circles, instead of the box's")
    group.add_argument(
        "--anchor", metavar="NAME", help="center (default), bottom_center, top_left … of a box, for zones too"
    )
    group.add_argument(
        "--min-movement", type=finite, default=0.0, metavar="PX", help="leave out tracks that move less"
    )
    group.add_argument("--colormap", default="turbo", metavar="NAME", help="turbo (default), jet, viridis …")
    group.add_argument("--alpha", type=_share, default=0.5, metavar="A", help="greatest opacity (0.5)")
    group.add_argument("--vmax", type=_positive, metavar="V", help="heat of the highest colour")


def _add_zones(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("zones, in pixels (each may be repeated)")
    group.add_argument("--line", type=_line, action="append", default=[], metavar="X1,Y1,X2,Y2")
    group.add_argument("--region", type=_region, action="append", default=[], metavar="X,Y,X,Y,X,Y,…")


def _run(arguments: argparse.Namespace) -> int:
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
        classes=_classes(arguments.classes),
        min_movement=arguments.min_movement,
        max_gap=max(1.0, 2 / float(frames.rate)),
        zones=_zones(arguments),
        colormap=arguments.colormap,
        alpha=arguments.alpha,
        vmax=arguments.vmax,
        channels="rgb",
        **fading,
    )
    count = _draw(arguments, frames, found, live)
    if arguments.map:
        live.snapshot().save(arguments.map)
    _print_results(arguments, live, count)
    return account(_whole_report(found, live), quiet=arguments.quiet)


def _check_outputs(arguments: argparse.Namespace) -> None:
    """Find what is wrong before anything is read."""
    from heatgrid.export import suffix_for

    if not arguments.output and not arguments.map:
        arguments.usage_error("-o or --map must say what to write")
    if (arguments.source is None) == (arguments.size is None):
        arguments.usage_error("give either IN, or --size to draw on black frames")
    if arguments.map:
        try:
            suffix_for(arguments.map, None)
        except ValueError as error:
            arguments.usage_error(str(error))
        check_folder(arguments.map)


def _open(arguments: argparse.Namespace) -> tuple[Frames, DetectionFile]:
    from heatgrid.live.detection_files import DetectionFile
    from heatgrid.live.frames import DEFAULT_RATE, BlankFrames, open_frames

    frames = None if arguments.source is None else open_frames(arguments.source, arguments.fps)
    size = arguments.size if frames is None else frames.size
    found = DetectionFile(
        arguments.detections,
        size,
        first=arguments.first_frame,
        format=arguments.format,
        min_score=arguments.min_score,
        on_error="raise" if arguments.strict else "skip",
    )
    return frames or BlankFrames(size, found.count, arguments.fps or DEFAULT_RATE), found


def _zones(arguments: argparse.Namespace) -> list[Zone]:
    from heatgrid.live import LineZone, PolygonZone

    options = {} if arguments.anchor is None else {"anchor": arguments.anchor}
    many = len(arguments.line) + len(arguments.region) > 1
    lines: list[Zone] = [
        LineZone(line[:2], line[2:], name=f"line {i}" if many else "", **options)
        for i, line in enumerate(arguments.line, 1)
    ]
    regions = [
        PolygonZone(region, name=f"region {i}" if many else "", **options)
        for i, region in enumerate(arguments.region, 1)
    ]
    return [*lines, *regions]


def _draw(arguments: argparse.Namespace, frames: Frames, found: DetectionFile, live: LiveHeatmap) -> int:
    """Draw all frames, and return how many there were."""
    from contextlib import nullcontext

    from tqdm import tqdm

    from heatgrid.live.writers import open_writer

    count = 0
    output = arguments.output
    writer = open_writer(output, frames.size, frames.rate, frames.sound) if output else None
    for note in writer.notes if writer else ():
        say(f"note: {note}")
    silent = True if arguments.quiet else None  # None: where stderr is no terminal
    with writer or nullcontext(), tqdm(total=frames.count, unit=" frames", disable=silent) as bar:
        for index, frame in enumerate(frames):
            live.update(found.of(frame, index), frame.time)
            if writer is not None:
                live.draw(frame.pixels)
                writer.write(frame)
            count = index + 1
            bar.update()
    if found.count > count:
        say(f"warning: the detections go on to frame {found.count:,}, and there are {count:,}")
    return count


def _print_results(arguments: argparse.Namespace, live: LiveHeatmap, count: int) -> None:
    from heatgrid.live import LineZone

    written = [path for path in (arguments.output, arguments.map) if path]
    counts = [
        {
            "zone": "line" if isinstance(zone, LineZone) else "region",
            "points": zone.points.tolist(),
            **{name: _by_class(table) for name, table in zone.tables.items()},
        }
        for zone in live.zones
    ]
    if arguments.json:
        import json

        report = live.report.to_dict()
        print(json.dumps({"frames": count, "zones": counts, "report": report, "written": written}, indent=2))
        return
    print(f"{count:,} frames, {live.report.counted:,} of {live.report.read:,} detections counted")
    for zone in live.zones:
        kind = "line" if isinstance(zone, LineZone) else "region"
        print(f"{zone.name or kind}: {zone.text}")
        for name, table in zone.tables.items():
            if len(table) > 1:
                print(f"  {name}: {', '.join(f'{key} {value:g}' for key, value in _by_class(table).items())}")
    for path in written:
        print(f"wrote {path}")


def _by_class(table: Mapping[str | int | None, float]) -> dict[str, float]:
    """Return counts by the classes' names, in their order."""
    return {"" if key is None else str(key): value for key, value in sorted(table.items(), key=str)}


def _whole_report(found: DetectionFile, live: LiveHeatmap) -> Report:
    """Return what became of the file's detections: what was not read, and what was not counted."""
    report = found.report + live.report
    report.images = live.report.images
    return report


def _classes(names: list[str] | None) -> list[str | int] | None:
    """Return names of classes; a whole number may be meant as a class's number, too."""
    if names is None:
        return None
    return [*names, *(int(name) for name in names if name.isdecimal())]


def _frame_size(text: str) -> tuple[int, int]:
    width, height = size_in_pixels(text)
    if width % 1 or height % 1:
        raise argparse.ArgumentTypeError(f"expected WxH in whole pixels, got {text!r}")
    return int(width), int(height)


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f"expected frames a second, as 25 or 30000/1001, got {text!r}")
    return rate


def _positive(text: str) -> float:
    value = finite(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value


def _share(text: str) -> float:
    value = finite(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return value


def _line(text: str) -> list[float]:
    numbers = [finite(part) for part in text.split(",")]
    if len(numbers) != 4 or numbers[:2] == numbers[2:]:
        raise argparse.ArgumentTypeError(f"expected X1,Y1,X2,Y2 of two points, got {text!r}")
    return numbers


def _region(text: str) -> list[tuple[float, float]]:
    numbers = [finite(part) for part in text.split(",")]
    if len(numbers) < 6 or len(numbers) % 2:
        raise argparse.ArgumentTypeError(f"expected X,Y of three points or more, got {text!r}")
    return list(zip(numbers[::2], numbers[1::2], strict=True))
