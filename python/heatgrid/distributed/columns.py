"""Columns of an Arrow table that hold shapes, classes, weights and image sizes."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from heatgrid.core.annotations import Annotations, Geometry
from heatgrid.core.ragged import Kind, Points
from heatgrid.core.report import Report
from heatgrid.core.spec import check_choice
from heatgrid.io.formats.tables.batches import Categories, ColumnBatch, categories_of, is_numeric
from heatgrid.io.formats.tables.build import TableBuilder
from heatgrid.io.formats.tables.columns import CENTER_AND_SIZE, CORNER_AND_SIZE, CORNERS
from heatgrid.io.objects.arrow import list_lengths, matrix_of, numbers_of, polygons_of
from heatgrid.io.options import ReadOptions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.core.counts import Counts

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Names = str | tuple[str, ...]

Corners = Literal["xyxy", "xywh", "cxcywh"]
Rows = Literal["annotations", "images"]

_GEOMETRY: dict[str, Geometry] = {"boxes": "box", "polygons": "polygon", "points": "point"}
_AXES = {"boxes": 4, "points": 2}
_BOX: dict[Corners, tuple[str, ...]] = {"xyxy": CORNERS, "xywh": CORNER_AND_SIZE, "cxcywh": CENTER_AND_SIZE}


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
    corners: Corners = "xyxy"
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
        check_choice("corners", self.corners, get_args(Corners))
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
        """Return the rows as annotations; ``positions`` are their indices."""
        index: Integers | None = None
        labels = Categories.constant("object", len(rows))
        if self.label is not None:
            column = rows.column(self.label)
            if column.null_count:
                raise ValueError("labels must not be null")
            if is_numeric(column.type):
                index = _class_indices(numbers_of(column, self.label), len(classes or ()))
            else:
                labels = categories_of(column)
        elif classes is not None and len(classes) != 1:
            raise ValueError("label must name a column, since the map has classes")
        elif classes is not None:
            labels = Categories.constant(classes[0], len(rows))
        batch = self._other_shapes(rows, labels) if self.boxes is None else self._boxes(rows, labels)
        positions = np.arange(len(batch)) if batch.positions is None else batch.positions
        if index is not None:
            batch = replace(batch, label=index[positions], classes=tuple(classes or ()))
        batch.report.images = 0
        return self._on_images(replace(batch, positions=positions), rows, positions)

    def _boxes(self, rows: _Rows, labels: Categories) -> Annotations:
        """Return the boxes by the path of tables in files."""
        names = self.boxes or ()
        if isinstance(names, str):
            axes = list(matrix_of(rows.column(names), names, 4).T)
        else:
            axes = [numbers_of(rows.column(name), name).astype(np.float64, copy=False) for name in names]
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
        if self.polygons is not None:
            polygons, points = polygons_of(rows.column(self.polygons), self.polygons), None
            has_shape, kind = np.diff(polygons.annotations) > 0, Kind.POLYGON
        else:
            polygons, points = None, self._points(rows)
            has_shape, kind = np.ones(len(points), dtype=bool), Kind.POINT
        count = len(has_shape)
        return Annotations(
            image_names=(),
            image=np.zeros(count, dtype=np.int64),
            label=labels.codes.astype(np.int64),
            classes=tuple(labels.texts()),
            normalized=self.width is None and self.size is None,
            kinds=has_shape.astype(np.uint8) * np.uint8(kind),
            polygons=polygons,
            points=points,
            source="table",
            position_format="row {}",
            report=Report(),
        )

    def _points(self, rows: _Rows) -> Points:
        names = self.points or ()
        if isinstance(names, str):
            coords = matrix_of(rows.column(names), names, 2)
        else:
            axes = [numbers_of(rows.column(name), name) for name in names]
            coords = np.stack(axes, axis=1).astype(np.float64, copy=False)
        return Points(coords, np.arange(len(coords) + 1, dtype=np.int64), np.ones(len(coords), dtype=bool))

    def _on_images(self, batch: Annotations, rows: _Rows, positions: Integers) -> Annotations:
        """Return the batch with the image and the image size of each annotation, but without image names."""
        sizes = None if self.size is None else np.array([self.size], dtype=np.float64)
        if self.width is not None and self.height is not None:
            sides = [numbers_of(rows.whole(name), name) for name in (self.width, self.height)]
            sizes = np.stack(sides, axis=1).astype(np.float64, copy=False)
            if len(sizes) and (sizes == sizes[0]).all():
                sizes = sizes[:1]
        image = rows.image
        if image is None and (sizes is None or len(sizes) == 1):
            image = np.zeros(len(batch), dtype=np.int64)
            return replace(batch, image=image, image_names=(), files=None, sizes=sizes)
        image = positions if image is None else image[positions]
        return replace(batch, image=image, image_names=(), files=None, sizes=sizes)


def _class_indices(numbers: NDArray[Any], count: int) -> Integers:
    """Return labels that are indices into the map's classes."""
    if len(numbers) and not (numbers.min() >= 0 and numbers.max() < count):
        raise ValueError(f"labels must be indices into the {count} classes of the map")
    return numbers.astype(np.int64)


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
