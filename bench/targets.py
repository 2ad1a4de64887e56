"""Targets, and their values in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import bench_live
from bench.results import TIMES, Results, Table, number

if TYPE_CHECKING:
    from collections.abc import Callable

# The corner-difference peers as users write them; the tuned one is only in the table of boxes.
CORNERS = ("numpy corners, bincount", "numpy corners, add.at")


@dataclass(frozen=True)
class Target:
    """One target: its text, its bound, and the function that finds its value."""

    what: str
    bound: float
    find: Callable[[Results], float | None]
    unit: str = TIMES
    at_most: bool = False

    def row(self, results: Results) -> list[str]:
        """Return the line of the table."""
        sign = "≤" if self.at_most else "≥"
        unit = self.unit if self.unit == TIMES else f" {self.unit}"
        target = f"{sign} {number(self.bound)}{unit}"
        value = self.find(results)
        if value is None:
            return [self.what, target, "not measured", ""]
        met = value <= self.bound if self.at_most else value >= self.bound
        return [self.what, target, f"{number(value)}{unit}", "yes" if met else "no"]


def time(job: str, grid: int) -> Callable[[Results], float | None]:
    """Find heatgrid's nanoseconds per shape."""
    return lambda results: results.time("kernel", job, grid=grid)


def unit_time(job: str, grid: int) -> Callable[[Results], float | None]:
    """Find heatgrid's nanoseconds per vertex or row crossing."""
    return lambda results: results.unit_time("kernel", job, grid)


def ratio(job: str, grid: int, *names: str) -> Callable[[Results], float | None]:
    """Find the ratio of the fastest peer's time to heatgrid's."""

    def find(results: Results) -> float | None:
        own = results.time("kernel", job, grid=grid)
        found = [results.time("kernel", job, name, grid) for name in names]
        times = [time for time in found if time is not None]
        return min(times) / own if own and times else None

    return find


def between(
    section: str, numerator: str, denominator: str, grid: int = 100
) -> Callable[[Results], float | None]:
    """Find the ratio of two rows of a section on growth."""

    def find(results: Results) -> float | None:
        above = results.time(section, numerator, grid=grid)
        below = results.time(section, denominator, grid=grid)
        return above / below if above and below else None

    return find


def grid_growth(results: Results) -> float | None:
    """Find the ratio of the time per box on 2000² to that on 100²."""
    far, near = results.time("kernel", "boxes", grid=2000), results.time("kernel", "boxes", grid=100)
    return far / near if far and near else None


def fact(*names: str) -> Callable[[Results], float | None]:
    """Find the largest of several facts."""
    return lambda results: max((results.facts[name] for name in names if name in results.facts), default=None)


def live(side: str) -> Callable[[Results], float | None]:
    """Find a side's milliseconds per frame in the live table."""

    def find(results: Results) -> float | None:
        found = results.time("live", side, side, bench_live.HEIGHT)
        return None if found is None else found / 1e6

    return find


def live_ratio(side: str, own: str) -> Callable[[Results], float | None]:
    """Find the ratio of a side's time to that of one of heatgrid's sides."""

    def find(results: Results) -> float | None:
        above, below = live(side)(results), live(own)(results)
        return above / below if above and below else None

    return find


MEMORY = [
    f"peak memory / result, {job}, {threads}"
    for job in ("boxes", "polygons")
    for threads in ("1 thread", "2 threads")
]
LIVE, LIVE_UPDATE, LIVE_DRAW = (
    f"heatgrid, {what}" for what in (bench_live.PROCESS, bench_live.UPDATE, bench_live.DRAW)
)
TARGETS = (
    *(Target(f"a box on {grid}²", 4, time("boxes", grid), "ns", at_most=True) for grid in (10, 100, 640)),
    *(
        Target(f"boxes on {grid}², numpy corner differences", 8, ratio("boxes", grid, *CORNERS))
        for grid in (10, 100, 640)
    ),
    Target("boxes on 10², pure Python", 1_000, ratio("boxes", 10, "pure Python")),
    Target("boxes on 100², pure Python", 5_000, ratio("boxes", 100, "pure Python")),
    Target("a box on 2000², relative to 100²", 4, grid_growth, at_most=True),
    *(
        Target(f"a vertex or row crossing on {grid}²", 2.5, unit_time("polygons", grid), "ns", at_most=True)
        for grid in (10, 100, 640, 1000)
    ),
    Target("polygons on 10², datashader", 15, ratio("polygons", 10, "datashader")),
    Target("polygons on 100², datashader", 30, ratio("polygons", 100, "datashader")),
    Target("polygons on 640², datashader", 100, ratio("polygons", 640, "datashader")),
    Target(
        "boxes on 100², two threads",
        1.8,
        between("threads", "boxes, 100², 1 thread", "boxes, 100², 2 threads"),
    ),
    Target(
        "polygons on 100², two threads",
        1.8,
        between("threads", "polygons, 100², 1 thread", "polygons, 100², 2 threads"),
    ),
    Target("masks on 100², pycocotools", 50, ratio("masks", 100, "pycocotools")),
    Target(
        "boxes, union per image, relative to instances",
        3,
        between("modes", "boxes, images", "boxes, instances"),
        at_most=True,
    ),
    Target(
        "polygons, union per image, relative to instances",
        3,
        between("modes", "polygons, images", "polygons, instances"),
        at_most=True,
    ),
    Target("exact area on 100², exactextract", 10, ratio("areas", 100, "exactextract")),
    Target("80 classes on 2000², memory relative to the result", 1.5, fact(*MEMORY), at_most=True),
    Target("COCO file to counts, json.load alone", 12, fact("COCO, json.load / heatgrid")),
    Target("COCO file to counts, pycocotools' COCO() alone", 12, fact("COCO, COCO() / heatgrid")),
    Target(
        "COCO file to counts, memory relative to the file", 2.2, fact("COCO, memory / file"), at_most=True
    ),
    *(
        Target(
            f"20 000 YOLO files of {kind}, relative to opening and reading them",
            2,
            fact(f"YOLO {kind}, heatgrid / open and read"),
            at_most=True,
        )
        for kind in ("boxes", "polygons")
    ),
    Target("overview, relative to a map", 2, fact("overview / map"), at_most=True),
    Target("overview, lightly-insights' analysis", 15, fact("lightly-insights / overview")),
    Target("live update, 1080p, 50 boxes", 0.2, live(LIVE_UPDATE), "ms", at_most=True),
    Target("live draw, 1080p", 2, live(LIVE_DRAW), "ms", at_most=True),
    Target("live, supervision", 25, live_ratio(bench_live.SUPERVISION, LIVE)),
    Target("live, Ultralytics 8.2", 75, live_ratio(bench_live.ULTRALYTICS, LIVE)),
    Target("live, Ultralytics 8.2, for compat", 50, live_ratio(bench_live.ULTRALYTICS, bench_live.COMPAT)),
    Target("live, as described for compat", 50, live_ratio(bench_live.DESCRIBED, bench_live.COMPAT)),
    Target(
        "import heatgrid, relative to import numpy", 1.3, fact("import heatgrid / import numpy"), at_most=True
    ),
    Target("wheel", 1, fact("wheel, MB"), "MB", at_most=True),
)


def table(results: Results) -> Table | None:
    """Return the table of the targets that this run measured."""
    rows = [target.row(results) for target in TARGETS if target.find(results) is not None]
    note = "Ratios are the peer's time over heatgrid's, unless the row says *relative to*."
    return Table("Targets", note, ("", "target", "measured", "met"), rows) if rows else None
