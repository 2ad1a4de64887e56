"""Count a data set on Ray: python ray_map_batches.py FOLDER OUT.npz."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyarrow as pa

from heatgrid import Heatmap
from heatgrid.distributed import Columns, count_tables, merge

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = Columns(boxes=("x1", "y1", "x2", "y2"), label="label")
CLASSES = ("ant", "bee", "cat", "dog")
ROWS = 5_000_000
"""Rows per map; counting them takes much longer than sending a map."""


def count_batch(batch: pa.Table) -> pa.Table:
    """Count a batch into one map, and return it as one row of bytes."""
    heat = count_tables([batch], COLUMNS, 100, classes=CLASSES, threads=1)
    return pa.table({"map": [heat.to_bytes()]})


def total_of(maps: Iterable[bytes]) -> Heatmap:
    """Add maps as they arrive; at most two are in memory at a time."""
    return merge(Heatmap.from_bytes(data) for data in maps)


def main(folder: str, output: str) -> None:
    """Count batches on the workers of Ray, and add the maps in this process."""
    import ray

    boxes = ray.data.read_parquet(folder, columns=COLUMNS.names)
    maps = boxes.map_batches(count_batch, batch_format="pyarrow", batch_size=ROWS)
    total_of(row["map"] for row in maps.iter_rows()).save(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
