"""Targets, and their values in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import bench_live
from bench.results import TIMES, Results, Table, number

if TYPE_CHECKING:
    from collections.abc import Callable


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


def at_most(what: str, bound: float, name: str, unit: str = TIMES) -> Target:
    """Return the target that a fact is at most ``bound``."""
    return Target(what, bound, fact(name), unit, at_most=True)


def relative(what: str, bound: float, section: str, numerator: str, denominator: str) -> Target:
    """Return the target that a row of a section takes at most ``bound`` times another."""
    return Target(
        f"{what}, relative to the default", bound, between(section, numerator, denominator), at_most=True
    )


MEMORY = [
    f"peak memory / result, {job}, {threads}"
    for job in ("boxes", "polygons")
    for threads in ("1 thread", "2 threads")
]
LIVE, LIVE_UPDATE, LIVE_DRAW = (
    f"heatgrid, {what}" for what in (bench_live.PROCESS, bench_live.UPDATE, bench_live.DRAW)
)
TARGETS = (
    *(Target(f"a box on {grid}²", 5, time("boxes", grid), "ns", at_most=True) for grid in (10, 100, 640)),
    *(
        Target(f"boxes on {grid}², np.add.at", 7, ratio("boxes", grid, "numpy corners, add.at"))
        for grid in (10, 100, 640)
    ),
    Target("a box on 2000², relative to 100²", 4, grid_growth, at_most=True),
    *(
        Target(f"a vertex or row crossing on {grid}²", 6, unit_time("polygons", grid), "ns", at_most=True)
        for grid in (10, 100, 640, 1000)
    ),
    *(
        Target(f"polygons on {grid}², datashader", bound, ratio("polygons", grid, "datashader"))
        for grid, bound in ((10, 12), (100, 30), (640, 100))
    ),
    *(
        Target(
            f"{job} on 100², two threads",
            1.6,
            between("threads", f"{job}, 100², 1 thread", f"{job}, 100², 2 threads"),
        )
        for job in ("boxes", "polygons")
    ),
    Target("masks on 100², pycocotools", 50, ratio("masks", 100, "pycocotools")),
    *(
        relative(f"{job}, union per image", bound, "modes", f"{job}, images", f"{job}, instances")
        for job, bound in (("boxes", 5), ("polygons", 3))
    ),
    *(
        relative(f'boxes, rule="{rule}"', 3, "rules", f"boxes, {rule}", "boxes, center")
        for rule in ("touch", "point")
    ),
    Target("exact area on 100², exactextract", 10, ratio("areas", 100, "exactextract")),
    Target("80 classes on 2000², memory relative to the result", 1.5, fact(*MEMORY), at_most=True),
    Target("COCO file to counts, json.load alone", 14, fact("COCO, json.load / heatgrid")),
    Target("COCO file to counts, pycocotools' COCO() alone", 14, fact("COCO, COCO() / heatgrid")),
    at_most("COCO, memory relative to the file", 1.3, "COCO, memory / file"),
    at_most("COCO on two threads, relative to reading its bytes", 2.5, "COCO, 2 threads / read"),
    Target("COCO on two threads, one thread", 1.4, fact("COCO, 1 thread / 2")),
    Target("VOC in two processes, one process", 1.5, fact("VOC, 1 process / 2")),
    *(
        at_most(
            f"20 000 YOLO files of {kind}, relative to opening and reading them",
            1.3,
            f"YOLO {kind}, heatgrid / open and read",
        )
        for kind in ("boxes", "polygons")
    ),
    at_most("a million rows in memory", 0.15, "tables in memory, s per million rows", "s"),
    at_most("Parquet, relative to twice read_table + 0.15 s", 1, "Parquet / bound"),
    at_most("CSV, relative to twice the quicker of polars and pyarrow + 0.2 s", 1, "CSV / bound"),
    at_most("CSV, relative to csv.reader", 1, "CSV / csv.reader"),
    *(
        at_most(f"{name}, relative to {parser} alone", 1.3, f"{name} / parser alone")
        for name, parser in (
            ("VOC", "ElementTree"),
            ("LabelMe", "json.loads"),
            ("Supervisely", "json.loads"),
            ("CVAT", "ElementTree"),
            ("Label Studio", "json.loads"),
        )
    ),
    at_most("label images, relative to decoding them", 1.2, "masks / decoding"),
    at_most("count_boxes of ten boxes", 10, "count_boxes, us", "us"),
    at_most("add of a detector's ten boxes", 60, "add, us", "us"),
    at_most("save of a PNG file", 30, "save, ms", "ms"),
    at_most("overview, relative to a map", 2, "overview / map"),
    Target("map of COCO boxes, lightly-insights' analysis", 30, fact("lightly-insights / map")),
    Target("overview, lightly-insights' analysis", 15, fact("lightly-insights / overview")),
    Target("live update, 1080p, 50 boxes", 0.2, live(LIVE_UPDATE), "ms", at_most=True),
    Target("live draw, 1080p", 2, live(LIVE_DRAW), "ms", at_most=True),
    Target("live, supervision", 25, live_ratio(bench_live.SUPERVISION, LIVE)),
    Target("live, Ultralytics 8.2", 75, live_ratio(bench_live.ULTRALYTICS, LIVE)),
    Target("live, Ultralytics 8.2, for compat", 50, live_ratio(bench_live.ULTRALYTICS, bench_live.COMPAT)),
    Target("live, as described for compat", 50, live_ratio(bench_live.DESCRIBED, bench_live.COMPAT)),
    at_most("heatgrid video, relative to decoding and encoding", 1.1, "video / decoding and encoding"),
    at_most("import heatgrid, relative to import numpy", 1.2, "import heatgrid / import numpy"),
    at_most("heatgrid --help, relative to a process that imports numpy", 1.3, "help / numpy"),
    at_most("heatgrid map of a tiny file to PNG, likewise", 3, "map / numpy"),
    at_most("wheel", 1.2, "wheel, MB", "MB"),
)


def table(results: Results) -> Table | None:
    """Return the table of the targets that this run measured."""
    rows = [target.row(results) for target in TARGETS if target.find(results) is not None]
    note = "Ratios are the peer's time over heatgrid's, unless the row says *relative to*."
    return Table("Targets", note, ("", "target", "measured", "met"), rows) if rows else None
