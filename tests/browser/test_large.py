"""Many cells, many classes, long lists: the page opens, and goes on answering.

Times and memory are printed (``pytest -rP``), never judged.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

import heatgrid as hg
from browser.windows import expect

if TYPE_CHECKING:
    from pathlib import Path

    from browser.windows import Window, Windows


def measure(window: Window) -> str:
    """Say how long it took until the map was drawn, and what the page's memory is."""
    session = window.page.context.new_cdp_session(window.page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")
    took = window.page.evaluate("() => Number(document.querySelector('#heatgrid').dataset.shown)")
    memory = (used["usedSize"] + used.get("backingStorageSize", 0)) / 2**20
    return f"drawn after {took:.0f} ms, {memory:.1f} MiB of values"


def timed(window: Window, action: Any) -> float:
    """Return the milliseconds from an action to the next picture."""
    start = time.perf_counter()
    action()
    window.settle()
    return 1000 * (time.perf_counter() - start)


def test_eighty_classes(windows: Windows) -> None:
    heat = hg.Heatmap(100, [f"class {k}" for k in range(80)])
    random = np.random.default_rng(2)
    low = random.random((400_000, 2)) * 0.9
    boxes = np.concatenate([low, low + random.lognormal(-2.5, 0.8, (400_000, 2))], axis=1)
    heat.add_boxes(boxes, labels=random.integers(0, 80, 400_000) ** 2 // 80)
    window = windows.open(heat)
    page = window.page
    expect(page.locator(".name-row")).to_have_count(80)
    size = len((windows.folder / "map0.html").read_bytes())
    print(f"80 classes of 100 x 100: {size / 1e3:.0f} kB, {measure(window)}")
    took = timed(window, lambda: page.get_by_role("button", name="Only class 7", exact=True).click())
    print(f"one class: {took:.0f} ms")
    page.mouse.move(*window.at(50.5, 50.5, (100, 100)))
    assert window.text(".value") == f"{heat['class 7'].counts[50, 50]:,}"
    page.get_by_label("Find classes").fill("class 79")
    expect(page.locator(".name-row:visible")).to_have_count(1)


def test_two_million_cells(windows: Windows) -> None:
    random = np.random.default_rng(3)
    y, x = np.mgrid[0:1000, 0:2000]
    values = random.poisson(3000 * np.exp(-(((y - 600) / 250) ** 2) - ((x - 900) / 500) ** 2))
    window = windows.open(values, size=(1600, 1000))
    size = len((windows.folder / "map0.html").read_bytes())
    print(f"1000 x 2000 cells: {size / 1e6:.2f} MB, {measure(window)}")
    window.page.mouse.move(*window.point(0.3, 0.4))
    frames = [timed(window, lambda: window.page.mouse.wheel(0, -100)) for _ in range(6)]
    print(f"zooming, a frame: {np.median(frames):.0f} ms")
    window.page.mouse.down()
    moves = [
        timed(window, lambda i=i: window.page.mouse.move(*window.point(0.3 + 0.02 * i, 0.4)))
        for i in range(1, 8)
    ]
    window.page.mouse.up()
    print(f"panning, a frame: {np.median(moves):.0f} ms")
    for name, action in {
        "log scale": lambda: window.page.get_by_label("Scale", exact=True).select_option("log"),
        "another colormap": lambda: window.page.get_by_label("Colors").select_option("viridis"),
        "blur by 2 cells": lambda: window.page.get_by_label("Blur").fill("2"),
    }.items():
        print(f"{name}: {timed(window, action):.0f} ms")
    window.page.keyboard.press("Escape")
    window.page.get_by_role("button", name="Show the whole map").click()
    window.settle()
    window.page.mouse.move(*window.at(600.5, 900.5, (1000, 2000)))
    text = window.text(".readout")
    row, column = (int(part.rsplit(" ", 1)[1]) for part in text.splitlines()[0].split(","))
    assert abs(row - 600) <= 2
    assert abs(column - 900) <= 2
    assert window.text(".value") == f"{values[row, column]:,}"


def test_lists_of_images_in_a_cell(windows: Windows, tmp_path: Path) -> None:
    from heatgrid.commands.demo import write_demo

    write_demo(tmp_path / "street.json", images=60, seed=4)
    heat = hg.heatmap(tmp_path / "street.json", (6, 8))
    lists = hg.annotations_by_cell(tmp_path / "street.json", (6, 8), limit=4)
    window = windows.open(heat, annotations_by_cell=lists)
    cell = int(np.argmax(lists.totals))
    row, column = divmod(cell, 8)
    window.page.mouse.click(*window.at(row + 0.5, column + 0.5, (6, 8)))
    text = window.text(".side")
    assert f"{lists.totals[cell]} images in this cell" in text
    for name, hits in lists.at(row, column):
        assert name in text
        assert hits == 1 or f"{hits}×" in text  # noqa: RUF001 - the sign that the page shows
    assert f"4 of {lists.totals[cell]} images shown" in text
