"""Maps of many files and of Dask collections, counted on Dask and added up as a tree."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, Unpack

from heatgrid.core.arguments import available_cores
from heatgrid.datasets import CountKeywords, check_found, parse_options
from heatgrid.distributed.shares import (
    BATCH_ROWS,
    Kind,
    MapOptions,
    count_arrays,
    count_files,
    count_fragments,
    count_tables,
    merge,
    merge_files,
    pieces_of,
)
from heatgrid.errors import require
from heatgrid.heatmap import Heatmap
from heatgrid.io.npz import stamp_of
from heatgrid.io.read import Source, paths_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from heatgrid.core.spec import Grid
    from heatgrid.distributed.columns import Columns
    from heatgrid.io.registry import FormatName

FAN_IN = 4
"""Maps that are added up at a time."""

_PARTITIONS_PER_CORE = 2


def heatmap(
    source: Source,
    grid: Grid | None = None,
    *,
    format: FormatName | None = None,  # noqa: A002
    by_class: bool = True,
    partitions: int | None = None,
    fan_in: int = FAN_IN,
    **options: Unpack[CountKeywords],
) -> Heatmap:
    """Read and count many files of any format on Dask, as `heatgrid.heatmap` does on its own.

    Parameters
    ----------
    source
        Files and folders; each is read by one worker, so pass many files separately. All workers must see
        them under these names.
    grid, format, by_class, **options
        As in `heatgrid.heatmap`.
    partitions
        Number of shares, each counted into one map; None: two per core.
    fan_in
        Number of maps added up at a time.

    Returns
    -------
    Heatmap
        Equal to that of `heatgrid.heatmap`, up to rounding of areas.

    Raises
    ------
    FormatError
        None of the files can be read, or, with ``on_error="raise"``, the first error.
    TypeError, ValueError
        As in `heatgrid.heatmap`.
    """
    delayed = require("dask", "dask").delayed
    spec, chosen = parse_options(grid, **options)
    paths = [str(path) for path in paths_of(source)]
    sizes = [stamp_of(path)[1] for path in paths]
    count = delayed(count_files, pure=False, traverse=False)
    shares = [
        count([paths[i] for i in share], spec, chosen, format=format, by_class=by_class)
        for share in share_out(sizes, _parts(partitions))
    ]
    total = tree_sum(shares, fan_in, merge_files).compute()
    if total.first is not None and not total.read:
        raise total.first
    check_found(total.counts.report, chosen)
    return Heatmap.of(total.counts)


def from_parquet(
    source: Any,
    columns: Columns,
    grid: Grid = 100,
    *,
    filter: Any = None,  # noqa: A002 - as pyarrow calls it
    partitions: int | None = None,
    fan_in: int = FAN_IN,
    batch_rows: int = BATCH_ROWS,
    **options: Unpack[MapOptions],
) -> Heatmap:
    """Count Parquet files, or any other Arrow data set, on Dask.

    Parameters
    ----------
    source
        A path, several, or a ``pyarrow.dataset.Dataset``. Parquet files are divided by row groups.
    columns
        Names of the columns; no others are read.
    grid, **options
        As in `count_tables`.
    filter
        A pyarrow expression that selects rows.
    partitions
        Number of shares, each counted into one map; None: two per core.
    fan_in
        Number of maps added up at a time.
    batch_rows
        Maximum number of rows in a worker's memory, in addition to what pyarrow reads ahead.

    Raises
    ------
    TypeError, ValueError
        A column holds something else, or there are no rows.
    """
    delayed = require("dask", "dask").delayed
    pieces, rows = pieces_of(source, filter)
    if not pieces:
        raise ValueError("source must have rows to count, got none")
    count = delayed(count_fragments, pure=False, traverse=False)
    shares = [
        count([pieces[i] for i in share], columns, grid, filter=filter, batch_rows=batch_rows, **options)
        for share in share_out(rows, _parts(partitions))
    ]
    heat: Heatmap = tree_sum(shares, fan_in).compute()
    return heat


def from_dataframe(
    frame: Any,
    columns: Columns,
    grid: Grid = 100,
    *,
    partitions: int | None = None,
    fan_in: int = FAN_IN,
    **options: Unpack[MapOptions],
) -> Heatmap:
    """Count a Dask DataFrame, whose cells may hold arrays.

    Parameters are those of `from_parquet`.
    """
    chosen = frame[columns.names]
    return _chained(chosen.to_delayed(), _add_frame, partitions, fan_in, (columns, grid, options))


def from_bag(
    bag: Any,
    grid: Grid = 100,
    *,
    kind: Kind = "boxes",
    partitions: int | None = None,
    fan_in: int = FAN_IN,
    **options: Unpack[MapOptions],
) -> Heatmap:
    """Count a Dask bag of arrays.

    Parameters are those of `count_arrays` and `from_parquet`; the bag holds arrays or mappings.
    """
    return _chained(bag.to_delayed(), _add_arrays, partitions, fan_in, (grid, kind, options))


def _chained(parts: list[Any], add: Any, partitions: int | None, fan_in: int, arguments: Any) -> Heatmap:
    """Count a collection's partitions into few maps; each partition is added to the map of the one before."""
    delayed = require("dask", "dask").delayed
    if not parts:
        raise ValueError("a collection must have partitions to count, got none")
    step = delayed(add, pure=False)
    settings = delayed(arguments, traverse=False)
    ends = []
    for share in share_out([1] * len(parts), _parts(partitions)):
        heat = None
        for i in share:
            heat = step(heat, parts[i], settings)
        ends.append(heat)
    found: Heatmap = tree_sum(ends, fan_in, merge).compute()
    return found


