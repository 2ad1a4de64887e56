"""Very many boxes on several processes: ``python -m bench.scale_out --boxes 1e9``, with ``heatgrid[dask]``.

Parquet shards are made once, of boxes like COCO's, and given to Dask as often as it takes to make so many.
Printed are boxes a second, of all processes and of one without Dask, the memory of each worker, and whether
the map is the sum of its parts: each shard counted alone, as often as it was given.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import machine, workloads

if TYPE_CHECKING:
    import heatgrid as hg

SHARDS = 5
ROW_GROUP = 500_000
AXES = ("x1", "y1", "x2", "y2")
CLASSES = tuple(f"class {i}" for i in range(workloads.CLASSES))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale_out", description=__doc__)
    parser.add_argument("--boxes", type=float, default=1e8, help="how many in all (default: 1e8)")
    parser.add_argument("--processes", type=int, default=2, help="workers of one thread (default: 2)")
    parser.add_argument("--shard", type=float, default=2e6, help="boxes in each of five files (default: 2e6)")
    parser.add_argument("--grid", type=int, default=100, help="cells along each side (default: 100)")
    return parser.parse_args()


def write_shards(folder: Path, boxes: int) -> None:
    """Write the shards: float32 corners, as detectors give them, and a class."""
    import pyarrow as pa
    from pyarrow import parquet

    for i in range(SHARDS):
        made = workloads.boxes(boxes, seed=workloads.SEED + i)
        corners = made.xyxy.astype(np.float32)
        columns: dict[str, Any] = {name: corners[:, k] for k, name in enumerate(AXES)}
        columns["label"] = made.tags.labels.astype(np.int8)
        parquet.write_table(pa.table(columns), folder / f"{i}.parquet", row_group_size=ROW_GROUP)


def status(name: str) -> float:
    """Return a line of this process's memory, in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def times(heat: hg.Heatmap, count: int) -> hg.Heatmap:
    """Return a map added to itself, so that it is there so many times."""
    many = heat.copy()
    many.fill(heat.by_class * count)
    return many


def main() -> None:
    """Make shards, count them with and without Dask, and print what it took."""
    from distributed import Client, LocalCluster
    from pyarrow import dataset

    from heatgrid import distributed as scale
    from heatgrid.distributed.shares import pieces_of

    options = parse()
    columns = scale.Columns(boxes=AXES, label="label")
    with tempfile.TemporaryDirectory() as name:
        write_shards(Path(name), int(options.shard))
        pieces, rows = pieces_of(name)
        repeats = max(1, round(options.boxes / sum(rows)))
        boxes = repeats * sum(rows)
        begun, worked = time.perf_counter(), time.process_time()
        parts = [scale.count_fragments([piece], columns, options.grid, classes=CLASSES) for piece in pieces]
        alone, work = time.perf_counter() - begun, time.process_time() - worked
        expected = times(scale.merge(parts), repeats)
        files = [str(path) for path in sorted(Path(name).iterdir())] * repeats
        cluster_options: dict[str, Any] = {"n_workers": options.processes, "threads_per_worker": 1}
        with LocalCluster(**cluster_options, dashboard_address=None) as cluster, Client(cluster) as client:
            before = client.run(status, "VmRSS")
            begun = time.perf_counter()
            found = scale.from_parquet(dataset.dataset(files), columns, options.grid, classes=CLASSES)
            together = time.perf_counter() - begun
            peaks = client.run(status, "VmHWM")
    grid = f"{options.grid} x {options.grid} cells"
    print(f"machine             {machine.describe()[0]}")
    print(f"boxes               {boxes:,} of {workloads.CLASSES} classes on {grid}")
    print(f"a core              {sum(rows) / work / 1e6:.1f} million boxes a second of its own time")
    print(f"one process         {sum(rows) / alone / 1e6:.1f} million boxes a second, without Dask")
    print(f"{options.processes} processes         {boxes / together / 1e6:.1f} million boxes a second")
    print(f"                    {together:.1f} s in all, the imports of the workers among it")
    for worker, peak in peaks.items():
        print(f"memory of a worker  {before[worker]:.0f} MB before, {peak:.0f} MB at its peak")
    print(f"a map's memory      {expected.by_class.nbytes / 2**20:.1f} MB")
    print(f"sum of the parts    {'equal' if found == expected else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
