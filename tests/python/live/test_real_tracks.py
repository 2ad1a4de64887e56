"""Real tracks of the MOT Challenge, drawn to a video and counted at lines, against counts from the rows."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from heatgrid.commands.cli import main

TRACKS = (
    Path(__file__).resolve().parents[4]
    / "shared/data/mot/mmtracking/demo_MOT15_data/train/TUD-Stadtmitte/gt/gt.txt"
)

pytestmark = pytest.mark.skipif(
    not TRACKS.exists(), reason="the real data set folder ../shared/data is missing"
)


def crossings(x: float) -> tuple[int, int]:
    """Count the steps of box centers over a vertical line, to the left and to the right, from the rows."""
    ways = defaultdict[int, list[tuple[int, float]]](list)
    for row in TRACKS.read_text().split():
        frame, track, left, _, width = (float(number) for number in row.split(",")[:5])
        ways[int(track)].append((int(frame), left + width / 2))
    left, right = 0, 0
    for way in ways.values():
        places = [place for _, place in sorted(way)]
        for before, after in pairwise(places):
            left += before > x > after
            right += before < x < after
    return left, right


@pytest.mark.peers
def test_real_sequence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    av: Any = pytest.importorskip("av")
    out = tmp_path / "tracks.mp4"
    lines = range(61, 640, 60)
    zones = [part for x in lines for part in ("--line", f"{x},0,{x},480")]
    frames = ["--size", "640x480", "--fps", "25", "--detections", str(TRACKS.parents[1])]
    assert main(["video", *frames, *zones, "-o", str(out), "--decay", "0.98", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["zones"]
    # Seen from the top to the bottom of a line, its left side is the right of the image: leftwards is in.
    counted = [tuple(sum(zone[way].values()) for way in ("entered", "left")) for zone in told]
    assert counted == [crossings(x) for x in lines]
    assert sum(map(sum, counted)) > 20
    with av.open(str(out)) as container:
        drawn = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(drawn) == 179
    assert drawn[100].max() > 200
