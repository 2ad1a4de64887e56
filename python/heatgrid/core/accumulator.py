"""What a map adds: shapes of every kind and whole batches, each counted once and reported on."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from heatgrid.core import counting
from heatgrid.core.arguments import grid_shape
from heatgrid.core.spec import Definition
from heatgrid.core.masks import BROKEN_MASK, UNPLACED_MASK, as_masks
from heatgrid.core.class_grids import Planes
from heatgrid.core.report import Report, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.geometry import Geometry
    from heatgrid.core.arguments import CountName, FitName, Offsets, RuleName, Shape
    from heatgrid.core.counting import Tally
    from heatgrid.io.options import Size

    Labels = ArrayLike | Sequence[str]

NOT_FINITE = "coordinate or image size not finite"


class Accumulator:
    """A definition, the counts by class, and the report: what `heatgrid.Heatmap` is made of."""

    __slots__ = ("_lock", "_planes", "definition", "report")

    def __init__(
        self,
        shape: Shape,
        classes: Iterable[str] | None = None,
        *,
        rule: RuleName = "center",
        count: CountName = "instances",
        weighted: bool = False,
        large_box_ratio: float | None = None,
        fit: FitName = "stretch",
    ) -> None:
        self.definition = Definition(grid_shape(shape), rule, count, weighted, large_box_ratio, fit)
        self._planes = Planes(
            self.definition.shape, classes, self.definition.dtype, has_union=count == "images"
        )
        self.report = Report()
        self._lock = RLock()

    @property
    def rule(self) -> RuleName:
        """What a hit is."""
        return self.definition.rule

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return self._planes.shape

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the planes; empty when the map has none."""
        return self._planes.classes or ()

    @property
    def has_classes(self) -> bool:
        """Whether the map was made with classes, be they none yet."""
        return self._planes.classes is not None

    @property
    def has_union(self) -> bool:
        """Whether all classes together are counted apart, since an image may have several."""
        return self._planes.union is not None

    @property
    def counts(self) -> NDArray[Any]:
        """(rows, columns) int64, or float64 for weights and areas: all classes together.

        With ``count="images"`` the number of images that have any of the classes there, not the classes' sum.
        """
        with self._lock:
            return self._planes.total()

    @property
    def by_class(self) -> NDArray[Any]:
        """(classes, rows, columns), a read-only view; of no planes when the map has no classes.

        The view follows what is added to the map, until a class is new to it.
        """
        planes = self._planes.counts[: len(self.classes)]
        planes.flags.writeable = False
        return planes

    # Adding shapes

    def add_boxes(
        self,
        xyxy: ArrayLike,
        *,
        sizes: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add boxes; arguments as in `heatgrid.count_boxes`, labels as numbers or names of classes.

        Boxes that are not finite are skipped and stand in ``report``.

        Returns
        -------
        Heatmap
            The map itself.
        """
        shared: dict[str, Any] = {"sizes": sizes, "images": images, "weights": weights, "threads": threads}
        self.count_into("boxes", xyxy, labels=labels, **shared)
        return self

    def add_points(
        self,
        xy: ArrayLike,
        *,
        sizes: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        outside: Literal["drop", "clamp"] = "drop",
        threads: int | None = None,
    ) -> Self:
        """Add points; arguments as in `heatgrid.count_points`, labels as numbers or names of classes."""
        shared: dict[str, Any] = {"sizes": sizes, "images": images, "weights": weights, "threads": threads}
        self.count_into("points", xy, labels=labels, how={"outside": outside}, **shared)
        return self

    def add_polygons(
        self,
        coords: ArrayLike,
        offsets: Offsets,
        *,
        sizes: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add polygons; arguments as in `heatgrid.count_polygons`, labels as numbers or names of classes."""
        shared: dict[str, Any] = {"sizes": sizes, "images": images, "weights": weights, "threads": threads}
        self.count_into("polygons", coords, offsets, labels=labels, **shared)
        return self

    def add_lines(
        self,
        coords: ArrayLike,
        offsets: Offsets,
        *,
        sizes: ArrayLike | None = None,
        labels: Labels | None = None,
        images: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add lines; arguments as in `heatgrid.count_lines`, labels as numbers or names of classes.

        They hit the cells that they pass through, in a map with ``rule="center"`` too; with ``rule="area"``,
        none can be added.
        """
        shared: dict[str, Any] = {"sizes": sizes, "images": images, "weights": weights, "threads": threads}
        self.count_into("lines", coords, offsets, labels=labels, **shared)
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
        shared: dict[str, Any] = {"images": images, "weights": weights, "threads": threads}
        self.count_into("masks", as_masks(masks), labels=labels, **shared)
        return self

    def add(
        self,
        annotations: Any,
        *,
        geometry: Geometry = "auto",
        weights: ArrayLike | None = None,
        on_error: str = "skip",
        size: Size | Mapping[str, Size] | None = None,
        labels: Labels | str | None = None,
        classes: Iterable[str] | Mapping[int, str] | None = None,
        images: ArrayLike | Sequence[str] | str | None = None,
        columns: Mapping[str, str | int] | None = None,
        transform: Sequence[float] | Mapping[str, Sequence[float]] | None = None,
    ) -> Self:
        """Add a batch of annotations, or annotations, detections or geometry of other libraries.

        Parameters
        ----------
        annotations
            What `heatgrid.read` yields; or an object of supervision, Ultralytics, FiftyOne, pycocotools,
            torchvision, shapely or GeoPandas, an Arrow table of whatever maker (pandas, polars, DuckDB), a
            tensor or an array of boxes (N, 4) or masks (N, h, w); or a list of objects that hold an image
            each. Classes are matched by name; annotations of classes that this map does not have are left
            out and noted in ``report``. A map without classes takes all.
        geometry
            What to count of each annotation: ``"auto"`` (the polygon where it is usable, else the mask, else
            the box, else the lines, else the points), ``"box"`` (or the polygon's bounding box),
            ``"polygon"``, ``"mask"``, ``"line"`` or ``"point"`` (every visible keypoint, each cell once an
            annotation). Areas are of what has one: ``rule="area"`` skips lines and points.
        weights
            (N,) finite real numbers, one an annotation, for a map made with ``weighted=True``.
        on_error
            ``"skip"`` reports what cannot be counted, ``"raise"`` stops at the first.
        size
            Where the object does not say it: its image's ``(width, height)`` in pixels, or a mapping of
            image names to such pairs.
        labels
            (N,) names of classes, or numbers; or the column of a table that holds them.
        classes
            Names of numbered classes, a sequence or a mapping; the map's own unless given.
        images
            (N,) names or numbers of each annotation's image; or the column of a table that holds them.
        columns
            Of tables, which column is what, ``{"x1": "left edge", "class": "species"}``.
        transform
            Of a map's geometry, the affine transform of the raster that it is counted on, as rasterio has it.

        Returns
        -------
        Heatmap
            The map itself.

        Raises
        ------
        FormatError
            With ``on_error="raise"``, at the first annotation that cannot be counted.
        TypeError
            The object is not understood, or leaves open what it is; the message says what to do.
        ValueError
            An argument has a wrong value, or is missing.
        """
        from heatgrid.core.batches import add_annotations
        from heatgrid.io.objects import annotations_of

        own = self.classes if classes is None and self.has_classes else classes
        batch = annotations_of(
            annotations,
            size=size,
            labels=labels,
            classes=own,
            images=images,
            columns=columns,
            transform=transform,
        )
        with self._lock:
            add_annotations(self, batch, geometry, on_error, weights)
        return self

    def count_into(
        self,
        kind: str,
        *shapes: Any,
        labels: Labels | None,
        where: Callable[[int], str] | None = None,
        how: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Tally:
        """Count shapes of a kind and report on them; what the ``add_`` methods share.

        ``where`` names the i-th shape for the report.
        """
        definition = self.definition
        definition.check_weights(options.get("weights"))
        if kind in ("points", "lines") and definition.rule == "area":
            raise ValueError(f"{kind} have no area: a map with rule='area' cannot count them")
        more: dict[str, Any] = dict(how or {}) if kind == "points" else {"rule": definition.rule}
        if kind in ("boxes", "mixed"):
            more["large_box_ratio"] = definition.large_box_ratio
        add = getattr(counting, f"add_{kind}")
        options |= {"count": definition.count, "fit": definition.fit}
        with self._lock:
            numbers = self._planes.numbers(labels)
            shared = counting.Options(labels=numbers, each=True, **options)
            tally: Tally = add(self._planes.counts, *shapes, shared, **more)
            if self._planes.union is not None:
                all_classes = counting.Options(**options)
                add(self._planes.union[np.newaxis], *shapes, all_classes, **more)
            broken = BROKEN_MASK if definition.fit == "stretch" else UNPLACED_MASK
            reason = broken if kind == "masks" else NOT_FINITE
            self._report_on(tally, reason, where or (lambda i: describe(f"{kind}[{i}]")))
        return tally

    def _report_on(self, tally: Tally, reason: str, where: Callable[[int], str]) -> None:
        report = self.report
        report.annotations += tally.counted + tally.fallback + tally.empty + tally.outside + tally.invalid
        report.counted += tally.counted + tally.fallback
        report.fallback += tally.fallback
        report.empty += tally.empty
        report.outside += tally.outside
        if tally.invalid and tally.outcomes is not None:
            invalid = np.flatnonzero(tally.outcomes == counting.OUTCOMES.index("invalid"))
            report.skip_at(reason, invalid, where)

    # The counts themselves

    def grow(self, classes: Iterable[str]) -> None:
        """Give the map planes for classes that it does not have yet.

        Raises
        ------
        TypeError
            A class is not a string.
        ValueError
            The map was made without classes, or a class is given twice.
        """
        with self._lock:
            self._planes.grow(classes)

    def fill(self, planes: NDArray[Any], union: NDArray[Any] | None = None) -> None:
        """Replace the counts.

        Parameters
        ----------
        planes
            (classes, rows, columns), of the map's dtype; one plane without classes.
        union
            (rows, columns), the images of all classes together, for a map with classes that counts images.

        Raises
        ------
        ValueError
            An array has another shape or dtype, or the classes together do not fit in int64.
        """
        with self._lock:
            self._planes.fill(planes, union)
