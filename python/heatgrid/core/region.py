"""Regions: polygons in images, which annotations and tracks are in or not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.ragged import gather, offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Places = NDArray[np.float64]
    Ring = tuple[tuple[float, float], ...]

_ROWS_PER_EDGE = 4  # on average, which bounds the memory


@dataclass(frozen=True)
class Region:
    """A polygon in images, for ``region=``, ``exclude_region=``, ``within=`` and `PolygonZone`.

    A place is inside if it is inside by the even-odd rule: left and top edges belong to the polygon, right
    and bottom edges do not, so that adjacent regions share no place. The test is exact for all coordinates.

    Parameters
    ----------
    points
        (N, 2) vertices x, y of a polygon, N of at least 3; or a list of rings, the outer one and its holes;
        or a list of several such lists. Rings are closed implicitly.
    name
        Name in tables. Empty: a number.
    normalized
        Whether coordinates are shares of the image's width and height; otherwise they are pixels. None: they
        are if all are in [0, 1].

    Attributes
    ----------
    points
        The vertices as tuples: parts, rings, vertices.

    Raises
    ------
    TypeError, ValueError
        The points are not those of a polygon with an area, or an argument has a wrong type.

    Examples
    --------
    >>> import heatgrid as hg
    >>> left = hg.Region([(0, 0), (0.5, 0), (0.5, 1), (0, 1)], name="left")
    >>> heat = hg.heatmap("annotations.json", region=left)
    """

    points: Any
    name: str = ""
    normalized: bool | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a string, got {self.name!r}")
        nested, depth = self.points, _depth(self.points)
        if not 2 <= depth <= 4:
            raise ValueError(
                f"points must be (N, 2) vertices, rings of them or parts of rings, got {nested!r}"[:200]
            )
        for _ in range(depth, 4):
            nested = [nested]
        parts = tuple(tuple(_as_ring(ring) for ring in part) for part in nested)
        if not parts or not all(parts):
            raise ValueError("points must have at least 3 vertices, got none")
        flat = np.concatenate([ring for part in parts for ring in part])
        object.__setattr__(self, "points", parts)
        if self.normalized is None:
            object.__setattr__(self, "normalized", bool(((flat >= 0) & (flat <= 1)).all()))

    @property
    def outline(self) -> Places:
        """(N, 2) float64: the only ring, in pixels; ValueError for any other region."""
        if self.normalized or len(self.points) > 1 or len(self.points[0]) > 1:
            raise ValueError(
                "points must be a single ring in pixels, got a region of shares or several rings"
            )
        return np.array(self.points[0][0])

    def pixels(self, size: tuple[float, float]) -> Region:
        """Return the region in pixels of images of a width and height."""
        if not self.normalized:
            return self
        width, height = size
        parts = [[[(x * width, y * height) for x, y in ring] for ring in part] for part in self.points]
        return replace(self, points=parts, normalized=False)

    @cached_property
    def _parts(self) -> list[EvenOdd]:
        return [EvenOdd([np.array(ring) for ring in part]) for part in self.points]

    def contains(
        self, places: Places, sizes: Places | None = None, *, normalized: bool = False
    ) -> NDArray[np.bool_]:
        """Return which places are inside, (N,) bool.

        Parameters
        ----------
        places
            (N, 2) float64, pixels or, with ``normalized``, shares of the image; NaN is not inside.
        sizes
            Image sizes in pixels, (2,) or (N, 2), NaN if unknown; needed if only one of region and places is
            normalized.
        """
        if self.normalized != normalized:
            if sizes is None:
                raise ValueError("sizes must be given: only one of region and places is normalized")
            places = places * sizes if normalized else places / sizes
        inside = np.zeros(len(places), dtype=bool)
        for part in self._parts:
            inside |= part.contains(places)
        return inside


def _depth(value: Any) -> int:
    """Return the number of nested sequences."""
    depth = 0
    while isinstance(value, (list, tuple, np.ndarray)):
        depth += 1
        if not len(value):
            break
        value = value[0]
    return depth


def _as_ring(points: Sequence[Any]) -> Ring:
    try:
        array = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"points must be numbers x, y, got {points!r}"[:200]) from None
    check_ring(array)
    return tuple((x, y) for x, y in array.tolist())


def check_ring(points: Places) -> None:
    """Raise ValueError unless points are the vertices of a polygon with an area."""
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points must have shape (N, 2), got {points.shape}")
    if len(points) < 3:
        raise ValueError(f"points must have at least 3 vertices, got {len(points)}")
    if not np.isfinite(points).all():
        raise ValueError(f"points must be finite, got {points.tolist()}"[:200])
    if not (np.ptp(points, axis=0) > 0).all():
        raise ValueError("points must enclose an area, got points on one row or column")


class EvenOdd:
    """Rings, (M, 2) each, of some width and height: even-odd over all of them, exact for all coordinates.

    A place is inside if an odd number of edges crosses its height to the right of it. An edge includes its
    upper end and excludes its lower end. The edges are listed by rows of equal height, so that a test visits
    those of one row only.
    """

    __slots__ = ("_edges", "_high", "_low", "_lower", "_offsets", "_rows", "_upper")

    def __init__(self, rings: Sequence[Places]) -> None:
        points = np.concatenate(rings)
        before = np.concatenate([np.roll(ring, 1, axis=0) for ring in rings])
        leads_down = (before[:, 1] < points[:, 1])[:, np.newaxis]
        upper, lower = np.where(leads_down, before, points), np.where(leads_down, points, before)
        is_level = upper[:, 1] == lower[:, 1]
        self._upper, self._lower = upper[~is_level], lower[~is_level]
        self._low, self._high = points.min(axis=0), points.max(axis=0)
        shares = (self._lower[:, 1] - self._upper[:, 1]) / (self._high[1] - self._low[1])
        self._rows = int(min(len(shares), _ROWS_PER_EDGE / shares.mean()))
        first, last = self._row(self._upper[:, 1]), self._row(self._lower[:, 1])
        listed = offsets_of(last - first + 1)
        row = np.arange(listed[-1]) + np.repeat(first - listed[:-1], np.diff(listed))
        self._edges = np.repeat(np.arange(len(first)), np.diff(listed))[np.argsort(row, kind="stable")]
        self._offsets = offsets_of(np.bincount(row, minlength=self._rows))

    def _row(self, y: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the row of heights in the ring; it never decreases with the height."""
        share = (y - self._low[1]) / (self._high[1] - self._low[1])
        return np.asarray(np.minimum((share * self._rows).astype(np.int64), self._rows - 1))

    def contains(self, places: Places) -> NDArray[np.bool_]:
        """Return which places, (N, 2), lie inside."""
        near = np.flatnonzero(((self._low <= places) & (places <= self._high)).all(axis=1))
        listed, offsets = gather(self._offsets, self._row(places[near, 1]))
        number, edge = np.repeat(near, np.diff(offsets)), self._edges[listed]
        y = places[number, 1]
        crossed = (self._upper[edge, 1] <= y) & (y < self._lower[edge, 1])
        number, edge = number[crossed], edge[crossed]
        upper, lower = self._upper.take(edge, axis=0), self._lower.take(edge, axis=0)
        # Looking down along the edge, the right-hand side is the left of the image.
        is_left = kernel.orientations(upper, lower, places.take(number, axis=0)) > 0
        return np.asarray(np.bincount(number[is_left], minlength=len(places)) % 2 == 1)
