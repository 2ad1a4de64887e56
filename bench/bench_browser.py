"""Page that counts files in the browser, compared with the Python package on the same COCO file."""

from __future__ import annotations

import importlib
import os
import statistics
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import heatgrid as hg
from bench.results import TIMES, Results, Table
from heatgrid.commands.demo import write_demo
from heatgrid.viz.page import browser_page

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = "/usr/bin/chromium"
MARK = "--heatgrid-bench"
"""Argument by which the browser's processes are found."""
IMAGES = 40_000
"""Images of the demo's scenes, about 110 MB."""
LONGEST = """window.longest = 0; new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
}).observe({ type: "longtask" });"""
DONE = ".result .viewer[data-drawn]"


def run(results: Results, *, quick: bool) -> None:
    """Write the file, count it on both sides alternately, and add the table."""
    try:
        sync = importlib.import_module("playwright.sync_api")
    except ImportError as error:
        results.missing.append(f"browser: {error}")
        return
    if not Path(CHROMIUM).exists():
        results.missing.append(f"browser: no {CHROMIUM}")
        return
    with tempfile.TemporaryDirectory() as scratch, sync.sync_playwright() as running:
        page, source = Path(scratch, "heatgrid.html"), Path(scratch, "annotations.json")
        page.write_text(browser_page(), encoding="utf-8")
        write_demo(source, images=IMAGES // (20 if quick else 1))
        rounds = [(native(source), in_browser(running, page, source)) for _ in range(3)]
    size = rounds[0][1]["size"] / 1e6
    columns = {name: statistics.median(found[name] for _, found in rounds) for name in rounds[0][1]}
    seconds = statistics.median(found for found, _ in rounds)
    results.facts["browser / heatgrid"] = columns["processor"] / seconds
    note = (
        "From the choice of a COCO file of polygons to the drawn page, on a grid of 100 by 100, with the "
        "size map. The bracket contains the ratio of processor times to `hg.heatmap` on one thread."
    )
    row = [
        f"{size:.0f} MB",
        f"{columns['seconds']:.1f} s",
        f"{columns['processor']:.1f} s ({columns['processor'] / seconds:.1f}{TIMES})",
        f"{columns['peak'] / 1e6:.0f} MB ({columns['peak'] / 1e6 / size:.1f}{TIMES} the file)",
        f"{columns['longest']:.0f} ms",
    ]
    heads = ("file", "time", "processor time", "memory", "longest block of the page")
    results.tables.append(Table("In the browser", note, heads, [row]))


def native(source: Path) -> float:
    """Return the processor time of the package."""
    start = time.process_time()
    hg.heatmap(source, 100, threads=1)
    return time.process_time() - start


def in_browser(running: Any, page: Path, source: Path) -> dict[str, float]:
    """Return time, processor time, growth of memory and the longest block of a fresh browser."""
    with opened(running, page) as tab:
        before = usage()
        peak, start = before[1], time.perf_counter()
        tab.locator("input[type=file]").first.set_input_files(source)
        while not tab.locator(DONE).count():
            peak = max(peak, usage()[1])
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        after = usage()
        found = {
            "seconds": seconds,
            "processor": after[0] - before[0],
            "peak": max(peak, after[1]) - before[1],
        }
        return found | {"longest": tab.evaluate("window.longest"), "size": source.stat().st_size}


@contextmanager
def opened(running: Any, page: Path) -> Iterator[Any]:
    """Open the page in a browser of its own, without a network."""
    arguments = ["--no-sandbox", "--disable-gpu", MARK]
    browser = running.chromium.launch(executable_path=CHROMIUM, args=arguments)
    tab = browser.new_context(offline=True).new_page()
    tab.add_init_script(LONGEST)
    tab.goto(page.as_uri())
    tab.locator(".counter").wait_for()
    time.sleep(1)
    tab.evaluate("window.longest = 0")
    yield tab
    browser.close()


def usage() -> tuple[float, float]:
    """Return the processor time and the proportional memory of the browser's processes."""
    parents, own = {}, set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if MARK in (folder / "cmdline").read_text().split("\0"):
                    own.add(int(folder.name))
    while more := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= more
    seconds = memory = 0.0
    for pid in own:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            memory += next(1024.0 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return seconds, memory
