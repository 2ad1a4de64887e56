"""Parquet shards of random boxes from a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.distributed import Columns

if TYPE_CHECKING:
    from pathlib import Path

CLASSES = ("ant", "bee", "cat", "dog")
COLUMNS = Columns(boxes=("x1", "y1", "x2", "y2"), label="label")


def boxes_of(seed: int, count: int) -> tuple[Any, Any]:
    """Return float32 boxes, shape (count, 4), and their labels."""
    random = np.random.default_rng(seed)
    corner = random.random((count, 2), dtype=np.float32)
    size = random.random((count, 2), dtype=np.float32) * np.float32(0.2)
    return np.concatenate([corner, corner + size], axis=1), random.integers(0, len(CLASSES), count)


def write_shards(folder: Path, shards: int, boxes: int, row_groups: int = 2) -> list[Path]:
    """Write shards with ``boxes`` boxes each."""
    import pyarrow as pa
    from pyarrow import parquet

    paths = []
    for i in range(shards):
        found, labels = boxes_of(i, boxes)
        columns = {name: found[:, k] for k, name in enumerate(("x1", "y1", "x2", "y2"))}
        table = pa.table(columns | {"label": labels, "unused": ["text"] * boxes})
        paths.append(folder / f"shard{i:03d}.parquet")
        parquet.write_table(table, paths[-1], row_group_size=-(-boxes // row_groups))
    return paths
