"""Very many boxes on several processes: ``python -m bench.scale_out --boxes 1e9``, with ``heatgrid[dask]``.

The program writes Parquet shards of boxes like those of COCO once, and passes them to Dask repeatedly until
the number is reached. It prints boxes per second of all processes and of one without Dask, the memory per
worker, and whether the map equals the sum of its parts, counted shard by shard.
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
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale_out", description=__doc__)
    parser.add_argument("--boxes", type=float, default=1e8, help="total number of boxes (default: 1e8)")
    parser.add_argument("--processes", type=int, default=2, help="workers with one thread each (default: 2)")
    parser.add_argument("--shard", type=float, default=2e6, help="boxes in each of five files (default: 2e6)")
    parser.add_argument("--grid", type=int, default=100, help="cells along each side (default: 100)")
    return parser.parse_args()


def write_shards(folder: Path, boxes: int) -> None:
    """Write the shards: float32 corners and a class per box."""
    import pyarrow as pa
    from pyarrow import parquet

    for i in range(SHARDS):
        made = workloads.boxes(boxes, seed=workloads.SEED + i)
        corners = made.xyxy.astype(np.float32)
        columns: dict[str, Any] = {name: corners[:, k] for k, name in enumerate(AXES)}
        columns["label"] = made.tags.labels.astype(np.int8)
        parquet.write_table(pa.table(columns), folder / f"{i}.parquet", row_group_size=ROW_GROUP)


def status(name: str) -> float:
    """Return a memory value of this process in megabytes."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def times(heat: hg.Heatmap, count: int) -> hg.Heatmap:
    """Return the sum of ``count`` copies of a map."""
    many = heat.copy()
    many.fill(heat.by_class * count)
    return many


def main() -> None:
    """Write shards, count them with and without Dask, and print the results."""
    from distributed import Client, LocalCluster
    from pyarrow import dataset

    from heatgrid.distributed import Columns, count_fragments, from_parquet, merge
    from heatgrid.distributed.dask import pieces_of

    options = parse()
    columns = Columns(boxes=AXES, label="label")
    with tempfile.TemporaryDirectory() as name:
        write_shards(Path(name), int(options.shard))
        pieces, rows = pieces_of(name)
        repeats = max(1, round(options.boxes / sum(rows)))
        boxes = repeats * sum(rows)
        begun, worked = time.perf_counter(), time.process_time()
        parts = [count_fragments([piece], columns, options.grid, classes=CLASSES) for piece in pieces]
        alone, work = time.perf_counter() - begun, time.process_time() - worked
        expected = times(merge(parts), repeats)
        files = [str(path) for path in sorted(Path(name).iterdir())] * repeats
        cluster_options: dict[str, Any] = {"n_workers": options.processes, "threads_per_worker": 1}
        with LocalCluster(**cluster_options, dashboard_address=None) as cluster, Client(cluster) as client:
            before = client.run(status, "VmRSS")
            begun = time.perf_counter()
            heat = from_parquet(dataset.dataset(files), columns, options.grid, classes=CLASSES)
            together = time.perf_counter() - begun
            peaks = client.run(status, "VmHWM")
    grid = f"{options.grid} x {options.grid} cells"
    print(f"machine             {machine.describe()[0]}")
    print(f"boxes               {boxes:,} of {workloads.CLASSES} classes on {grid}")
    print(f"a core              {sum(rows) / work / 1e6:.1f} million boxes per second of processor time")
    print(f"one process         {sum(rows) / alone / 1e6:.1f} million boxes per second, without Dask")
    print(f"{options.processes} processes         {boxes / together / 1e6:.1f} million boxes per second")
    print(f"                    {together:.1f} s in total, including imports of the workers")
    for worker, peak in peaks.items():
        print(f"memory per worker   {before[worker]:.0f} MB before, {peak:.0f} MB at the peak")
    print(f"memory of a map     {expected.by_class.nbytes / 2**20:.1f} MB")
    print(f"sum of the parts    {'equal' if heat == expected else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