def _add_frame(heat: Heatmap | None, frame: Any, arguments: Any) -> Heatmap:
    """Return a map with the rows of a pandas DataFrame added."""
    columns, grid, options = arguments
    table = require("pyarrow", "arrow").Table.from_pandas(frame, preserve_index=False)
    own = count_tables([table], columns, grid, threads=1, **options)
    return own if heat is None else heat + own


def _add_arrays(heat: Heatmap | None, arrays: Any, arguments: Any) -> Heatmap:
    """Return a map with arrays added."""
    grid, kind, options = arguments
    return count_arrays(arrays, grid, kind=kind, into=heat, **options)


def _parts(partitions: int | None) -> int:
    if partitions is None:
        return usual_partitions()
    if isinstance(partitions, bool) or not isinstance(partitions, int):
        raise TypeError(f"partitions must be an int or None, got {partitions!r}")
    if partitions < 1:
        raise ValueError(f"partitions must be at least 1, got {partitions}")
    return partitions


def tree_sum(maps: Iterable[Any], fan_in: int = FAN_IN, merge: Callable[[Any], Any] = merge) -> Any:
    """Return the sum of at least one Dask ``Delayed`` map as a ``Delayed`` map.

    A worker's memory holds ``fan_in`` maps and their sum. ``merge`` adds up a list of maps without changing
    them, since Dask repeats the task if a worker is lost.
    """
    delayed = require("dask", "dask").delayed
    if fan_in < 2:
        raise ValueError(f"fan_in must be at least 2, got {fan_in}")
    level = list(maps)
    if not level:
        raise ValueError("maps must be at least one: the sum of none has no grid")
    add = delayed(merge, pure=False)
    while len(level) > 1:
        level = [add(level[i : i + fan_in]) for i in range(0, len(level), fan_in)]
    return level[0]


def share_out(sizes: Sequence[int], parts: int) -> list[list[int]]:
    """Divide the indices of ``sizes``, in order, into at most ``parts`` lists of about equal size."""
    total = sum(sizes) or 1
    shares: list[list[int]] = [[] for _ in range(max(1, min(parts, len(sizes))))]
    for number, (size, end) in enumerate(zip(sizes, accumulate(sizes), strict=True)):
        middle = end - size / 2
        shares[min(len(shares) - 1, int(middle * len(shares) / total))].append(number)
    return [share for share in shares if share]


def usual_partitions() -> int:
    """Return two partitions per core of the current cluster, or of this machine."""
    try:
        client: Any = require("distributed", "dask").default_client()
    except (ImportError, ValueError):  # no cluster
        cores = available_cores()
    else:
        cores = sum(client.nthreads().values())
    return max(1, _PARTITIONS_PER_CORE * cores)
