"""Polygons that count tracks."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.ragged import gather, offsets_of
from heatgrid.live.tracks import Tracks
from heatgrid.live.zones import Zone

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.live.detections import Anchor, ClassKey, Detections, Places
    from heatgrid.live.zones import Color

_ROWS_PER_EDGE = 4  # on average, which bounds the memory


@dataclass(slots=True)
class _PolygonTrack:
    """Last position of a track relative to a polygon, and its time."""

    is_inside: bool = False
    is_counted: bool = False  # whether the present visit counts
    has_entered: bool = False  # whether it was ever inside
    key: ClassKey = None  # the class at entry, so that entering and leaving balance per class
    seen: float = 0.0


class PolygonZone(Zone):
    """A polygon that counts the tracks whose anchor is inside.

    Parameters
    ----------
    points
        (N, 2) vertices, x and y in pixels, N of at least 3; even-odd if the polygon crosses itself. Left and
        top edges belong to it, right and bottom edges do not, so that adjacent zones share no point.
    recount
        Whether a track that comes back enters again; otherwise only its first visit counts.
    max_gap, name, anchor, classes, color
        As in `LineZone`.

    Attributes
    ----------
    entered, left, lost
        Tracks found inside, at first sight too; found outside after that; not seen again after they were
        inside; by class, `collections.Counter`. ``entered - left - lost`` counted visits still last.
    inside
        Detections inside at the last update by class, including those without a track; a
        `collections.Counter`.
    dwell
        Total seconds that tracks spent inside, by class.
    points
        The vertices; new points can be assigned to move the polygon, which keeps counts and tracks.

    Notes
    -----
    The test is exact for all coordinates. A track that jumps over the whole polygon between two frames was
    never inside. The time from a sighting inside to the next sighting, in or out, counts as dwell.

    `update` returns (N,) bool: whether each detection is inside.
    """

    __slots__ = ("_ring", "dwell", "entered", "inside", "left", "lost")

    closed = True

    def __init__(
        self,
        points: ArrayLike,
        *,
        name: str = "",
        anchor: Anchor = "center",
        recount: bool = True,
        classes: Iterable[str | int] | None = None,
        max_gap: float | None = None,
        color: Color = (255, 255, 255),
    ) -> None:
        super().__init__(points, Tracks(_PolygonTrack), name, anchor, recount, classes, max_gap, color)
        self.entered: Counter[ClassKey] = Counter()
        self.left: Counter[ClassKey] = Counter()
        self.lost: Counter[ClassKey] = Counter()
        self.inside: Counter[ClassKey] = Counter()
        self.dwell: defaultdict[ClassKey, float] = defaultdict(float)

    def _prepare(self, points: Places) -> None:
        if len(points) < 3:
            raise ValueError(f"points must have at least 3 vertices, got {len(points)}")
        if not (np.ptp(points, axis=0) > 0).all():
            raise ValueError("points must enclose an area, got points on one row or column")
        self._ring = Ring(points)

    @property
    def text(self) -> str:
        """The counts of all classes."""
        inside, entered, left = (counts.total() for counts in (self.inside, self.entered, self.left))
        return f"inside {inside:,} · entered {entered:,} · left {left:,}"

    @property
    def tables(self) -> dict[str, MutableMapping[ClassKey, Any]]:
        """The counts, and seconds of dwell, by class."""
        return {name: getattr(self, name) for name in ("inside", "entered", "left", "lost", "dwell")}

    def _count(
        self, detections: Detections, places: Places, lost: list[_PolygonTrack], now: float
    ) -> NDArray[np.bool_]:
        self.lost.update(track.key for track in lost if track.is_counted)
        is_inside = self._ring.contains(places)
        flags = is_inside.tolist()
        self.inside = Counter(key for key, inside in zip(detections.keys, flags, strict=True) if inside)
        if detections.ids is not None:
            for track, key, inside in zip(detections.ids, detections.keys, flags, strict=True):
                if track is not None:
                    self._move(self._tracks.see(track), key, now, is_inside=inside)
        return is_inside

    def _move(self, track: _PolygonTrack, key: ClassKey, now: float, *, is_inside: bool) -> None:
        if track.is_inside:
            self.dwell[track.key] += now - track.seen
        if is_inside and not track.is_inside:
            track.key = key
            track.is_counted = self.recount or not track.has_entered
            track.has_entered = True
            self.entered[key] += track.is_counted
        if track.is_inside and not is_inside:
            self.left[track.key] += track.is_counted
            track.is_counted = False
        track.is_inside, track.seen = is_inside, now


class Ring:
    """A ring, (M, 2), of some width and height: even-odd, exact for all coordinates.

    A place is inside if an odd number of edges crosses its height to the right of it. An edge includes its
    upper end and excludes its lower end. The edges are listed by rows of equal height, so that a test visits
    those of one row only.
    """

    __slots__ = ("_edges", "_high", "_low", "_lower", "_offsets", "_rows", "_upper")

    def __init__(self, points: Places) -> None:
        before = np.roll(points, 1, axis=0)
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
