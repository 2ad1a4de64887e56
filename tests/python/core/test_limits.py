"""Interruption: by Ctrl-C, from another thread, and at a deadline; forks during a call.

Each call would run for many seconds. A test fails if it ends by itself.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.core.ragged import Polygons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GRID = 4000
ZIGZAG = np.random.default_rng(1).random((300_000, 2))
BITMAP = np.zeros((2000, 2000), dtype=bool)
BITMAP[:, ::2] = True
SQUARES = np.random.default_rng(3).random((60_000, 1)) * 0.4 + [[0.0, 0.0, 0.6, 0.6]]
DISCS = np.tile([[GRID / 2, GRID / 2, GRID / 2]], (300_000, 1))

CALLS: dict[str, Callable[..., Any]] = {
    "one polygon": lambda **how: hg.count_polygons(ZIGZAG, [0, len(ZIGZAG)], GRID, **how),
    "areas": lambda **how: hg.count_polygons(
        ZIGZAG, np.arange(0, len(ZIGZAG) + 1, 30), GRID, rule="area", **how
    ),
    "touch": lambda **how: hg.count_polygons(ZIGZAG, [0, len(ZIGZAG)], GRID, rule="touch", **how),
    "one line": lambda **how: hg.count_lines(ZIGZAG, [0, len(ZIGZAG)], GRID, **how),
    "discs": lambda **how: hg.count_discs(DISCS, GRID, **how),
    "discs of an image": lambda **how: hg.count_discs(
        DISCS, GRID, images=np.zeros(len(DISCS)).astype(int), count="images", **how
    ),
    "bitmaps": lambda **how: hg.count_masks([BITMAP] * 3000, GRID, **how),
    "touched bitmaps": lambda **how: hg.count_masks([BITMAP] * 3000, GRID, rule="touch", **how),
    "covered bitmaps": lambda **how: hg.count_masks([BITMAP] * 3000, GRID, rule="area", **how),
    "boxes of an image": lambda **how: hg.count_boxes(
        SQUARES, GRID, images=np.zeros(len(SQUARES)).astype(int), count="images", **how
    ),
}


@pytest.fixture
def press() -> Iterator[Callable[[], None]]:
    """Return a function that presses Ctrl-C soon."""
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    yield timer.start
    timer.cancel()
    timer.join()
    signal.signal(signal.SIGINT, old)


needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")


@needs_signals
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_ends_a_call(name: str, threads: int, press: Callable[[], None]) -> None:
    press()
    with pytest.raises(KeyboardInterrupt):
        CALLS[name](threads=threads)


@needs_signals
def test_ctrl_c_leaves_maps_unchanged(press: Callable[[], None]) -> None:
    heat = hg.Heatmap(GRID).add_boxes([[0.0, 0.0, 0.5, 0.5]])
    before = heat.copy()
    press()
    with pytest.raises(KeyboardInterrupt):
        heat.add_polygons(np.vstack([ZIGZAG, ZIGZAG]), [0, 3, 9, len(ZIGZAG), 2 * len(ZIGZAG)])
    assert heat == before
    assert heat.report == before.report


@pytest.mark.parametrize("name", CALLS)
def test_a_deadline_ends_a_call_and_leaves_out_unchanged(name: str) -> None:
    out = np.full((GRID, GRID), 7, dtype=np.float64 if name in {"areas", "covered bitmaps"} else np.int64)
    with pytest.raises(hg.Cancelled, match=r"not finished after 0\.1 seconds"), hg.Cancel(seconds=0.1):
        CALLS[name](threads=2, out=out)
    assert (out == 7).all()


def test_classes_counted_one_by_one_are_written_together() -> None:
    labels = np.arange(len(ZIGZAG) // 30) % 3
    offsets = np.concatenate([np.arange(len(labels)) * 3, [len(ZIGZAG)]])  # the last class takes the time
    out = np.zeros((3, GRID, GRID), dtype=np.int64)
    with pytest.raises(hg.Cancelled), hg.Cancel(seconds=0.5):
        hg.count_polygons(ZIGZAG, offsets, GRID, labels=labels, classes=3, threads=1, out=out)
    assert not out.any()


def test_a_deadline_leaves_a_new_map_as_it_was() -> None:
    rings = np.array([0, 3, len(ZIGZAG)])
    polygons = Polygons(ZIGZAG, rings, np.arange(3), np.arange(3))
    batch = hg.Annotations(
        image_names=["a"],
        image=np.zeros(2, dtype=np.int64),
        label=np.array([0, 1]),
        classes=("first", "second"),
        normalized=True,
        kinds=np.full(2, 2, dtype=np.uint8),
        polygons=polygons,
    )
    heat = hg.Heatmap(GRID)
    with pytest.raises(hg.Cancelled), hg.Cancel(seconds=0.2):
        heat.add(batch)
    assert heat.classes == ()
    assert heat == hg.Heatmap(GRID)
    assert heat.report.read == 0


LONG_EDGES: dict[str, Callable[[], Any]] = {
    "touch": lambda: hg.count_polygons(ZIGZAG, [0, len(ZIGZAG)], (100_000, 64), rule="touch"),
    "area": lambda: hg.count_polygons(ZIGZAG, [0, len(ZIGZAG)], (2, 2), rule="area"),
}


@pytest.mark.filterwarnings("ignore:1 polygons skipped")
@pytest.mark.parametrize("name", LONG_EDGES)
def test_a_shape_of_many_long_edges_asks_whether_to_stop(name: str) -> None:
    class Asked(hg.Cancel):
        def check(self) -> None:
            asked.append(time.thread_time())
            super().check()

    asked: list[float] = []
    with suppress(hg.Cancelled), Asked(seconds=6) as cancel:
        cancel.check()
        LONG_EDGES[name]()
    asked.append(time.thread_time())
    assert len(asked) > 3
    assert np.diff(asked).max() < 1  # seconds of the processor


def test_another_thread_ends_a_call() -> None:
    with hg.Cancel() as cancel:
        timer = threading.Timer(0.2, cancel.cancel)
        timer.start()
        with pytest.raises(hg.Cancelled, match="cancelled"):
            CALLS["one polygon"]()
    timer.join()


def test_a_block_in_another_thread_is_ended() -> None:
    cancel, ended = hg.Cancel(), []

    def run() -> None:
        try:
            with cancel:
                CALLS["one line"]()
        except hg.Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.1)
    cancel.cancel()
    thread.join()
    assert len(ended) == 1


def test_reading_is_ended(tmp_path: Any) -> None:
    for i in range(3):
        (tmp_path / f"{i}.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    cancel = hg.Cancel()
    cancel.cancel()
    with pytest.raises(hg.Cancelled), cancel:
        hg.heatmap(tmp_path, 10, format="yolo")


def test_blocks_are_nested() -> None:
    outer, inner = hg.Cancel(), hg.Cancel()
    heat = hg.Heatmap(2)
    with outer:
        with inner:
            heat.add_boxes([[0, 0, 1, 1]])
            outer.cancel()
            with pytest.raises(hg.Cancelled):
                heat.add_boxes([[0, 0, 1, 1]])
        with pytest.raises(hg.Cancelled):
            heat.add_boxes([[0, 0, 1, 1]])
    heat.add_boxes([[0, 0, 1, 1]])
    assert heat.report.read == 2


def test_a_cancel_is_for_one_block() -> None:
    with hg.Cancel() as cancel, pytest.raises(RuntimeError, match="one block only"), cancel:
        pass
    for seconds in (0, -1.0, float("nan")):
        with pytest.raises(ValueError, match="seconds must be positive"):
            hg.Cancel(seconds)


# Forks


def ends(child: int) -> bool:
    """Return whether a child process ends by itself and without an error."""
    for _ in range(300):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("use", ["add", "read", "copy", "merge", "pickle"])
def test_a_fork_during_an_addition_does_not_hang(use: str) -> None:
    heat, cancel = hg.Heatmap(GRID), hg.Cancel()

    def run() -> None:
        with pytest.raises(hg.Cancelled), cancel:
            heat.add_lines(ZIGZAG, [0, len(ZIGZAG)])

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.2)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if use == "add":
                heat.add_boxes([[0.0, 0.0, 1.0, 1.0]])
            elif use == "merge":
                heat += hg.Heatmap(GRID)
            else:
                calls: dict[str, Callable[[], Any]] = {
                    "read": lambda: heat.counts,
                    "copy": heat.copy,
                    "pickle": lambda: pickle.dumps(heat),
                }
                calls[use]()
            status = 0
        finally:
            os._exit(status)
    try:
        assert ends(child)
    finally:
        cancel.cancel()
        thread.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_fork_while_a_live_map_is_locked_does_not_hang() -> None:
    live = hg.LiveHeatmap("box", size=(64, 64))
    is_held, end = threading.Event(), threading.Event()

    def hold() -> None:
        with live._lock:  # an update takes it for microseconds
            is_held.set()
            end.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            live.update(np.array([[1.0, 1.0, 9.0, 9.0]]))
            status = 0
        finally:
            os._exit(status)
    try:
        assert ends(child)
    finally:
        end.set()
        thread.join()


# Limits


def test_limits_are_positive() -> None:
    for name in ("seconds", "file_bytes", "background_seconds"):
        with pytest.raises(ValueError, match=f"{name} must be positive"):
            hg.Limits(**{name: 0})


def test_a_call_has_a_limit_of_time(tmp_path: Any) -> None:
    for i in range(3):
        (tmp_path / f"{i}.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    limits = hg.Limits(seconds=1e-9)
    for count in (hg.heatmap, hg.heatmaps):
        with pytest.raises(hg.Cancelled, match="not finished after 1e-09 seconds"):
            count(tmp_path, 10, format="yolo", limits=limits)
    assert hg.heatmap(tmp_path, 10, format="yolo", limits=hg.Limits(seconds=600)).report.read == 3


def test_the_work_on_one_area_is_limited(tmp_path: Path) -> None:
    ring = ZIGZAG[:40] * 100
    document = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 100}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [ring.ravel().tolist()]}],
        "categories": [{"id": 1, "name": "car"}],
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    reason = "polygon whose edges cross each other or the columns too often for limits.area_work"
    counted = hg.heatmap(path, 4, rule="area")
    assert counted.report.counted == 1
    cases: list[tuple[Any, int, dict[str, int]]] = [
        ("area", 10, {reason: 1}),
        ("area", 1 << 70, {}),
        ("center", 10, {}),
    ]
    for rule, limit, skipped in cases:
        limits = hg.Limits(area_work=limit)
        heat = hg.heatmap(path, 4, rule=rule, limits=limits)
        assert heat.report.skipped == skipped
        if rule == "area":
            found = list(hg.find(path, (slice(0, 4), slice(0, 4)), 4, rule=rule, limits=limits))
            assert len(found) == heat.report.counted
            assert heat == counted or skipped


def test_the_documentation_lists_all_limits() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/back-end.md").read_text()
    listed = dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \|", page, re.MULTILINE))
    assert listed == {name: repr(value) for name, value in asdict(hg.Limits()).items()}
