"""Which columns of an Arrow table are shapes, classes, weights and sizes, and how their rows are counted."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatgrid.core.spec import check_choice
from heatgrid.distributed.arrow import as_numbers, categories_of, column_of, lengths_of, lists_of, rings_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from heatgrid.heatmap import Heatmap

    Doubles = NDArray[np.float64]
    Names = str | tuple[str, ...]

_SHAPES = ("boxes", "polygons", "points")
_AXES = {"boxes": 4, "points": 2}
_CORNERS = ("xyxy", "xywh", "cxcywh")
_ROWS = ("annotations", "images")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table hold what. One of ``boxes``, ``polygons`` and ``points`` is given.

    Attributes
    ----------
    boxes
        Four columns of numbers, or one of lists of four.
    polygons
        A column of lists: of the coordinates of a ring, ``[x1, y1, x2, y2, …]``, or of rings, each a part of
        its own, as COCO has them.
    points
        Two columns of numbers, or one of lists of two.
    corners
        What the four numbers of a box are: ``"xyxy"``, ``"xywh"`` (a corner and the size) or ``"cxcywh"``
        (the middle and the size).
    label
        The class: names, or numbers into the map's classes.
    weight
        A number for each annotation, for maps made with ``weighted=True``.
    width, height
        The image's size in pixels. Without them, coordinates are normalised, or in pixels of ``size``.
    size
        Width and height of all images in pixels.
    rows
        What a row is: ``"annotations"``, or ``"images"``, whose shapes, labels and weights are then lists,
        one level deeper. ``count="images"`` needs these, since an image's annotations must come together.

    Raises
    ------
    TypeError, ValueError
        Columns do not go together; the message says which.
    """

    boxes: Names | None = None
    polygons: str | None = None
    points: Names | None = None
    corners: Literal["xyxy", "xywh", "cxcywh"] = "xyxy"
    label: str | None = None
    weight: str | None = None
    width: str | None = None
    height: str | None = None
    size: tuple[float, float] | None = None
    rows: Literal["annotations", "images"] = "annotations"

    def __post_init__(self) -> None:
        given = [name for name in _SHAPES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"one of boxes, polygons and points must be given, got {given or 'none'}")
        for name, count in _AXES.items():
            names = getattr(self, name)
            if isinstance(names, list):
                object.__setattr__(self, name, tuple(names))
            if names is not None and not isinstance(names, str) and len(names) != count:
                raise ValueError(f"{name} must be one column or {count}, got {names!r}")
        check_choice("corners", self.corners, _CORNERS)
        check_choice("rows", self.rows, _ROWS)
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

    def add(
        self, heat: Heatmap, table: Any, *, threads: int | None = None, scratch: Scratch | None = None
    ) -> None:
        """Count the rows of a pyarrow Table or RecordBatch into a map.

        A map whose classes are given by number takes them so; names that are new to it become classes. Where
        many tables are counted, ``scratch`` spares asking for memory again for each.

        Raises
        ------
        KeyError
            The table lacks a column.
        TypeError, ValueError
            A column holds something else than it should, or the map wants something else.
        """
        if heat.spec.count == "images" and self.rows != "images":
            raise ValueError("count='images' needs rows='images': an image's annotations must come together")
        rows = _Rows(table, self._leading if self.rows == "images" else None, scratch or Scratch())
        options: dict[str, Any] = {"threads": threads, "sizes": self._sizes(rows)}
        if heat.spec.count == "images":
            options["images"] = rows.image
        if self.label is not None:
            options["labels"] = _labels(heat, rows, self.label)
        if self.weight is not None:
            options["weights"] = as_numbers(rows.flat(self.weight), self.weight)
        if self.polygons is not None:
            coords, offsets = rings_of(rows.flat(self.polygons), self.polygons)
            heat.add_polygons(coords, offsets, **options)
        elif self.boxes is not None:
            heat.add_boxes(_corners(_axes(rows, self.boxes, 4), self.corners), **options)
        elif self.points is not None:
            heat.add_points(_axes(rows, self.points, 2), **options)

    @property
    def _leading(self) -> str:
        """The column whose lists say how many annotations each image has."""
        return self.names[0]

    def _sizes(self, rows: _Rows) -> Any:
        if self.width is None or self.height is None:
            return self.size
        sides = [as_numbers(column_of(rows.table, name), name) for name in (self.width, self.height)]
        return rows.spread(np.stack(sides, axis=1))


class Scratch:
    """Memory that is used again and again: to ask the system for it can take longer than to count."""

    def __init__(self) -> None:
        self._arrays: dict[type[np.generic], NDArray[Any]] = {}

    def array(self, dtype: type[np.generic], *shape: int) -> NDArray[Any]:
        """Return an array of this shape, of whatever numbers; the one of this dtype before is used again."""
        size = int(np.prod(shape))
        held = self._arrays.get(dtype)
        if held is None or held.size < size:
            held = self._arrays[dtype] = np.empty(size, dtype=dtype)
        return held[:size].reshape(shape)


class _Rows:
    """The rows of a table, brought to one an annotation.

    Parameters
    ----------
    table
        The table.
    leading
        Where rows are images: the column whose lists say how many annotations each has.
    scratch
        Where numbers are put together.
    """

    def __init__(self, table: Any, leading: str | None, scratch: Scratch) -> None:
        self.table, self.scratch = table, scratch
        self.image: NDArray[np.int64] | None = None
        self._lengths: NDArray[np.int64] | None = None
        if leading is not None:
            self._lengths = lengths_of(column_of(table, leading), leading)
            self.image = np.repeat(np.arange(len(self._lengths)), self._lengths)

    def flat(self, name: str) -> Any:
        """Return a column with a value an annotation."""
        column = column_of(self.table, name)
        if self._lengths is None:
            return column
        if not np.array_equal(lengths_of(column, name), self._lengths):
            raise ValueError(f"column {name!r} must have as many values in each row as there are shapes")
        return column.flatten()

    def spread(self, values: Doubles) -> Doubles:
        """Return what rows have for each annotation."""
        return values if self.image is None else values[self.image]


def _axes(rows: _Rows, names: Names, count: int) -> Doubles:
    """Return (N, count) numbers, of one column or of so many."""
    if isinstance(names, str):
        held = lists_of(rows.flat(names), names, count)
        together = rows.scratch.array(np.float64, len(held), count)
        together[...] = held
        return together
    axes = [as_numbers(rows.flat(name), name) for name in names]
    together = rows.scratch.array(np.float64, len(axes[0]), count)
    for i, axis in enumerate(axes):
        together[:, i] = axis
    return together


def _corners(numbers: Doubles, kind: str) -> Doubles:
    """Make x1 y1 x2 y2 of what four numbers are, in place."""
    if kind == "cxcywh":
        numbers[:, :2] -= numbers[:, 2:] / 2
    if kind != "xyxy":
        numbers[:, 2:] += numbers[:, :2]
    return numbers


def _labels(heat: Heatmap, rows: _Rows, name: str) -> NDArray[np.int64]:
    """Return numbers of the map's classes."""
    names, numbers = categories_of(rows.flat(name))
    labels: NDArray[np.int64] = rows.scratch.array(np.int64, len(numbers))
    if names is None:
        labels[...] = numbers
    else:
        heat.grow(names)
        place = {own: i for i, own in enumerate(heat.classes)}
        np.take(np.array([place[own] for own in names], dtype=np.int64), numbers, out=labels)
    return labels
