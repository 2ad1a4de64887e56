"""The accumulator: a count map that grows by boxes, points, polygons and whole batches of annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from heatgrid import counting
from heatgrid.counting import choose, grid_shape
from heatgrid.report import EXAMPLES, Report, describe
from heatgrid.stats import Stats

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import BinaryIO

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.annotations import Annotations
    from heatgrid.choice import Geometry
    from heatgrid.counting import Offsets, RuleName, Shape, Tally

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

    Notes
    -----
    Maps of one shape and definition are a commutative monoid under ``+``: addition is associative and
    commutative, classes are matched by name, an empty map is the identity, and operands are left as they were.
    """

    __slots__ = ("_classes", "_planes", "large_box_ratio", "report", "rule")
    __hash__ = None  # type: ignore[assignment]  # maps change

    def __init__(
        self,
        shape: Shape,
        classes: Iterable[str] | None = None,
        *,
        rule: RuleName = "center",
        large_box_ratio: float | None = None,
    ) -> None:
        self._classes = None if classes is None else _class_names(classes)
        planes = 1 if self._classes is None else len(self._classes)
        self._planes = np.zeros((planes, *grid_shape(shape)), dtype=np.int64)
        choose("rule", rule, dict.fromkeys(("center", "touch", "point")))
        self.rule = rule
        self.large_box_ratio = large_box_ratio
        self.report = Report()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return self._planes.shape[1], self._planes.shape[2]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the planes; empty when the map has none."""
        return self._classes or ()

    @property
    def has_classes(self) -> bool:
        """Whether the map was made with classes, be they none yet."""
        return self._classes is not None

    @property
    def counts(self) -> NDArray[np.int64]:
        """(rows, columns) int64: all classes together."""
        return self._planes[0].copy() if len(self._planes) == 1 else self._planes.sum(axis=0)

    @property
    def by_class(self) -> NDArray[np.int64]:
        """(classes, rows, columns) int64, a read-only view; of no planes when the map has no classes."""
        planes = self._planes[: len(self.classes)]
        planes.flags.writeable = False
        return planes

    def __getitem__(self, name: str) -> Heatmap:
        """Return the map of one class, as a map of its own."""
        if name not in self.classes:
            known = ", ".join(self.classes) or "none: the map was made without classes"
            raise KeyError(f"no class {name!r}; classes are {known}")
        single = self._like((name,))
        single._planes[0] = self._planes[self.classes.index(name)]
        return single

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("a map makes its array of counts anew: copy=False cannot be kept")
        return self.counts if dtype is None else self.counts.astype(dtype)

    def __repr__(self) -> str:
        rows, columns = self.shape
        kind = f"{len(self._classes)} classes" if self._classes is not None else "no classes"
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
            What `heatgrid.read` yields. Classes are matched by name; annotations of classes that this map does
            not have are left out and noted in ``report``. A map without classes takes all.
        geometry
            What to count of each annotation: ``"auto"`` (the polygon where it is usable, else the box),
            ``"box"``, ``"polygon"`` or ``"point"``.
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
        """
        from heatgrid.batches import add_annotations

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
        numbers = self._label_numbers(labels)
        if kind != "points":
            options["rule"] = self.rule
        if kind == "boxes":
            options["large_box_ratio"] = self.large_box_ratio
        tally: Tally = getattr(counting, f"add_{kind}")(self._planes, *shapes, labels=numbers, **options)
        report = self.report
        report.annotations += tally.counted + tally.fallback + tally.empty + tally.outside + tally.invalid
        report.counted += tally.counted + tally.fallback
        report.fallback += tally.fallback
        report.empty += tally.empty
        report.outside += tally.outside
        if tally.invalid and tally.outcomes is not None:
            name = where or (lambda i: describe(f"{kind}[{i}]"))
            invalid = np.flatnonzero(tally.outcomes == counting.OUTCOMES.index("invalid"))
            for i in invalid[:EXAMPLES].tolist():
                report.skip(NOT_FINITE, name(i))
            report.skip(NOT_FINITE, n=len(invalid[EXAMPLES:]))
        return tally

    def _label_numbers(self, labels: Labels | None) -> ArrayLike | None:
        if labels is None:
            if self._classes is not None and len(self._classes) != 1:
                raise ValueError("labels must be given: the map has classes")
            return None
        if self._classes is None:
            raise ValueError("labels must not be given: the map was made without classes")
        array = np.asarray(labels)
        if array.dtype.kind not in "UOT":
            return array
        number = {name: i for i, name in enumerate(self._classes)}
        try:
            return np.array([number[str(name)] for name in array.ravel().tolist()], dtype=np.int64)
        except KeyError as error:
            raise ValueError(f"labels: {error.args[0]!r} is not a class of this map") from None

    # Algebra

    def _like(self, classes: tuple[str, ...] | None) -> Heatmap:
        rule: Any = self.rule
        return Heatmap(self.shape, classes, rule=rule, large_box_ratio=self.large_box_ratio)

    def grow(self, classes: Iterable[str]) -> None:
        """Give the map planes for classes that it does not have yet.

        Raises
        ------
        ValueError
            The map was made without classes.
        """
        if self._classes is None:
            raise ValueError("a map made without classes cannot grow classes")
        new = [name for name in classes if name not in set(self.classes)]
        if new:
            self._classes = (*self.classes, *new)
            self._planes = np.concatenate([self._planes, np.zeros((len(new), *self.shape), dtype=np.int64)])

    def _combine(self, other: Heatmap, sign: int) -> None:
        for name in ("shape", "rule", "large_box_ratio"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                raise ValueError(f"maps must have one {name}, got {mine!r} and {theirs!r}")
        if (self._classes is None) != (other._classes is None):
            raise ValueError("maps must both have classes, or neither")
        if self._classes is not None:
            self.grow(other.classes)
        places = [self.classes.index(name) for name in other.classes] or [0]
        for place, plane in zip(places, other._planes, strict=False):
            self._planes[place] += sign * plane

    def __iadd__(self, other: Heatmap) -> Self:
        if not isinstance(other, Heatmap):
            return NotImplemented
        self._combine(other, 1)
        self.report += other.report
        return self

    def __add__(self, other: Heatmap) -> Heatmap:
        if not isinstance(other, Heatmap):
            return NotImplemented
        total = self.copy()
        total += other
        return total

    def __radd__(self, other: object) -> Heatmap:
        return self.copy() if other == 0 else NotImplemented  # what sum() begins with

    def __sub__(self, other: Heatmap) -> Heatmap:
        if not isinstance(other, Heatmap):
            return NotImplemented
        difference = self.copy()
        difference._combine(other, -1)
        difference.report = Report()
        difference.report.note("difference of two maps")
        return difference

    def __eq__(self, other: object) -> bool:
        """Whether two maps have one definition and equal counts, classes matched by name; reports may differ."""
        if not isinstance(other, Heatmap):
            return NotImplemented
        if (self.shape, self.rule, self.large_box_ratio) != (other.shape, other.rule, other.large_box_ratio):
            return False
        if (self._classes is None) != (other._classes is None) or set(self.classes) != set(other.classes):
            return False
        order = [other.classes.index(name) for name in self.classes] or slice(None)
        return np.array_equal(self._planes, other._planes[order])

    def copy(self) -> Heatmap:
        """Return a map of its own, equal to this one."""
        twin = self._like(self._classes)
        twin._planes = self._planes.copy()
        twin.report = self.report.copy()
        return twin

    __copy__ = copy

    def __deepcopy__(self, memo: Mapping[int, object]) -> Heatmap:
        return self.copy()

    def fill(self, planes: NDArray[np.int64]) -> None:
        """Replace the counts of all planes, (classes, rows, columns) int64; one plane without classes.

        Raises
        ------
        ValueError
            The array has another shape or dtype.
        """
        if planes.dtype != np.int64 or planes.shape != self._planes.shape:
            expected = f"int64 of shape {self._planes.shape}"
            raise ValueError(f"counts must be {expected}, got {planes.dtype} of shape {planes.shape}")
        self._planes[...] = planes

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

        return render.colorize(self.counts, **options)

    def save(self, path: str | os.PathLike[str] | BinaryIO, *, format: str | None = None, **options: Any) -> None:  # noqa: A002
        """Write the map, as its suffix says.

        Parameters
        ----------
        path
            ``.npz`` (exact, `heatgrid.load` reads it back), ``.json``, ``.csv``, or ``.png`` (a finished picture);
            or a file open for writing bytes, with ``format``. Written under another name first, then renamed.
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


def _class_names(classes: Iterable[str]) -> tuple[str, ...]:
    if isinstance(classes, str):
        raise TypeError(f"classes must be several names, got the one string {classes!r}")
    names = tuple(classes)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"classes must be strings, got {names!r}")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"classes must differ, got {twice!r} twice")
    return names
