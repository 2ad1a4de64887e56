"""The accumulator: a count map that grows by boxes, points, polygons and whole batches of annotations."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from heatgrid import counting
from heatgrid.conversion import as_ratio, choose, grid_shape
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
    from heatgrid.conversion import Offsets, RuleName, Shape
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
        What a hit is: ``"center"``, ``"touch"`` or ``"point"``, as in `heatgrid.count_boxes`.
    large_box_ratio
        Boxes of a greater share of their image's area hit only the cell of their middle.

    Raises
    ------
    TypeError, ValueError
        An argument has the wrong type or value; the message names it.

    Notes
    -----
    Maps of one shape and definition are a commutative monoid under ``+``: addition is associative and
    commutative, classes are matched by name, an empty map is the identity, and operands are left as
    they were.

    Threads may add to one map at the same time, in turn; a map a thread, added up at the end, is faster.
    """

    __slots__ = ("_lock", "_planes", "large_box_ratio", "report", "rule")
    __hash__ = None  # type: ignore[assignment]  # maps change

    def __init__(
        self,
        shape: Shape,
        classes: Iterable[str] | None = None,
        *,
        rule: RuleName = "center",
        large_box_ratio: float | None = None,
    ) -> None:
        self._planes = Planes(grid_shape(shape), classes)
        choose("rule", rule, dict.fromkeys(("center", "touch", "point")))
        self.rule = rule
        ratio = as_ratio(large_box_ratio)
        self.large_box_ratio = None if np.isinf(ratio) else ratio
        self.report = Report()
        self._lock = RLock()

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
    def counts(self) -> NDArray[np.int64]:
        """(rows, columns) int64: all classes together."""
        with self._lock:
            total: NDArray[np.int64] = self._planes.counts.sum(axis=0)
        return total

    @property
    def by_class(self) -> NDArray[np.int64]:
        """(classes, rows, columns) int64, a read-only view; of no planes when the map has no classes.

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
            single.fill(self._planes.counts[place : place + 1])
        return single

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("a map makes its array of counts anew: copy=False cannot be kept")
        return self.counts if dtype is None else self.counts.astype(dtype)

    def __repr__(self) -> str:
        rows, columns = self.shape
        kind = f"{len(self.classes)} classes" if self.has_classes else "no classes"
        return f"<Heatmap {rows} x {columns}, {kind}, rule {self.rule!r}, {self.report.counted} counted>"

    # Adding shapes

    def add_boxes(
        self,
        xyxy: ArrayLike,
        *,
        sizes: ArrayLike | None = None,
        labels: Labels | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add boxes; arguments as in `heatgrid.count_boxes`, labels as numbers or names of classes.

        Boxes that are not finite are skipped and stand in ``report``.

        Returns
        -------
        Heatmap
            The map itself.
        """
        self.count_into("boxes", xyxy, sizes=sizes, labels=labels, threads=threads)
        return self

    def add_points(
        self,
        xy: ArrayLike,
        *,
        sizes: ArrayLike | None = None,
        labels: Labels | None = None,
        outside: Literal["drop", "clamp"] = "drop",
        threads: int | None = None,
    ) -> Self:
        """Add points; arguments as in `heatgrid.count_points`, labels as numbers or names of classes."""
        self.count_into("points", xy, sizes=sizes, labels=labels, outside=outside, threads=threads)
        return self

    def add_polygons(
        self,
        coords: ArrayLike,
        offsets: Offsets,
        *,
        sizes: ArrayLike | None = None,
        labels: Labels | None = None,
        threads: int | None = None,
    ) -> Self:
        """Add polygons; arguments as in `heatgrid.count_polygons`, labels as numbers or names of classes."""
        self.count_into("polygons", coords, offsets, sizes=sizes, labels=labels, threads=threads)
        return self

    def add(self, annotations: Annotations, *, geometry: Geometry = "auto", on_error: str = "skip") -> Self:
        """Add a batch of annotations.

        Parameters
        ----------
        annotations
            What `heatgrid.read` yields. Classes are matched by name; annotations of classes that this map
            does not have are left out and noted in ``report``. A map without classes takes all.
        geometry
            What to count of each annotation: ``"auto"`` (the polygon where it is usable, else the box),
            ``"box"`` (or the polygon's bounding box) or ``"polygon"``.
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
            An argument has a wrong value, or polygons are to be counted by a rule for boxes only.
        """
        from heatgrid.batches import add_annotations

        with self._lock:
            add_annotations(self, annotations, geometry, on_error)
        return self

    def count_into(
        self,
        kind: str,
        *shapes: Any,
        labels: Labels | None,
        where: Callable[[int], str] | None = None,
        **options: Any,
    ) -> Tally:
        """Count shapes of a kind and report on them; what the ``add_`` methods share.

        ``where`` names the i-th shape for the report.
        """
        how: dict[str, Any] = {} if kind == "points" else {"rule": self.rule}
        if kind == "boxes":
            how["large_box_ratio"] = self.large_box_ratio
        if "outside" in options:
            how["outside"] = options.pop("outside")
        add = getattr(counting, f"add_{kind}")
        with self._lock:
            shared = counting.Options(labels=self._planes.numbers(labels), **options)
            tally: Tally = add(self._planes.counts, *shapes, shared, **how)
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
        return Heatmap(self.shape, classes, rule=self.rule, large_box_ratio=self.large_box_ratio)

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
        for name in ("shape", "rule", "large_box_ratio"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise ValueError(f"maps must have one {name}, got {mine!r} and {theirs!r}")
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
        if (self.shape, self.rule, self.large_box_ratio) != (other.shape, other.rule, other.large_box_ratio):
            return False
        return self._planes.equals(other._planes)

    def copy(self) -> Heatmap:
        """Return a map of its own, equal to this one."""
        with self._lock:
            twin = self._like(self._planes.classes)
            twin.fill(self._planes.counts)
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

    def fill(self, planes: NDArray[np.int64]) -> None:
        """Replace the counts of all planes, (classes, rows, columns) int64; one plane without classes.

        Raises
        ------
        ValueError
            The array has another shape or dtype, or its classes together do not fit in int64.
        """
        with self._lock:
            self._planes.fill(planes)

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
            For pictures: ``title``, ``colormap``, ``scale``, ``vmin``, ``vmax``, ``zero`` …

        Raises
        ------
        ValueError
            The suffix is not known.
        """
        from heatgrid.export import save

        save(self, path, format=format, **options)
