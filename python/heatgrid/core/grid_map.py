"""GridMap: the part of a heat map that holds counts: shapes, classes, sums and arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np

from heatgrid.core.arguments import (
    as_boxes,
    as_doubles,
    line_shapes,
    mask_shapes,
    polygon_shapes,
    warn_if_odd,
)
from heatgrid.core.class_grids import class_names
from heatgrid.core.counts import Counts
from heatgrid.core.ragged import Shapes
from heatgrid.core.spec import (
    BoxFormat,
    CountMode,
    CountSpec,
    Fit,
    Grid,
    Of,
    Outside,
    Rule,
    check_choice,
    plural,
)
from heatgrid.errors import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.arguments import Offsets
    from heatgrid.core.counts import Labels
    from heatgrid.core.report import Report
    from heatgrid.core.table import ClassTable, TotalsBy


class GridMap:
    """Counts on a grid, by class, with their algebra; see `heatgrid.Heatmap`."""

    __slots__ = ("_counts",)
    __hash__ = None  # type: ignore[assignment]  # maps change

    def __init__(
        self,
        grid: Grid,
        classes: Iterable[str] | None = None,
        *,
        rule: Rule = "center",
        count: CountMode = "instances",
        weighted: bool = False,
        large_box_ratio: float | None = None,
        fit: Fit = "stretch",
        by_class: bool = True,
        of: Of = "place",
    ) -> None:
        if classes is not None and not by_class:
            raise ValueError("classes cannot be combined with by_class=False, which has a single grid")
        spec = CountSpec(
            grid=grid,  # type: ignore[arg-type]  # an int is converted
            rule=rule,
            count=count,
            weighted=weighted,
            large_box_ratio=large_box_ratio,
            fit=fit,
            of=of,
        )
        self._counts = Counts(spec, classes, grows=classes is None and by_class)

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """Return the map of existing counts, without a copy."""
        heat = cls.__new__(cls)
        heat._counts = counts  # noqa: SLF001
        return heat

    @property
    def spec(self) -> CountSpec:
        """Description of the count: grid, rule, count, weighted, large_box_ratio, fit, of."""
        return self._counts.spec

    @property
    def report(self) -> Report:
        """Outcome of every annotation, by class, and what was skipped and why."""
        return self._counts.report

    @report.setter
    def report(self, report: Report) -> None:
        self._counts.report = report

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return self.spec.grid

    @property
    def aspect(self) -> float | None:
        """Median of the images' width over height, to three digits; None if unknown, or not the grid's."""
        is_image = self.spec.of == "place" and self.spec.fit == "stretch"
        return self._counts.median_aspect if is_image else None

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of ``by_class``; empty if the map has none."""
        return self._counts.grids.classes or ()

    @property
    def has_classes(self) -> bool:
        """True if the map has classes: those it was created with, or those of what was added."""
        return self._counts.grids.classes is not None

    @property
    def has_union(self) -> bool:
        """True if all classes together have a grid of their own, since classes do not simply add up."""
        return self._counts.grids.union is not None

    @property
    def counts(self) -> NDArray[Any]:
        """(rows, columns) int64, or float64 for weights and areas: all classes together.

        With ``count="images"`` the number of images with any of the classes, not the sum over classes.
        """
        with self._counts.lock:
            return self._counts.grids.total()

    @property
    def by_class(self) -> NDArray[Any]:
        """(classes, rows, columns), a read-only view; empty if the map has no classes.

        The view shows later additions, until the map gets a new class.
        """
        grids = self._counts.grids.counts[: len(self.classes)]
        grids.flags.writeable = False
        return grids

    # Adding shapes

    def add_boxes(
        self,
        xyxy: ArrayLike,
        *,
        size: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        box: BoxFormat = "xyxy",
        threads: int | None = None,
    ) -> Self:
        """Add boxes and return the map; arguments as in `heatgrid.count_boxes`.

        Labels are numbers or names of classes. Boxes that are not finite are skipped and reported.
        """
        boxes = as_boxes(xyxy, box)
        warn_if_odd(boxes, size, "xyxy", box)
        shapes = Shapes(boxes=boxes)
        self._counts.add_shapes(shapes, labels, images, weights, threads, size=size)
        return self

    def add_points(
        self,
        xy: ArrayLike,
        *,
        size: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        outside: Outside = "drop",
        threads: int | None = None,
    ) -> Self:
        """Add points; arguments as in `heatgrid.count_points`, labels as numbers or names of classes."""
        check_choice("outside", outside, get_args(Outside))
        coords = as_doubles(xy, "xy", 2)
        warn_if_odd(coords, size, "xy")
        shapes = Shapes(xy=coords)
        self._counts.add_shapes(shapes, labels, images, weights, threads, size=size, clamp=outside == "clamp")
        return self

    def add_polygons(
        self,
        coords: ArrayLike,
        offsets: Offsets,
        *,
        size: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add polygons; arguments as in `heatgrid.count_polygons`, labels as numbers or names of classes."""
        self._counts.add_shapes(polygon_shapes(coords, offsets), labels, images, weights, threads, size=size)
        return self

    def add_lines(
        self,
        coords: ArrayLike,
        offsets: Offsets,
        *,
        size: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add lines; arguments as in `heatgrid.count_lines`, labels as numbers or names of classes.

        They hit the cells that they pass through, in a map with ``rule="center"`` too; with ``rule="area"``,
        none can be added.
        """
        self._counts.add_shapes(line_shapes(coords, offsets), labels, images, weights, threads, size=size)
        return self

    def add_masks(
        self,
        masks: Any,
        *,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add masks; arguments as in `heatgrid.count_masks`, labels as numbers or names of classes."""
        self._counts.add_shapes(mask_shapes(masks), labels, images, weights, threads)
        return self

    def grow(self, classes: Iterable[str]) -> None:
        """Add grids for the classes that the map does not have yet."""
        with self._counts.lock:
            self._counts.add_classes(class_names(classes))

    def fill(self, counts: NDArray[Any], union: NDArray[Any] | None = None) -> None:
        """Replace the counts: (classes, rows, columns) of the map's dtype, one grid without classes.

        ``union`` is (rows, columns), the images of all classes together, if images are counted by class.
        """
        with self._counts.lock:
            self._counts.grids.fill(counts, union)

    # Classes

    def __getitem__(self, name: str | Sequence[str]) -> Self:
        """Return the map of one class, or of several, with their own totals and outcomes.

        Raise KeyError if there is no such class.
        """
        return self.of(self._counts.of_classes([name] if isinstance(name, str) else list(name)))

    def __contains__(self, name: object) -> bool:
        return name in self.classes

    def __iter__(self) -> Iterator[str]:
        return iter(self.classes)

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.classes)

    def __bool__(self) -> bool:
        return True

    def table(self, by: TotalsBy = "class") -> ClassTable:
        """Return objects, images, share of objects and hits per class, most objects first.

        ``by="region"`` returns objects and images per region of ``region=``.

        Images of equal names in several additions, or in maps that were added up, are not recognized: the
        column is then called "images (sum of parts)".

        Raises
        ------
        ValueError
            The values are computed from counts, as in a ratio of maps, and have no totals.
        """
        from heatgrid.core.table import ClassTable, TotalsBy

        if self.spec.unit is not None:
            raise ValueError(f"a map of {self.spec.unit!r} has no totals")
        with self._counts.lock:
            check_choice("by", by, get_args(TotalsBy))
            is_by_region = by == "region"
            return ClassTable.of_regions(self.report) if is_by_region else ClassTable.of(self._counts)

    def balanced(self) -> Self:
        """Return a weighted map in which every class weighs the same.

        Each class's grid is divided by its number of counted annotations.

        Raises
        ------
        ValueError
            The map has no classes, counts images, or holds counts of which the annotations are unknown.
        """
        return self.of(self._counts.balanced())

    # Algebra

    def __iadd__(self, other: GridMap) -> Self:
        if isinstance(other, GridMap):
            self._counts.merge(other._counts)
            return self
        return NotImplemented

    def __add__(self, other: GridMap) -> Self:
        if not isinstance(other, GridMap):
            return NotImplemented
        total = self.copy()
        total += other
        return total

    def __radd__(self, other: object) -> Self:
        return self.copy() if isinstance(other, int) and other == 0 else NotImplemented  # begins a sum

    def __sub__(self, other: GridMap) -> Self:
        if not isinstance(other, GridMap):
            return NotImplemented
        difference = self.copy()
        difference._counts.merge(other._counts, sign=-1)
        difference.report = self.report.minus(other.report)
        return difference

    def __eq__(self, other: object) -> bool:
        """Return whether specs and counts are equal; classes are matched by name, reports may differ."""
        if not isinstance(other, GridMap):
            return NotImplemented
        return self.spec == other.spec and self._counts.grids == other._counts.grids

    def copy(self) -> Self:
        """Return an independent copy."""
        return self.of(self._counts.copy())

    __copy__ = copy

    def __deepcopy__(self, memo: Mapping[int, object]) -> Self:
        return self.copy()

    # Arrays and frames

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("copy=False is not supported: a map creates a new array of counts")
        return self.counts if dtype is None else self.counts.astype(dtype)

    def __repr__(self) -> str:
        rows, columns = self.shape
        classes = plural(len(self.classes), "class") if self.has_classes else "no classes"
        rule = f"rule {self.spec.rule!r}" if self.spec.of == "place" else "sizes"
        rule += ", images" if self.spec.count == "images" else ""
        counted = f"{self.report.counted} counted" if self.spec.unit is None else self.spec.unit
        return f"<{type(self).__name__} {rows} x {columns}, {classes}, {rule}, {counted}>"

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame: a row per cell, and the columns ``count`` and one per class.

        Raises
        ------
        ImportError
            pandas is not installed; it comes with ``heatgrid[pandas]``.
        """
        pandas = require("pandas", "pandas")
        cells = pandas.MultiIndex.from_product(map(range, self.shape), names=["row", "column"])
        grids = np.stack([self.counts, *self.by_class]).reshape(-1, len(cells))
        return pandas.DataFrame(grids.T, index=cells, columns=["count", *self.classes])

    def to_xarray(self) -> Any:
        """Return an xarray DataArray (y, x) or (class, y, x), with the centers of the cells in [0, 1].

        The axes of a map of sizes are height and width.

        Raises
        ------
        ImportError
            xarray is not installed; it comes with ``heatgrid[xarray]``.
        """
        xarray = require("xarray", "xarray")
        axes = ("y", "x") if self.spec.of == "place" else ("height", "width")
        centers = {axis: (np.arange(n) + 0.5) / n for axis, n in zip(axes, self.shape, strict=True)}
        attributes = {name: str(value) for name, value in self.spec.to_dict().items()}
        common = {"name": "counts", "attrs": attributes}
        if not self.has_classes:
            return xarray.DataArray(self.counts, centers, axes, **common)
        coordinates = {"class": list(self.classes)} | centers
        return xarray.DataArray(self.by_class.copy(), coordinates, ("class", *axes), **common)
