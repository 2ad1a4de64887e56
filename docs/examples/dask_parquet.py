"""Count Parquet files on Dask: python dask_parquet.py FOLDER OUT.npz [SCHEDULER]."""

from __future__ import annotations

import sys

from heatgrid.distributed import Columns, from_parquet

COLUMNS = Columns(boxes=("x1", "y1", "x2", "y2"), label="label")


def main(folder: str, output: str, scheduler: str | None = None) -> None:
    """Count on a cluster, or without a scheduler on the cores of this machine."""
    from distributed import Client

    with Client(scheduler) if scheduler else Client(threads_per_worker=1):
        heat = from_parquet(folder, COLUMNS, 100, classes=("ant", "bee", "cat", "dog"))
    heat.save(output)
    print(heat.stats())


if __name__ == "__main__":
    main(*sys.argv[1:])
