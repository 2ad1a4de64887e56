"""`heatgrid video` on 1080p with 50 boxes per frame, compared with decoding and encoding alone, in wall time.

Drawn heat takes the encoder longer than the video without it, so the peer decodes and encodes the result.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import workloads
from bench.bench_live import BOXES, HEIGHT, WIDTH
from bench.measure import WALL, Side, alternate
from bench.results import TIMES, Results, Table, number
from heatgrid.commands.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMES = 150
PEER = "decoded to RGB, and encoded"
OPTIONS = {"crf": "20", "preset": "veryfast"}  # those of `heatgrid video`


def run(results: Results, *, quick: bool) -> None:
    """Measure both sides alternately, and add the table."""
    if find_spec("av") is None:
        results.missing.append("video: av is not installed")
        return
    count = FRAMES // 5 if quick else FRAMES
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        video, detections, drawn = folder / "in.mp4", folder / "detections.txt", folder / "map.mp4"
        encode(video, scene(count))
        detections.write_text(rows(count), encoding="utf-8")
        command = ["video", str(video), "--detections", str(detections), "-q", "-o", str(drawn)]
        main(command)
        sides = {
            "heatgrid video": lambda: main(command),
            PEER: lambda: encode(folder / "copy.mp4", as_rgb(drawn)),
            "decoded and encoded": lambda: encode(folder / "copy.mp4", decode(drawn)),
        }
        timings = alternate(
            [Side(name, call, count) for name, call in sides.items()], 3 if quick else 5, WALL
        )
    taken = {timing.side: timing.seconds for timing in timings}
    results.facts["video / decoding and encoding"] = taken["heatgrid video"] / taken[PEER]
    whole = taken["heatgrid video"]
    lines = [
        [name, number(1e3 * seconds / count), f"{number(seconds / whole)}{TIMES}"]
        for name, seconds in taken.items()
    ]
    note = (
        f"{count} frames of {WIDTH} by {HEIGHT} pixels, {BOXES} boxes per frame, H.264, wall time. "
        "The others decode and encode the result, with the same options and all cores."
    )
    results.tables.append(Table("Video", note, ("", "ms per frame", f"{TIMES} heatgrid"), lines))


def scene(count: int) -> Iterator[Any]:
    """Yield frames of a picture that moves slowly, with some noise."""
    import av

    rng = np.random.default_rng(workloads.SEED)
    y, x = np.mgrid[:HEIGHT, : WIDTH + count]
    picture = (128 + 60 * np.sin(x / 90) + 40 * np.cos(y / 70) + rng.normal(0, 6, x.shape)).astype(np.uint8)
    wide = np.stack([picture, picture[::-1], 255 - picture], axis=2)
    for i in range(count):
        yield av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, i : i + WIDTH]), format="rgb24")


def rows(count: int) -> str:
    """Return the detections of all frames, as MOT rows without tracks."""
    xyxy = workloads.boxes(count * BOXES).xyxy * [WIDTH, HEIGHT, WIDTH, HEIGHT]
    sized = np.hstack([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]]).round(1).tolist()
    return "".join(
        f"{i // BOXES + 1},-1,{x},{y},{width},{height},0.9,-1,-1,-1\n"
        for i, (x, y, width, height) in enumerate(sized)
    )


def decode(path: Path) -> Iterator[Any]:
    """Yield the frames of a video, as FFmpeg decodes them."""
    import av

    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        yield from container.decode(video=0)


def as_rgb(path: Path) -> Iterator[Any]:
    """Yield the frames of a video, converted to RGB arrays and back, as whoever draws on them must."""
    import av

    for frame in decode(path):
        yield av.VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24"), format="rgb24")


def encode(path: Path, frames: Iterator[Any]) -> None:
    """Encode frames."""
    import av

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=Fraction(30), options=OPTIONS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for i, frame in enumerate(frames):
            frame.pts, frame.time_base = i, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
