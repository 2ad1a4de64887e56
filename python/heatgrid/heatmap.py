"""The accumulator: a count map that grows by boxes, points, polygons and whole batches of annotations."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from heatgrid import counting
from heatgrid.conversion import grid_shape
from heatgrid.definition import Definition
from heatgrid.planes import Planes
from heatgrid.report import Report, describe
from heatgrid.stats import Stats

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import BinaryIO

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.annotations import Annotations
    from heatgrid.choice import Geometry
    from heatgrid.conversion import CountName, Offsets, RuleName, Shape
    from heatgrid.counting import Tally

    Labels = ArrayLike | Sequence[str]

NOT_FINITE = "coordinate or image size not finite"


class Heatmap:
    """Counts on a grid, by class.

    Parameters
    ----------
    shape
        Cells of the grid: an int n for (n, n), or (rows, columns).
    classes
        Names of the classes, each once; the map then has a plane a class. None: one plane for all.
    rule
        What a hit is: ``"center"``, ``"touch"``, ``"point"`` or ``"area"``, as in `heatgrid.count_boxes`.
    count
        ``"instances"``: every annotation adds 1. ``"images"``: every image adds at most 1 to a cell; all
        annotations of an image must then be added in one call.
    weighted
        Whether annotations add weights instead of 1; the map then holds float64.
    large_box_ratio
        Boxes of a greater share of their image's area hit only the cell of their middle.

    Attributes
    ----------
    definition
        What the numbers mean: shape, rule, count, weighted, large_box_ratio.
    report
        What was counted, empty, outside and skipped, and why; a `Report`.

    Raises
    ------
    TypeError, ValueError
        An argument has the wrong type or value; the message names it.

    Notes
    -----
    Maps of one definition are a commutative monoid under ``+``: addition is associative (of weights and
    areas, but for rounding) and commutative, classes are matched by name, a map of no classes yet is the
    identity, and operands are left as they were.

    Threads may add to one map at the same time, in turn; a map a thread, added up at the end, is faster.
    """

    __slots__ = ("_lock", "_planes", "definition", "report")
    __hash__ = None  # type: ignore[assignment]  # maps change

    def __init__(
        self,
        shape: Shape,
        classes: Iterable[str] | None = None,
        *,
        rule: RuleName = "center",
        count: CountName = "instances",
        weighted: bool = False,
        large_box_ratio: float | None = None,
    ) -> None:
        self.definition = Definition(grid_shape(shape), rule, count, weighted, large_box_ratio)
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

    def __getitem__(self, name: str) -> Heatmap:
        """Return the map of one class, as a map of its own.

        Its report is empty, since reports know no classes.

        Raises
        ------
        KeyError
            The map has no such class.
        """
        with self._lock:
            place = self._planes.place(name)
            single = self._like((name,))
            plane = self._planes.counts[place]
            single.fill(plane[np.newaxis], plane if self._planes.union is not None else None)
        return single

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("a map makes its array of counts anew: copy=False cannot be kept")
        return self.counts if dtype is None else self.counts.astype(dtype)

    def __repr__(self) -> str:
        rows, columns = self.shape
        kind = f"{len(self.classes)} classes" if self.has_classes else "no classes"
        what = f"rule {self.rule!r}" + (", images" if self.definition.count == "images" else "")
        return f"<Heatmap {rows} x {columns}, {kind}, {what}, {self.report.counted} counted>"

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
        from heatgrid.masks import as_masks

        shared: dict[str, Any] = {"images": images, "weights": weights, "threads": threads}
        self.count_into("masks", as_masks(masks), labels=labels, **shared)
        return self

    def add(
        self,
        annotations: Annotations,
        *,
        geometry: Geometry = "auto",
        weights: ArrayLike | None = None,
        on_error: str = "skip",
    ) -> Self:
        """Add a batch of annotations.

        Parameters
        ----------
        annotations
            What `heatgrid.read` yields. Classes are matched by name; annotations of classes that this map
            does not have are left out and noted in ``report``. A map without classes takes all.
        geometry
            What to count of each annotation: ``"auto"`` (the polygon where it is usable, else the mask, else
            the box, else the points), ``"box"`` (or the polygon's bounding box), ``"polygon"``, ``"mask"`` or
            ``"point"`` (every visible keypoint, each cell once an annotation).
        weights
            (N,) finite real numbers, one an annotation, for a map made with ``weighted=True``.
        on_error
            ``"skip"`` reports what cannot be counted, ``"raise"`` stops at the first.

        Returns
        -------
        Heatmap
            The map itself.

        Raises
        ------
        FormatError
            With ``on_error="raise"``, at the first annotation that cannot be counted.
        ValueError
            An argument has a wrong value.
        """
        from heatgrid.batches import add_annotations

        with self._lock:
            add_annotations(self, annotations, geometry, on_error, weights)
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
        if kind == "points" and definition.rule == "area":
            raise ValueError("points have no area: a map with rule='area' cannot count them")
        more: dict[str, Any] = dict(how or {}) if kind == "points" else {"rule": definition.rule}
        if kind in ("boxes", "mixed"):
            more["large_box_ratio"] = definition.large_box_ratio
        add = getattr(counting, f"add_{kind}")
        with self._lock:
            numbers = self._planes.numbers(labels)
            shared = counting.Options(labels=numbers, count=definition.count, **options)
            tally: Tally = add(self._planes.counts, *shapes, shared, **more)
            if self._planes.union is not None:
                all_classes = counting.Options(count=definition.count, **options)
                add(self._planes.union[np.newaxis], *shapes, all_classes, **more)
            self._report_on(tally, where or (lambda i: describe(f"{kind}[{i}]")))
        return tally

    def _report_on(self, tally: Tally, where: Callable[[int], str]) -> None:
        report = self.report
        report.annotations += tally.counted + tally.fallback + tally.empty + tally.outside + tally.invalid
        report.counted += tally.counted + tally.fallback
        report.fallback += tally.fallback
        report.empty += tally.empty
        report.outside += tally.outside
        if tally.invalid and tally.outcomes is not None:
            invalid = np.flatnonzero(tally.outcomes == counting.OUTCOMES.index("invalid"))
            report.skip_at(NOT_FINITE, invalid, where)

    # Algebra

    def _like(self, classes: tuple[str, ...] | None) -> Heatmap:
        return Heatmap(classes=classes, **self.definition.parameters)

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

    def _combine(self, other: Heatmap, sign: int) -> None:
        self.definition.check_same(other.definition)
        # Locks are taken in one order, so that two threads cannot wait for each other.
        first, second = sorted((self._lock, other._lock), key=id)
        with first, second:
            self._planes.add(other._planes, sign)
            self.report += other.report

    def __iadd__(self, other: Heatmap) -> Self:
        if not isinstance(other, Heatmap):
            return NotImplemented
        self._combine(other, 1)
        return self

    def __add__(self, other: Heatmap) -> Heatmap:
        if not isinstance(other, Heatmap):
            return NotImplemented
        total = self.copy()
        total += other
        return total

    def __radd__(self, other: object) -> Heatmap:
        begins_a_sum = isinstance(other, int) and other == 0
        return self.copy() if begins_a_sum else NotImplemented

    def __sub__(self, other: Heatmap) -> Heatmap:
        if not isinstance(other, Heatmap):
            return NotImplemented
        difference = self.copy()
        difference._combine(other, -1)
        difference.report = Report()
        difference.report.note("difference of two maps")
        return difference

    def __eq__(self, other: object) -> bool:
        """Whether two maps have one definition and equal counts, classes by name; reports may differ."""
        if not isinstance(other, Heatmap):
            return NotImplemented
        return self.definition == other.definition and self._planes.equals(other._planes)

    def copy(self) -> Heatmap:
        """Return a map of its own, equal to this one."""
        with self._lock:
            twin = self._like(self._planes.classes)
            twin.fill(self._planes.counts, self._planes.union)
            twin.report = self.report.copy()
        return twin

    __copy__ = copy

    def __deepcopy__(self, memo: Mapping[int, object]) -> Heatmap:
        return self.copy()

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {name: getattr(self, name) for name in self.__slots__ if name != "_lock"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self._lock = RLock()

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

    # Results

    def stats(self) -> Stats:
        """Return min, q1, median, q3, max and more, over all cells and all classes together."""
        return Stats.of(self.counts)

    def image(self, **options: Any) -> NDArray[np.uint8]:
        """Return the map's cells in colour, (rows, columns, 4) uint8 RGBA.

        Parameters
        ----------
        **options
            As `heatgrid.render.colorize` takes them: ``colormap``, ``scale``, ``vmin``, ``vmax``, ``zero`` …
        """
        from heatgrid import render

        cells: NDArray[np.uint8] = render.colorize(self.counts, **options)
        return cells

    def save(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        *,
        format: str | None = None,  # noqa: A002
        **options: Any,
    ) -> None:
        """Write the map, as its suffix says.

        Parameters
        ----------
        path
            ``.npz`` (exact, `heatgrid.load` reads it back), ``.json``, ``.csv``, or ``.png`` (a finished
            picture); or a file open for writing bytes, with ``format``. A file is written under another
            name first, then renamed, so that nobody ever reads half of it.
        format
            The suffix to go by where ``path`` has none or another.
        **options
            For pictures: ``title``, ``by_class=True`` (a small map a class, on one scale), ``colormap``,
            ``scale``, ``vmin``, ``vmax``, ``zero``, ``blur`` …, as `heatgrid.render.picture` takes them.

        Raises
        ------
        ValueError
            The suffix is not known.
        """
        from heatgrid.export import save

        save(self, path, format=format, **options)
