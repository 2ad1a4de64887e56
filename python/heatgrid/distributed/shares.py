"""Shares of the work, each counted into one map by functions without a framework; columns of tables."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack, get_args

import numpy as np

from heatgrid.core.annotations import Annotations, Geometry
from heatgrid.core.counts import Counts
from heatgrid.core.ragged import Kind, Points
from heatgrid.core.spec import BoxFormat, CountMode, CountSpec, Fit, Grid, Of, Rule, check_choice
from heatgrid.heatmap import Heatmap
from heatgrid.io.formats.tables.batches import Categories, ColumnBatch, categories_of, is_numeric
from heatgrid.io.formats.tables.build import TableBuilder
from heatgrid.io.formats.tables.columns import CENTER_AND_SIZE, CORNER_AND_SIZE, CORNERS
from heatgrid.io.objects.arrow import list_lengths, matrix_of, numbers_of, polygons_of
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Names = str | tuple[str, ...]

Rows = Literal["annotations", "images"]

_GEOMETRY: dict[str, Geometry] = {"boxes": "box", "polygons": "polygon", "points": "point"}
_AXES = {"boxes": 4, "points": 2}
_BOX: dict[BoxFormat, tuple[str, ...]] = {"xyxy": CORNERS, "xywh": CORNER_AND_SIZE, "cxcywh": CENTER_AND_SIZE}


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of a table's columns. Exactly one of ``boxes``, ``polygons`` and ``points`` is passed.

    Attributes
    ----------
    boxes
        Four columns of numbers, or one column of lists of four.
    polygons
        A column of lists: the coordinates of a ring, ``[x1, y1, x2, y2, …]``, or rings, each a separate part,
        as in COCO.
    points
        Two columns of numbers, or one column of lists of two.
    corners
        Meaning of a box's numbers: ``"xyxy"``, ``"xywh"`` (first corner and size) or ``"cxcywh"`` (center and
        size).
    label
        Class names, or indices into the map's classes.
    weight
        Weight of each annotation, for maps with ``weighted=True``.
    width, height
        Image size in pixels. Without them, coordinates are normalized, or in pixels of ``size``.
    size
        Width and height of all images in pixels.
    rows
        ``"annotations"``: one row per annotation; ``"images"``: one row per image, whose shapes, labels and
        weights are lists. ``count="images"`` needs these: the annotations of an image are counted together.

    Raises
    ------
    TypeError, ValueError
        Columns cannot be combined; the message names them.
    """

    boxes: Names | None = None
    polygons: str | None = None
    points: Names | None = None
    corners: BoxFormat = "xyxy"
    label: str | None = None
    weight: str | None = None
    width: str | None = None
    height: str | None = None
    size: tuple[float, float] | None = None
    rows: Rows = "annotations"

    def __post_init__(self) -> None:
        passed = [name for name in _GEOMETRY if getattr(self, name) is not None]
        if len(passed) != 1:
            raise ValueError(f"one of boxes, polygons and points must be given, got {passed or 'none'}")
        for name, count in _AXES.items():
            names = getattr(self, name)
            if isinstance(names, list):
                object.__setattr__(self, name, tuple(names))
            if names is not None and not isinstance(names, str) and len(names) != count:
                raise ValueError(f"{name} must be one column or {count}, got {names!r}")
        check_choice("corners", self.corners, get_args(BoxFormat))
        check_choice("rows", self.rows, get_args(Rows))
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height must both be given, or neither")
        if self.width is not None and self.size is not None:
            raise ValueError("size must not be given with width and height")

    @property
    def names(self) -> list[str]:
        """All columns that are read."""
        values = [getattr(self, f.name) for f in fields(self) if f.name not in {"corners", "size", "rows"}]
        flat = [name for value in values if value for name in ([value] if isinstance(value, str) else value)]
        return list(dict.fromkeys(flat))

    def add(self, counts: Counts, table: Any, *, threads: int | None = None) -> None:
        """Count the rows of a pyarrow Table or RecordBatch."""
        if counts.spec.count == "images" and self.rows != "images":
            raise ValueError("count='images' needs rows='images': an image's annotations must come together")
        rows = _Rows(table, self.names[0] if self.rows == "images" else None)
        batch = self._annotations(rows, counts.grids.classes)
        weights = None
        if self.weight is not None:
            weights = numbers_of(rows.column(self.weight), self.weight)[batch.positions]
        geometry = next(geometry for name, geometry in _GEOMETRY.items() if getattr(self, name) is not None)
        counts.add_batch(batch, geometry=geometry, weights=weights, threads=threads)

    def _annotations(self, rows: _Rows, classes: tuple[str, ...] | None) -> Annotations:
        """Return the rows as annotations of images without names; ``positions`` are their indices."""
        index, labels = self._labels(rows, classes)
        batch = self._other_shapes(rows, labels) if self.boxes is None else self._boxes(rows, labels)
        positions = np.arange(len(batch)) if batch.positions is None else batch.positions
        if index is not None:
            batch = replace(batch, label=index[positions], classes=tuple(classes or ()))
        batch.report.images = 0
        sizes = self._sizes(rows)
        if rows.image is not None:
            image = rows.image[positions]
        else:
            image = positions if sizes is not None and len(sizes) > 1 else np.zeros(len(batch), np.int64)
        return replace(batch, positions=positions, image=image, image_names=(), files=None, sizes=sizes)

    def _labels(self, rows: _Rows, classes: tuple[str, ...] | None) -> tuple[Integers | None, Categories]:
        """Return the labels as indices into the map's classes, or else as names."""
        if self.label is None:
            if classes is not None and len(classes) != 1:
                raise ValueError("label must name a column, since the map has classes")
            return None, Categories.constant(classes[0] if classes else "object", len(rows))
        column = rows.column(self.label)
        if column.null_count:
            raise ValueError("labels must not be null")
        if not is_numeric(column.type):
            return None, categories_of(column)
        numbers, count = numbers_of(column, self.label), len(classes or ())
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < count):
            raise ValueError(f"labels must be indices into the {count} classes of the map")
        return numbers.astype(np.int64), Categories.constant("object", len(rows))

    def _boxes(self, rows: _Rows, labels: Categories) -> Annotations:
        """Return the boxes by the path of tables in files."""
        axes = rows.axes(self.boxes or (), 4)
        count = len(axes[0])
        columns: dict[str, Any] = dict(zip(_BOX[self.corners], axes, strict=True))
        columns |= {"image": Categories.constant("image", count), "class": labels}
        options = ReadOptions(normalized=self.width is None and self.size is None)
        builder = TableBuilder("table", options, position_format="row {}", is_file=False)
        builder.add(ColumnBatch(columns, _BOX[self.corners], np.arange(count, dtype=np.int64)))
        (batch,) = builder.build("table", None)
        return batch

    def _other_shapes(self, rows: _Rows, labels: Categories) -> Annotations:
        """Return the polygons or points."""
        polygons = points = None
        if self.polygons is not None:
            polygons = polygons_of(rows.column(self.polygons), self.polygons)
            kinds = np.where(np.diff(polygons.annotations) > 0, np.uint8(Kind.POLYGON), np.uint8(0))
        else:
            coords = np.stack(rows.axes(self.points or (), 2), axis=1)
            kinds = np.full(len(coords), Kind.POINT, dtype=np.uint8)
            points = Points(coords, np.arange(len(coords) + 1), np.ones(len(coords), dtype=bool))
        return Annotations(
            image_names=(),
            image=np.zeros(len(kinds), dtype=np.int64),
            label=labels.codes.astype(np.int64),
            classes=tuple(labels.texts()),
            normalized=self.width is None and self.size is None,
            kinds=kinds,
            polygons=polygons,
            points=points,
            source="table",
            position_format="row {}",
        )

    def _sizes(self, rows: _Rows) -> Doubles | None:
        """Return the size of all images, (1, 2), or of each row's image, (rows, 2)."""
        if self.width is None or self.height is None:
            return None if self.size is None else np.array([self.size], dtype=np.float64)
        sides = [numbers_of(rows.whole(name), name) for name in (self.width, self.height)]
        sizes = np.stack(sides, axis=1).astype(np.float64, copy=False)
        return sizes[:1] if len(sizes) and (sizes == sizes[0]).all() else sizes


