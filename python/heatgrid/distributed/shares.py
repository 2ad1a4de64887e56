"""Shares of the work: each folded into one map, batch by batch, by functions that know no framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from heatgrid.core.report import describe
from heatgrid.datasets import add_batch, new_counts
from heatgrid.distributed.columns import Scratch
from heatgrid.errors import FormatError, require
from heatgrid.heatmap import Heatmap
from heatgrid.io.read import read as read_sources

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from heatgrid.core.counts import Counts
    from heatgrid.core.spec import CountSpec, Grid
    from heatgrid.distributed.columns import Columns
    from heatgrid.io.options import ReadOptions

BATCH_ROWS = 1 << 18
"""Rows of a table in memory at a time."""


def merge(maps: Iterable[Heatmap]) -> Heatmap:
    """Return the sum of maps, of which there is at least one, and leave them as they were.

    Raises
    ------
    ValueError
        There are none, or they differ in definition.
    """
    total: Heatmap | None = None
    for heat in maps:
        if total is None:
            total = heat.copy()
        else:
            total += heat
    if total is None:
        raise ValueError("maps must be at least one: the sum of none has no grid")
    return total


def count_tables(
    tables: Iterable[Any],
    columns: Columns,
    grid: Grid = 100,
    *,
    classes: Iterable[str] | None = None,
    threads: int | None = None,
    **definition: Any,
) -> Heatmap:
    """Count Arrow tables or record batches, one after the other, into one map.

    Parameters
    ----------
    tables
        pyarrow Tables or RecordBatches; also what Spark's ``mapInArrow`` hands over.
    columns
        Which of their columns hold what.
    grid, **definition
        As in `Heatmap`: ``rule``, ``count``, ``weighted``, ``large_box_ratio``.
    classes
        Names of the classes. Where labels are names it may be None: they are then taken as they come.
    threads
        As in `count_boxes`; 1 where the cores are shared out already.

    Returns
    -------
    Heatmap
        Its ``report.images`` is 0: tables do not say how many images there are.
    """
    heat = Heatmap(grid, () if classes is None and columns.label is not None else classes, **definition)
    scratch = Scratch()
    for table in tables:
        columns.add(heat, table, threads=threads, scratch=scratch)
    return heat


def count_fragments(
    fragments: Iterable[Any],
    columns: Columns,
    grid: Grid = 100,
    *,
    filter: Any = None,  # noqa: A002 - as pyarrow calls it
    batch_rows: int = BATCH_ROWS,
    threads: int | None = 1,
    **options: Any,
) -> Heatmap:
    """Count fragments of a pyarrow data set: files, or row groups of Parquet files.

    Parameters
    ----------
    fragments
        As ``dataset.get_fragments()`` and ``fragment.split_by_row_group()`` give them.
    columns, grid, threads, **options
        As in `count_tables`.
    filter
        A pyarrow expression: only rows that it is true of are counted.
    batch_rows
        The most rows in memory at a time.
    """
    reading = {"columns": columns.names, "filter": filter, "batch_size": batch_rows, "use_threads": False}
    tables = (
        batch
        for fragment in fragments
        for batch in fragment.to_batches(**reading, batch_readahead=1, fragment_readahead=1)
    )
    return count_tables(tables, columns, grid, threads=threads, **options)


def count_arrays(
    arrays: Iterable[Any],
    grid: Grid = 100,
    *,
    kind: str = "boxes",
    into: Heatmap | None = None,
    classes: Iterable[str] | None = None,
    **definition: Any,
) -> Heatmap:
    """Count arrays, one after the other, into one map.

    Parameters
    ----------
    arrays
        Of boxes (N, 4) or points (N, 2), as `Heatmap.add_boxes` and `Heatmap.add_points` take them; or
        mappings of arguments of ``Heatmap.add_KIND``, such as ``{"xyxy": boxes, "labels": labels}``.
    grid, classes, **definition
        As in `Heatmap`.
    kind
        ``"boxes"``, ``"points"``, ``"polygons"``, ``"lines"`` or ``"masks"``.
    into
        A map to go on from, instead of an empty one; it is left as it was.
    """
    heat = Heatmap(grid, classes, **definition) if into is None else into.copy()
    add = getattr(heat, f"add_{kind}", None)
    if add is None:
        raise ValueError(f"kind must be boxes, points, polygons, lines or masks, got {kind!r}")
    for array in arrays:
        if isinstance(array, dict):
            add(**array)
        else:
            add(array)
    return heat


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
    format: str | None = None,  # noqa: A002
    by_class: bool = True,
) -> FileShare:
    """Count files and folders of any format, one after the other.

    Parameters
    ----------
    paths
        Files and folders to read.
    spec, options
        What is counted and how files are read, from `heatgrid.datasets.parse_options`.
    format, by_class
        As in `heatgrid.heatmap`.

    Returns
    -------
    FileShare
        A file that cannot be read is reported, unless ``options.on_error`` is ``"raise"``.
    """
    share = FileShare(new_counts(spec, options, by_class=by_class))
    for path in paths:
        try:
            for batch in read_sources(path, options, format=format):
                add_batch(share.counts, batch, options)
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
    """Return the pieces of an Arrow data set and the rows, or 1, of each.

    Parameters
    ----------
    source
        A path, several, or a ``pyarrow.dataset.Dataset``. Parquet files are cut into their row groups.
    filter
        A pyarrow expression; pieces that cannot hold rows of it are left out.
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
