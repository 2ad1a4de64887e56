"""Growth of heatgrid's time with the number, size and detail of shapes, the grid, threads and options."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench import subject, workloads
from bench.measure import PROCESSOR, WALL, Side, alternate
from bench.results import HEATGRID, TIMES, Results, Settings, Table, number
from bench.two_processes import at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.workloads import Polygons

GRIDS = (10, 100, 640, 1000, 2000)
BOTH = ("boxes", "polygons")


@dataclass(frozen=True)
class Case:
    """One row: a workload on a grid, with options."""

    label: str
    job: str
    workload: Any
    grid: int = 100
    options: dict[str, Any] = field(default_factory=dict)
    processes: int = 1

    @property
    def unit(self) -> float:
        """Vertices and row crossings per polygon; 1 per box."""
        if self.job == "boxes":
            return 1.0
        polygons: Polygons = self.workload
        return polygons.work(self.grid)


def workload(job: str, settings: Settings, n: int | None = None, **options: Any) -> Any:
    """Generate n boxes or polygons, by default as many as in the settings."""
    size = n or (settings.boxes if job == "boxes" else settings.polygons)
    draw: Callable[..., Any] = workloads.boxes if job == "boxes" else workloads.polygons
    return draw(size, **options)


def by_number(settings: Settings) -> Iterator[Case]:
    """Vary the number of shapes."""
    for job in BOTH:
        largest = settings.boxes if job == "boxes" else settings.polygons
        for n in (10, 100, 1_000, 10_000, 100_000, 1_000_000):
            if n <= largest:
                yield Case(f"{n:,} {job}".replace(",", " "), job, workload(job, settings, n))


def by_grid(settings: Settings) -> Iterator[Case]:
    """Vary the grid."""
    for job in BOTH:
        for grid in GRIDS:
            yield Case(f"{job}, {grid}²", job, workload(job, settings), grid)


def by_size(settings: Settings) -> Iterator[Case]:
    """Vary the size of shapes."""
    for job in BOTH:
        for side in (0.01, 0.03, 0.11, 0.3, 0.8):
            shapes = workload(job, settings, median_side=side)
            yield Case(f"{job}, median side {side:.0%}", job, shapes)


def by_vertices(settings: Settings) -> Iterator[Case]:
    """Vary the number of vertices."""
    for vertices in (4, 8, 24, 100, 400):
        shapes = workload("polygons", settings, settings.polygons * 10 // (vertices + 20), vertices=vertices)
        yield Case(f"{vertices} vertices", "polygons", shapes)


def by_ties(settings: Settings) -> Iterator[Case]:
    """Compare random shapes with shapes whose edges or vertices all lie exactly on cell centers."""
    for job in BOTH:
        free = workload(job, settings)
        yield Case(f"{job}, random", job, free, 640)
        yield Case(f"{job}, all on cell centers", job, workloads.on_centers(free, 640), 640)


def by_threads(settings: Settings) -> Iterator[Case]:
    """Compare one thread with two, and with two processes, the limit of the machine."""
    for job in BOTH:
        shapes = workload(job, settings, min(1_000_000, settings.boxes) if job == "boxes" else None)
        for grid in (100, 640):
            for threads in (1, 2):
                label = f"{job}, {grid}², {threads} thread{'s' if threads > 1 else ''}"
                yield Case(label, job, shapes, grid, {"threads": threads})
            yield Case(f"{job}, {grid}², 2 processes at once", job, shapes, grid, processes=2)


def by_mode(settings: Settings) -> Iterator[Case]:
    """Compare the counting modes."""
    modes: dict[str, dict[str, Any]] = {
        "instances": {},
        "images": {"count": "images", "images": True},
        "weights": {"weights": True},
        "80 classes": {"labels": True, "classes": workloads.CLASSES},
    }
    for job in BOTH:
        for name, options in modes.items():
            yield Case(f"{job}, {name}", job, workload(job, settings), 100, options)


def by_rule(settings: Settings) -> Iterator[Case]:
    """Compare the hit rules."""
    for job in BOTH:
        for rule in ("center", "touch", "point", "area"):
            yield Case(f"{job}, {rule}", job, workload(job, settings), 100, {"rule": rule})


def by_class_grids(settings: Settings) -> Iterator[Case]:
    """Measure the largest result: 80 class grids of 2000², 2.6 GB."""
    labels = {"labels": True, "classes": workloads.CLASSES}
    for job in BOTH:
        yield Case(f"{job}, 2000², one grid", job, workload(job, settings), 2000)
        yield Case(f"{job}, 2000², 80 classes", job, workload(job, settings), 2000, labels)


UNIT = "vertex + row crossing"
SECTIONS: dict[str, tuple[str, str, Callable[[Settings], Iterator[Case]]]] = {
    "number": ("Growth with the number of shapes", "On 100².", by_number),
    "grid": ("Growth with the grid", "", by_grid),
    "size": ("Growth with the size of the shapes", "On 100².", by_size),
    "vertices": ("Growth with the vertices of a polygon", "On 100².", by_vertices),
    "ties": ("Ties", "On 640². The exact expression decides every tie.", by_ties),
    "threads": (
        "Threads",
        "Wall time. Two independent processes show the limit of the machine.",
        by_threads,
    ),
    "modes": ("Counting modes", "On 100².", by_mode),
    "rules": ("Hit rules", "On 100².", by_rule),
    "planes": ("Large results", "The time includes allocating the result.", by_class_grids),
}


def run(section: str, settings: Settings, results: Results) -> None:
    """Measure all cases of a section in one round, and add its table."""
    title, note, make = SECTIONS[section]
    cases, sides = [], []
    for case in make(settings):
        try:
            call = subject.prepare(case.job, case.workload, case.grid, **case.options)
        except subject.UnsupportedError as error:
            results.missing.append(f"{title}, {case.label}: {error}")
            continue
        cases.append(case)
        if case.processes == 2:
            call = at_once(call)
        sides.append(Side(HEATGRID, call, case.processes * len(case.workload)))
    clock = WALL if section == "threads" else PROCESSOR
    rows: list[list[str]] = []
    first: dict[str, float] = {}
    for case, timing in zip(cases, alternate(sides, settings.repetitions, clock), strict=True):
        results.add(section, case.label, case.grid, timing, case.unit)
        base = first.setdefault(case.job, timing.per_shape)
        each = number(timing.per_shape / case.unit) if case.job == "polygons" else ""
        rows.append([case.label, number(timing.per_shape), each, f"{timing.per_shape / base:.2f}"])
    if rows:
        header = ("heatgrid", "ns per shape", f"ns per {UNIT}", f"{TIMES} the first")
        results.tables.append(Table(title, note, header, rows))
