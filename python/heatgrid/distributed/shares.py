"""Shares of the work, each counted into one map by functions without a framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

from heatgrid.core.counts import Counts
from heatgrid.core.report import describe
from heatgrid.core.spec import CountMode, CountSpec, Fit, Grid, Rule
from heatgrid.datasets import new_counts
from heatgrid.errors import FormatError, require
from heatgrid.heatmap import Heatmap
from heatgrid.io.read import read as read_sources

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from heatgrid.distributed.columns import Columns
    from heatgrid.io.options import ReadOptions
    from heatgrid.io.registry import FormatName

Kind = Literal["boxes", "points", "polygons", "lines", "masks"]

BATCH_ROWS = 1 << 16
"""Rows of a table in memory at a time."""


class MapOptions(TypedDict, total=False):
    """Keyword arguments of `heatgrid.Heatmap`."""

    classes: Iterable[str] | None
    rule: Rule
    count: CountMode
    weighted: bool
    large_box_ratio: float | None
    fit: Fit


def merge(maps: Iterable[Heatmap]) -> Heatmap:
    """Return the sum of at least one map, without changing them.

    Raises
    ------
    ValueError
        There are no maps, or they count differently.
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
    threads: int | None = None,
    **options: Unpack[MapOptions],
) -> Heatmap:
    """Count Arrow tables or record batches into one map.

    Parameters
    ----------
    tables
        pyarrow Tables or RecordBatches, as Spark's ``mapInArrow`` passes them, too.
    columns
        Names of their columns.
    grid, **options
        As in `Heatmap`. ``classes`` may be None if labels are names: classes are then added as they appear.
    threads
        As in `count_boxes`; 1 if shares are counted in parallel.

    Returns
    -------
    Heatmap
        Its ``report.images`` is 0: tables do not contain the number of images.
    """
    classes, grows = options.pop("classes", None), columns.label is not None
    spec = CountSpec(grid=grid, **options)  # type: ignore[arg-type, misc]  # an int is converted
    counts = Counts(spec, () if grows and classes is None else classes, grows=grows)
    for table in tables:
        columns.add(counts, table, threads=threads)
    return Heatmap.of(counts)


def count_fragments(
    fragments: Iterable[Any],
    columns: Columns,
    grid: Grid = 100,
    *,
    filter: Any = None,  # noqa: A002 - as pyarrow calls it
    batch_rows: int = BATCH_ROWS,
    threads: int | None = 1,
    **options: Unpack[MapOptions],
) -> Heatmap:
    """Count fragments of a pyarrow data set: files, or row groups of Parquet files.

    Parameters
    ----------
    fragments
        From ``dataset.get_fragments()`` or ``fragment.split_by_row_group()``.
    columns, grid, threads, **options
        As in `count_tables`.
    filter
        A pyarrow expression that selects rows.
    batch_rows
        Maximum number of rows in memory.
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
    kind: Kind = "boxes",
    into: Heatmap | None = None,
    **options: Unpack[MapOptions],
) -> Heatmap:
    """Count arrays into one map.

    Parameters
    ----------
    arrays
        Boxes (N, 4) or points (N, 2), as `Heatmap.add_boxes` and `Heatmap.add_points` take them; or mappings
        of arguments of ``Heatmap.add_KIND``, such as ``{"xyxy": boxes, "labels": labels}``.
    grid, **options
        As in `Heatmap`.
    kind
        ``"boxes"``, ``"points"``, ``"polygons"``, ``"lines"`` or ``"masks"``.
    into
        A map to which arrays are added; it is not changed. None: an empty one.
    """
    heat = Heatmap(grid, **options) if into is None else into.copy()
    if kind not in get_args(Kind):
        raise ValueError(f"kind must be boxes, points, polygons, lines or masks, got {kind!r}")
    add = getattr(heat, f"add_{kind}")
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
