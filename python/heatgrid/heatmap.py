"""The heat map: an accumulator that adds up with others, and becomes numbers, files and pictures."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from heatgrid.core.accumulator import Accumulator
from heatgrid.drawn import Drawn
from heatgrid.core.report import Report
from heatgrid.core.stats import Stats

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import BinaryIO

    from numpy.typing import NDArray

    from heatgrid.analysis import CoOccurrence, Hotspot, Layout


class Heatmap(Accumulator, Drawn):
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
    fit
        ``"stretch"``: every image fills the grid. ``"letterbox"``: images keep their aspect; the longer side
        fills the grid and the shorter is centred. Sizes of images are needed then, of masks their own do.

    Attributes
    ----------
    definition
        What the numbers mean: shape, rule, count, weighted, large_box_ratio, fit.
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

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # maps change

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

    # Algebra

    def _like(self, classes: tuple[str, ...] | None) -> Heatmap:
        return Heatmap(classes=classes, **self.definition.parameters)

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
            return {name: getattr(self, name) for name in Accumulator.__slots__ if name != "_lock"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self._lock = RLock()

    def to_bytes(self) -> bytes:
        """Return the map, its classes and its report as bytes, those of an ``.npz`` file."""
        from heatgrid.io.npz import dump

        return dump(self)

    @staticmethod
    def from_bytes(data: bytes) -> Heatmap:
        """Return the map that `to_bytes` wrote.

        Raises
        ------
        FormatError
            The bytes are no such map. Nothing in them is ever run, whoever wrote them.
        """
        from io import BytesIO

        from heatgrid.io.npz import load

        return load(BytesIO(data))

    # Results

    def stats(self) -> Stats:
        """Return min, q1, median, q3, max and more, over all cells and all classes together."""
        return Stats.of(self.counts)

    def layout(self) -> Layout:
        """Return how the hits spread over the image: empty area, centre bias, border proximity, entropy.

        Raises
        ------
        ValueError
            A count is negative, as in a difference of maps.
        """
        from heatgrid.analysis import Layout

        return Layout.of(self.counts)

    def hotspots(self, n: int = 5, *, separation: float = 0.1) -> list[Hotspot]:
        """Return the n highest separated peaks, highest first; see `heatgrid.analysis.hotspots`.

        Parameters
        ----------
        n
            How many at most.
        separation
            The least distance of two, along x or along y, as a share of the image's width or height.
        """
        from heatgrid.analysis import hotspots

        return hotspots(self.counts, n, separation=separation)

    def cooccurrence(self) -> CoOccurrence:
        """Return which classes share cells.

        Raises
        ------
        ValueError
            The map has no classes, or a count is negative.
        """
        from heatgrid.analysis import CoOccurrence

        if not self.has_classes:
            raise ValueError("cooccurrence needs a map with classes")
        return CoOccurrence.of(self.classes, self.by_class)

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
            ``.npz`` (exact, `heatgrid.load` reads it back), ``.json``, ``.csv``, ``.png`` or ``.svg`` (a
            finished picture), or ``.html`` (the interactive viewer, in one file that works offline); or a
            file open for writing bytes, with ``format``. A file is written under another name first, then
            renamed, so that nobody ever reads half of it.
        format
            The suffix to go by where ``path`` has none or another.
        **options
            For pictures: ``title``, ``by_class=True`` (a small map a class, on one scale), ``colormap``,
            ``scale``, ``vmin``, ``vmax``, ``zero``, ``blur``, ``background``, ``opacity`` …, as `image` and
            `heatgrid.viz.picture` take them; for pages, as `heatgrid.viz.page.page.page` takes them.

        Raises
        ------
        ValueError
            The suffix is not known.
        """
        from heatgrid.export import save

        save(self, path, format=format, **options)
