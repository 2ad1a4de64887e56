"""Counting beyond one machine: plain functions that count a share of the work, and their sum on Dask.

A map is a commutative monoid, so that shares can be counted anywhere and added up in any order. What is
particular about maps is that they are large and few: a share is therefore folded into one map, batch by
batch, and never a map made of each batch. A worker's memory is bounded by a batch and the maps that it holds,
one while it counts and ``fan_in`` while it adds up, however much data there is.

`count_tables`, `count_fragments` and `count_arrays` count a share, and so does `heatgrid.heatmap` of files;
they know no framework, and neither does `Heatmap`, which can be pickled, becomes bytes and is made of bytes.
`heatmap`, `from_parquet`, `from_bag` and `from_dataframe` do all of it on Dask, on the machine's own cores or
on a cluster: the extra ``heatgrid[dask]``.
"""

from heatgrid.distributed.columns import Columns
from heatgrid.distributed.shares import count_arrays, count_fragments, count_tables, merge
from heatgrid.distributed.sources import from_bag, from_dataframe, from_parquet, heatmap
from heatgrid.distributed.trees import tree_sum

__all__ = [
    "Columns",
    "count_arrays",
    "count_fragments",
    "count_tables",
    "from_bag",
    "from_dataframe",
    "from_parquet",
    "heatmap",
    "merge",
    "tree_sum",
]
