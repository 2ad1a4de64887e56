"""GridMap: the part of a heat map that holds counts and adds shapes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, get_args

from heatgrid.core.arguments import as_doubles, line_shapes, mask_shapes, polygon_shapes
from heatgrid.core.class_grids import class_names
from heatgrid.core.counts import Counts
from heatgrid.core.ragged import Shapes
from heatgrid.core.spec import CountMode, CountSpec, Fit, Grid, Outside, Rule, check_choice
from heatgrid.core.table import ClassTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.arguments import Offsets
    from heatgrid.core.counts import Labels
    from heatgrid.core.report import Report


class GridMap:
    """Counts on a grid, by class, to which arrays of shapes are added; see `heatgrid.Heatmap`."""

    __slots__ = ("_counts",)

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
        )
        self._counts = Counts(spec, classes, grows=classes is None and by_class)

    @property
    def spec(self) -> CountSpec:
        """Description of the count: grid, rule, count, weighted, large_box_ratio, fit."""
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
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of ``by_class``; empty if the map has none."""
        return self._counts.grids.classes or ()

    @property
    def has_classes(self) -> bool:
        """Whether the map has classes: those it was created with, or those of what was added."""
        return self._counts.grids.classes is not None

    @property
    def has_union(self) -> bool:
        """Whether all classes together are counted separately, since an image may have several."""
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

    def table(self) -> ClassTable:
        """Return objects, images, share of objects and hits per class, most objects first.

        Images of equal names in several additions, or in maps that were added up, are not recognized: the
        column is then called "images (sum of parts)".
        """
        with self._counts.lock:
            return ClassTable.of(self._counts)

    # Adding shapes

    def add_boxes(
        self,
        xyxy: ArrayLike,
        *,
        size: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add boxes and return the map; arguments as in `heatgrid.count_boxes`.

        Labels are numbers or names of classes. Boxes that are not finite are skipped and reported.
        """
        shapes = Shapes(boxes=as_doubles(xyxy, "xyxy", 4))
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
        shapes = Shapes(xy=as_doubles(xy, "xy", 2))
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
