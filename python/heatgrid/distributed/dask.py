"""Maps of many files and of Dask collections, counted on Dask and added up as a tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Unpack

from heatgrid.core.arguments import available_cores
from heatgrid.core.report import describe
from heatgrid.core.spec import check_keywords
from heatgrid.distributed.shares import (
    BATCH_ROWS,
    ArrayKind,
    MapOptions,
    count_arrays,
    count_fragments,
    count_tables,
    merge,
)
from heatgrid.errors import FormatError, require
from heatgrid.heatmap import Heatmap
from heatgrid.io.checkpoint import stamp_of
from heatgrid.io.keywords import CountKeywords, check_found, name_of, new_counts, parse_options
from heatgrid.io.read import Source, paths_of
from heatgrid.io.read import read as read_sources

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Sequence

    from heatgrid.core.counts import Counts
    from heatgrid.core.spec import CountSpec, Grid
    from heatgrid.distributed.shares import Columns
    from heatgrid.io.options import ReadOptions
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
        As in `heatgrid.heatmap`; ``threads`` are those of each share, one by default.
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
    check_keywords(heatmap, options, CountKeywords)
    spec, chosen = parse_options(grid, **options)
    chosen = replace(chosen, threads=chosen.threads or 1)  # the shares use all cores
    paths = [str(path) for path in paths_of(source)]
    sizes = [stamp_of(path)[1] for path in paths]
    count = partial(count_files, spec=spec, options=chosen, format=format, by_class=by_class)
    total: FileShare = _count_shares(
        count, paths, sizes, partitions=partitions, fan_in=fan_in, merge=merge_files
    )
    if total.first is not None and not total.read:
        raise total.first
    check_found(total.counts.report, chosen)
    total.counts.report.name = name_of(paths)
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
    partitions, fan_in
        As in `heatmap`.
    batch_rows
        Maximum number of rows in a worker's memory, in addition to what pyarrow reads ahead.

    Raises
    ------
    TypeError, ValueError
        A column holds something else, or there are no rows.
    """
    pieces, rows = pieces_of(source, filter)
    if not pieces:
        raise ValueError("source must have rows to count, got none")
    chosen: dict[str, Any] = {"columns": columns, "grid": grid, "filter": filter, "batch_rows": batch_rows}
    count = partial(count_fragments, **chosen, **options)
    heat: Heatmap = _count_shares(count, pieces, rows, partitions=partitions, fan_in=fan_in, merge=merge)
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
    add = partial(_add_frame, columns=columns, grid=grid, **options)
    return _chained(frame[columns.names].to_delayed(), add, partitions, fan_in)


def from_bag(
    bag: Any,
    grid: Grid = 100,
    *,
    kind: ArrayKind = "boxes",
    partitions: int | None = None,
    fan_in: int = FAN_IN,
    **options: Unpack[MapOptions],
) -> Heatmap:
    """Count a Dask bag of arrays.

    Parameters are those of `count_arrays` and `from_parquet`; the bag holds arrays or mappings.
    """
    add = partial(_add_arrays, grid=grid, kind=kind, **options)
    return _chained(bag.to_delayed(), add, partitions, fan_in)


def _count_shares(
    count: Any, items: list[Any], sizes: list[int], *, partitions: int | None, fan_in: int, merge: Any
) -> Any:
    """Return the merged results of ``count``, called with lists of items of about equal total size."""
    task = require("dask", "dask").delayed(count, pure=False, traverse=False)
    shares = [task([items[i] for i in share]) for share in share_out(sizes, _parts(partitions))]
    return tree_sum(shares, fan_in, merge).compute()


def _chained(parts: list[Any], add: Any, partitions: int | None, fan_in: int) -> Heatmap:
    """Count a collection's partitions into few maps; each partition is added to the map of the one before."""
    if not parts:
        raise ValueError("a collection must have partitions to count, got none")
    step = require("dask", "dask").delayed(add, pure=False)
    ends = []
    for share in share_out([1] * len(parts), _parts(partitions)):
        heat = None
        for i in share:
            heat = step(heat, parts[i])
        ends.append(heat)
    found: Heatmap = tree_sum(ends, fan_in).compute()
    return found


def _add_frame(heat: Heatmap | None, frame: Any, **options: Any) -> Heatmap:
    """Return a map with the rows of a pandas DataFrame added."""
    table = require("pyarrow", "arrow").Table.from_pandas(frame, preserve_index=False)
    own = count_tables([table], threads=1, **options)
    return own if heat is None else heat + own


def _add_arrays(heat: Heatmap | None, arrays: Any, **options: Any) -> Heatmap:
    """Return a map with arrays added."""
    return count_arrays(arrays, into=heat, **options)


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


@dataclass(slots=True)
class FileShare:
    """Counts of some files, the number of files read, and the first error."""

    counts: Counts
    read: int = 0
    first: FormatError | None = None


def count_files(
    paths: Sequence[str | os.PathLike[str]],
    spec: CountSpec,
    options: ReadOptions,
    *,
    format: FormatName | None = None,  # noqa: A002
    by_class: bool = True,
) -> FileShare:
    """Count files and folders of any format, one after the other.

    A file that cannot be read is reported, unless ``options.on_error`` is ``"raise"``. ``spec`` and
    ``options`` are those of `heatgrid.datasets.parse_options`.
    """
    share = FileShare(new_counts(spec, options, by_class=by_class))
    for path in paths:
        try:
            for batch in read_sources(path, options, format=format):
                share.counts.add_batch(batch, **options.counting)
            share.read += 1
        except FormatError as error:
            if options.strict:
                raise
            place = describe(error.path or str(path), error.where or "", error.annotation)
            share.counts.report.refuse(error.text, place)
            share.first = share.first or error
    return share


def merge_files(shares: Sequence[FileShare]) -> FileShare:
    """Return the sum of shares, without changing them."""
    total = FileShare(shares[0].counts.copy(), shares[0].read, shares[0].first)
    for share in shares[1:]:
        total.counts.merge(share.counts)
        total.read += share.read
        total.first = total.first or share.first
    return total


def pieces_of(source: Any, filter: Any = None) -> tuple[list[Any], list[int]]:  # noqa: A002
    """Return the pieces of an Arrow data set, and the number of rows of each (1 unless in Parquet files).

    ``source`` is a path, several, or a ``pyarrow.dataset.Dataset``. Parquet files are split into row groups;
    pieces without rows that match ``filter`` are omitted.
    """
    dataset = require("pyarrow.dataset", "arrow")
    whole = source if isinstance(source, dataset.Dataset) else dataset.dataset(source)
    pieces: list[Any] = []
    rows: list[int] = []
    for fragment in whole.get_fragments(filter):
        if not isinstance(fragment, dataset.ParquetFileFragment):
            pieces.append(fragment)
            rows.append(1)
            continue
        for piece in fragment.split_by_row_group(filter, schema=whole.schema):
            pieces.append(piece)
            rows.append(sum(group.num_rows for group in piece.row_groups))
    return pieces, rows
