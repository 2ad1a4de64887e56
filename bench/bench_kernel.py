"""Counting compared with the peers: every shape, every grid, all sides in one round."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench import mask_workload, peers, subject, workloads
from bench.mask_workload import Masks
from bench.measure import Side, Timing, alternate, fit, read_once
from bench.results import HEATGRID, TIMES, Results, Settings, Table, number
from bench.workloads import Polygons

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.peers import Peer

LIMIT = "read once"
GRIDS = {
    "boxes": (10, 100, 640, 1000, 2000),
    "polygons": (10, 100, 640, 1000, 2000),
    "masks": (10, 100, 640),
    "areas": (10, 100, 640),
}
NOTE = (
    "Nanoseconds {each}; the round brackets contain the ratio to heatgrid's time. A slow peer was timed on "
    "fewer shapes (square brackets), spread evenly over all sizes. *{limit}* is the time to read the input; "
    "its brackets contain the ratio of heatgrid's time to it."
)
EACH = {"boxes": "per box", "polygons": "per polygon", "masks": "per mask", "areas": "per polygon"}
TITLES = {
    "boxes": "Boxes",
    "polygons": "Polygons",
    "masks": "Masks, from COCO's compressed run lengths",
    "areas": "Polygons, exact covered area",
}


def load(job: str, settings: Settings) -> Any:
    """Generate the workload of a job."""
    if job == "boxes":
        return workloads.boxes(settings.boxes)
    if job == "masks":
        return mask_workload.masks(settings.masks)
    return workloads.polygons(settings.polygons)


def run(job: str, settings: Settings, results: Results) -> None:
    """Measure one job on all its grids, and add its table."""
    workload = load(job, settings)
    columns: dict[str, dict[int, Timing]] = {}
    for grid in GRIDS[job]:
        for timing in alternate(list(sides(job, workload, grid, settings, results)), settings.repetitions):
            results.add("kernel", job, grid, timing, work(workload, grid))
            columns.setdefault(timing.side, {})[grid] = timing
    if HEATGRID not in columns:
        return
    rows = [[name, *cells(columns, name, job)] for name in order(columns)]
    rows += [[peer.name, "not installed"] for peer in peers.for_job(job) if not peer.is_installed()]
    width = len(GRIDS[job]) + 1
    count = f"{len(workload):,}".replace(",", " ")
    results.tables.append(
        Table(
            title=f"{TITLES[job]} ({count} of them)",
            note=NOTE.format(each=EACH[job], limit=LIMIT),
            header=[f"ns {EACH[job]}", *(f"{grid}²" for grid in GRIDS[job])],
            rows=[row + [""] * (width - len(row)) for row in rows],
        )
    )


def sides(job: str, workload: Any, grid: int, settings: Settings, results: Results) -> list[Side]:
    """Prepare heatgrid, the physical limit, and every installed peer for this grid."""
    try:
        call = subject.prepare(job, workload, grid)
    except subject.UnsupportedError as error:
        results.missing.append(f"{TITLES[job]} on {grid}²: {error}")
        return []
    ready = [Side(HEATGRID, call, len(workload)), read_once(workload)]
    return ready + [
        fit(peer.name, preparation(peer, grid), workload, settings.budget, settings.fewest)
        for peer in peers.for_job(job)
        if grid <= peer.largest and peer.is_installed()
    ]


def preparation(peer: Peer, grid: int) -> Callable[[Any], Callable[[], object]]:
    """Return a peer's preparation for one grid."""
    return lambda workload: peer.prepare(workload, grid)


def work(workload: Any, grid: int) -> float:
    """Return vertices and row crossings per polygon, runs per mask, or 1 per box."""
    if isinstance(workload, Polygons):
        return workload.work(grid)
    return len(workload.counts) / len(workload) if isinstance(workload, Masks) else 1.0


def order(columns: dict[str, dict[int, Timing]]) -> list[str]:
    """Sort the sides: heatgrid, the limit, then the peers, slowest first."""
    rest = [name for name in columns if name not in {HEATGRID, LIMIT}]
    rest.sort(key=lambda name: -columns[name][min(columns[name])].per_shape)
    return [HEATGRID, LIMIT, *rest]


def cells(columns: dict[str, dict[int, Timing]], name: str, job: str) -> list[str]:
    """Return the row of one side."""
    texts = []
    for grid in GRIDS[job]:
        timing, own = columns[name].get(grid), columns[HEATGRID].get(grid)
        if timing is None or own is None:
            texts.append("")
            continue
        text = number(timing.per_shape)
        if name == LIMIT:
            text += f" ({number(own.per_shape / timing.per_shape)}{TIMES} longer)"
        elif name != HEATGRID:
            text += f" ({number(timing.per_shape / own.per_shape)}{TIMES})"
        if timing.shapes < own.shapes:
            text += f" [{timing.shapes:,}]".replace(",", " ")
        texts.append(text)
    return texts