class _Rows:
    """Rows of a table, as one value per annotation; ``leading`` is a list column if rows are images."""

    def __init__(self, table: Any, leading: str | None) -> None:
        self.table = table
        self.image: Integers | None = None
        self._lengths: Integers | None = None
        if leading is not None:
            self._lengths = list_lengths(self.whole(leading), leading)
            self.image = np.repeat(np.arange(len(self._lengths)), self._lengths)

    def __len__(self) -> int:
        return self.table.num_rows if self.image is None else len(self.image)

    def whole(self, name: str) -> Any:
        """Return a column with one value per row; raise KeyError if there is none of this name."""
        header = self.table.schema.names
        if name not in header:
            raise KeyError(f"no column {name!r}; there are {', '.join(map(repr, header))}")
        column = self.table.column(name)
        return column.combine_chunks() if hasattr(column, "combine_chunks") else column

    def column(self, name: str) -> Any:
        """Return a column with one value per annotation."""
        column = self.whole(name)
        if self._lengths is None:
            return column
        if not np.array_equal(list_lengths(column, name), self._lengths):
            raise ValueError(f"column {name!r} must have as many values in each row as there are shapes")
        return column.flatten()

    def axes(self, names: Names, count: int) -> list[Doubles]:
        """Return ``count`` numbers per annotation, from as many columns or from one column of lists."""
        if isinstance(names, str):
            return list(matrix_of(self.column(names), names, count).T)
        return [numbers_of(self.column(name), name).astype(np.float64, copy=False) for name in names]


ArrayKind = Literal["boxes", "points", "polygons", "lines", "masks"]

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
    of: Of


def merge(maps: Iterable[Heatmap]) -> Heatmap:
    """Return the sum of at least one map, without changing them.

    Raises
    ------
    ValueError
        There are no maps, or they count differently.
    """
    heats = iter(maps)
    first = next(heats, None)
    if first is None:
        raise ValueError("maps must be at least one: the sum of none has no grid")
    total = first.copy()
    for heat in heats:
        total += heat
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
    kind: ArrayKind = "boxes",
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
    check_choice("kind", kind, get_args(ArrayKind))
    heat = Heatmap(grid, **options) if into is None else into.copy()
    add = getattr(heat, f"add_{kind}")
    for array in arrays:
        add(**array) if isinstance(array, dict) else add(array)
    return heat
