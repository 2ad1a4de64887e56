"""Maps of what lies in many files, or in Dask's own collections, counted on Dask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heatgrid.datasets import check_found, parse_options
from heatgrid.distributed.shares import (
    BATCH_ROWS,
    count_arrays,
    count_files,
    count_fragments,
    count_tables,
    merge,
    merge_files,
    pieces_of,
)
from heatgrid.distributed.trees import FAN_IN, share_out, tree_sum, usual_partitions
from heatgrid.errors import require
from heatgrid.heatmap import Heatmap
from heatgrid.io.checkpoint import stamp_of
from heatgrid.io.read import paths_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from heatgrid.core.spec import Grid
    from heatgrid.distributed.columns import Columns
    from heatgrid.io.read import Source


def heatmap(
    source: Source,
    grid: Grid | None = None,
    *,
    splits: Iterable[str] | None = None,
    partitions: int | None = None,
    fan_in: int = FAN_IN,
    **options: Any,
) -> Heatmap:
    """Read and count many files of any format on Dask, as `heatgrid.heatmap` does on its own.

    Parameters
    ----------
    source
        Files and folders; each is read by one worker, so that many files are better given one by one. All
        workers must see them under these names.
    grid, splits
        As in `heatgrid.heatmap`.
    partitions
        Into how many shares the files are divided, each counted into one map; two a core unless given.
    fan_in
        How many maps are added up at a time.
    **options
        Further options of `heatgrid.heatmap` and `heatgrid.read`.

    Returns
    -------
    Heatmap
        Equal to what `heatgrid.heatmap` counts; of areas and weights, but for rounding.

    Raises
    ------
    FormatError
        None of the files can be read, or, with ``on_error="raise"``, the first error.
    TypeError, ValueError
        As in `heatgrid.heatmap`.
    """
    delayed = require("dask", "dask").delayed
    reading = {"format": options.pop("format", None), "by_class": options.pop("by_class", True)}
    spec, chosen = parse_options(grid, splits=splits, **options)
    paths = [str(path) for path in paths_of(source)]
    sizes = [stamp_of(path)[1] for path in paths]
    count = delayed(count_files, pure=False, traverse=False)
    shares = [
        count([paths[i] for i in share], spec, chosen, **reading)
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
    **options: Any,
) -> Heatmap:
    """Count Parquet files, or any other Arrow data set, on Dask.

    Parameters
    ----------
    source
        A path, several, or a ``pyarrow.dataset.Dataset``. Parquet files are shared out by row groups.
    columns
        Which columns hold what; no other is read.
    grid, **options
        As in `count_tables`: ``classes``, ``rule``, ``count``, ``weighted``, ``large_box_ratio``.
    filter
        A pyarrow expression: only rows that it is true of are counted.
    partitions
        Into how many shares the rows are divided, each counted into one map; two a core unless given.
    fan_in
        How many maps are added up at a time.
    batch_rows
        The most rows that a worker has in memory at a time, besides what pyarrow reads ahead.

    Raises
    ------
    TypeError, ValueError
        A column holds something else than it should, or there is nothing to count.
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
    **options: Any,
) -> Heatmap:
    """Count a Dask DataFrame, whose cells may hold arrays.

    Parameters
    ----------
    frame
        A ``dask.dataframe.DataFrame``.
    columns, grid, partitions, fan_in, **options
        As in `from_parquet`.
    """
    chosen = frame[columns.names]
    return _chained(chosen.to_delayed(), _add_frame, partitions, fan_in, (columns, grid, options))


def from_bag(
    bag: Any,
    grid: Grid = 100,
    *,
    kind: str = "boxes",
    partitions: int | None = None,
    fan_in: int = FAN_IN,
    **options: Any,
) -> Heatmap:
    """Count a Dask bag of arrays.

    Parameters
    ----------
    bag
        A ``dask.bag.Bag`` of what `count_arrays` takes: arrays, or mappings of arguments.
    grid, kind, **options
        As in `count_arrays`.
    partitions, fan_in
        As in `from_parquet`.
    """
    return _chained(bag.to_delayed(), _add_arrays, partitions, fan_in, (grid, kind, options))


def _chained(parts: list[Any], add: Any, partitions: int | None, fan_in: int, arguments: Any) -> Heatmap:
    """Fold a collection's partitions into few maps: each is added to the map of the one before."""
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
