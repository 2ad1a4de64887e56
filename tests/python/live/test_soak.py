"""Soak test: memory of a live map stays constant over millions of tracks.

``SOAK_MINUTES=10 pytest tests/python/live/test_soak.py -s``; skipped otherwise.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

import heatgrid as hg

MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
SIZE = (640, 360)
BOXES = 50
SPARE = 4 << 20
"""Bytes by which memory may grow after the first tenth of the time, because of the allocator."""


def resident() -> int:
    """Return the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(MINUTES <= 0, reason="SOAK_MINUTES, the duration in minutes, is not set")
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc")
def test_memory_is_constant() -> None:
    random = np.random.default_rng(11)
    line = hg.LineZone((0, 180), (640, 180))
    region = hg.PolygonZone([(100, 50), (500, 50), (500, 300), (100, 300)])
    live = hg.LiveHeatmap(mode="tracks", min_movement=1.0, size=SIZE, fps=30, zones=[line, region])
    frame = np.zeros((360, 640, 3), dtype=np.uint8)
    begin = time.monotonic()
    turns, memory = 0, list[int]()
    while (passed := (time.monotonic() - begin) / 60) < MINUTES:
        turns += 1
        middles = random.uniform((0, 0), SIZE, (BOXES, 2))
        # Every track lasts three frames, so that it moves, is counted, and is lost.
        ids = np.arange(BOXES) + turns // 3 * BOXES
        boxes = np.hstack([middles - 12, middles + 12])
        live.process(frame, {"xyxy": boxes, "ids": ids, "classes": ids % 80})
        if passed > MINUTES / 10 and turns % 500 == 0:
            memory.append(resident())
    tracks = turns // 3 * BOXES
    first, last, top = memory[0] / 2**20, memory[-1] / 2**20, max(memory) / 2**20
    print(  # noqa: T201 - the result
        f"{turns:,} frames, {tracks:,} tracks: {first:.1f} MB, {last:.1f} MB at the end, at most {top:.1f} MB"
    )
    assert max(memory) - memory[0] < SPARE
    assert live.heat.sum() > 0
    assert line.entered.total() > 0
    assert region.lost.total() > 0
