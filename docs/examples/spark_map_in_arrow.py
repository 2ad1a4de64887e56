"""Count a table on Spark: spark-submit spark_map_in_arrow.py TABLE OUT.npz."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyarrow as pa

from heatgrid import Heatmap
from heatgrid.distributed import Columns, count_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COLUMNS = Columns(boxes=("x1", "y1", "x2", "y2"), label="label")
CLASSES = ("ant", "bee", "cat", "dog")


def count_partition(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Count a partition into one map, and return it as one row of bytes."""
    heat = count_tables(batches, COLUMNS, 100, classes=CLASSES, threads=1)
    yield pa.RecordBatch.from_pydict({"map": [heat.to_bytes()]})


def add(first: bytes, second: bytes) -> bytes:
    """Add two maps."""
    return (Heatmap.from_bytes(first) + Heatmap.from_bytes(second)).to_bytes()


def main(table: str, output: str) -> None:
    """Count every partition on its worker, and add the maps as a tree."""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    frame = spark.read.parquet(table).select(*COLUMNS.names)
    maps = frame.mapInArrow(count_partition, "map binary").rdd.map(lambda row: bytes(row["map"]))
    Heatmap.from_bytes(maps.treeReduce(add)).save(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
