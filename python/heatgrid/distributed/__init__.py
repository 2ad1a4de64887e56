"""Counting beyond one machine: functions that count a share of the work, and their sum on Dask.

Maps can be counted anywhere and added up in any order, but they are large. Each share is therefore counted
into one map, batch by batch. A worker's memory is bounded by one batch and the maps that it holds: one while
it counts, ``fan_in`` while it adds up.

`count_tables`, `count_fragments` and `count_arrays` count a share, and so does `heatgrid.heatmap` for files;
they need no framework, and a `Heatmap` can be pickled and converted to and from bytes. `heatmap`,
`from_parquet`, `from_bag` and `from_dataframe` do all of it on Dask, on this machine's cores or on a cluster
(the extra ``heatgrid[dask]``).
"""

from heatgrid.distributed.dask import from_bag, from_dataframe, from_parquet, heatmap, tree_sum
from heatgrid.distributed.shares import Columns, count_arrays, count_fragments, count_tables, merge

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


def __dir__() -> list[str]:
    return sorted(__all__)
