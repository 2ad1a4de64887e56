"""Lines and polygons that count tracks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.spec import check_choice
from heatgrid.live.detections import Anchor, as_detections, class_set
from heatgrid.live.tracks import Clock, Tracks

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.live.detections import ClassKey, Detections, Places

    Color = tuple[int, int, int]


class Zone(ABC):
    """A line or polygon in a frame, with counts by class; parameters as in `LineZone`."""

    closed = False
    """True if the last point is joined to the first."""
    _tracks: Tracks[Any]

    def __init__(
        self,
        points: ArrayLike,
        *,
        name: str = "",
        anchor: Anchor = "center",
        classes: Iterable[str | int] | None = None,
        color: Color = (255, 255, 255),
    ) -> None:
        array = np.array(points, dtype=np.float64)
        if array.ndim != 2 or array.shape[1] != 2 or not np.isfinite(array).all():
            raise ValueError(f"points must be finite, of shape (N, 2), got shape {array.shape}")
        self.points: NDArray[np.float64] = array
        self.name = name
        check_choice("anchor", anchor, get_args(Anchor))
        self.anchor: Anchor = anchor
        self.color = color
        self._classes = class_set(classes)

    def update(self, detections: Any, timestamp: float | None = None) -> NDArray[Any]:
        """Count one frame's detections at a time in seconds, None: now; as in `heatgrid.LiveHeatmap.update`.

        Return the (N,) results per detection, as the class describes them.
        """
        found = as_detections(detections)
        return self.count(found, found.anchors(self.anchor), timestamp)

    def count(self, detections: Detections, places: Places, timestamp: float | None) -> NDArray[Any]:
        """Count detections whose anchors are at ``places``, (N, 2), in the zone's coordinates."""
        counted: NDArray[np.bool_] = np.isfinite(places[:, 0] + places[:, 1])
        if self._classes is not None:
            counted &= np.array([key in self._classes for key in detections.keys], dtype=bool)
        results = self._count(detections.select(counted), places[counted], timestamp)
        per_detection = np.zeros(len(detections), dtype=results.dtype)
        per_detection[counted] = results
        return per_detection

    @abstractmethod
    def _count(self, detections: Detections, places: Places, timestamp: float | None) -> NDArray[Any]:
        """Count detections at finite places, and return the result of each."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The counts of all classes, for the drawn label."""

    @property
    @abstractmethod
    def tables(self) -> dict[str, MutableMapping[ClassKey, Any]]:
        """The counts by class, under their names; seconds for dwell."""

    def reset(self) -> None:
        """Set all counts to 0 and forget all tracks."""
        for counts in self.tables.values():
            counts.clear()
        self._tracks.clear()


class _LineTrack:
    """Last place of a track, and the side of the line it came from: 1 right, -1 left, 0 unknown."""

    __slots__ = ("counted", "has_met", "is_on_line", "place", "side")

    def __init__(self) -> None:
        self.place: tuple[float, float] | None = None
        self.side = 0
        self.is_on_line = False
        self.has_met = False  # whether it has met the segment since it is on the line
        self.counted = False


class LineZone(Zone):
    """A line segment that counts the tracks whose anchor crosses it.

    Parameters
    ----------
    start, end
        Ends of the segment, x and y in pixels. Seen from ``start`` to ``end``, a track from the left side
        goes **in**, a track from the right side goes **out**: over a line drawn from left to right, in is
        downwards.
    recount
        Whether a track counts at every crossing; otherwise only at its first.
    forget_after
        A track that was not seen for more updates than this is forgotten; the same id is then a new track.
    name
        Name in the drawn label.
    anchor
        The point of a box that is tested: ``"center"``, ``"bottom_center"``, ``"top_left"``,
        ``"top_right"``, ``"bottom_left"`` or ``"bottom_right"``.
    classes
        Names or numbers of the classes that count; None: all.
    color
        RGB of the outline.

    Attributes
    ----------
    entered, left
        Crossings in and out by class (None for detections without classes), `collections.Counter`.

    Notes
    -----
    A crossing is a step from one side of the line to the other that meets the segment, its ends included.
    Sides are exact for all coordinates. An anchor on the line is on neither side. A track that returns to the
    side it came from does not count. A track that goes on to the other side counts if it met the segment
    while it was on the line. A track that starts on the line does not count. A jump over the line between two
    frames counts; moving next to the line or along it does not. The reverse path undoes every count.

    `update` returns (N,) int8: 1 for a detection that goes in, -1 out, 0 neither. Detections without a track
    give 0.
    """

    def __init__(
        self,
        start: Sequence[float],
        end: Sequence[float],
        *,
        name: str = "",
        anchor: Anchor = "center",
        recount: bool = True,
        classes: Iterable[str | int] | None = None,
        forget_after: int = 300,
        color: Color = (255, 255, 255),
    ) -> None:
        super().__init__([start, end], name=name, anchor=anchor, classes=classes, color=color)
        if (self.points[0] == self.points[1]).all():
            raise ValueError(f"start and end must differ, got {tuple(start)} twice")
        self.recount = recount
        self.entered: Counter[ClassKey] = Counter()
        self.left: Counter[ClassKey] = Counter()
        self._tracks = Tracks(_LineTrack, forget_after)

    @property
    def in_count(self) -> int:
        """Crossings in, of all classes."""
        return self.entered.total()

    @property
    def out_count(self) -> int:
        """Crossings out, of all classes."""
        return self.left.total()

    @property
    def text(self) -> str:
        """The crossings of all classes, in and out."""
        return f"in {self.in_count:,} · out {self.out_count:,}"

    @property
    def tables(self) -> dict[str, MutableMapping[ClassKey, Any]]:
        """The crossings by class."""
        return {"entered": self.entered, "left": self.left}

    def _count(self, detections: Detections, places: Places, timestamp: float | None) -> NDArray[np.int8]:  # noqa: ARG002
        self._tracks.begin_update()
        steps = np.zeros(len(detections), dtype=np.int8)
        if detections.ids is None or not len(detections):
            return steps
        sides = self._sides(places).tolist()
        rows = zip(detections.ids, detections.keys, places.tolist(), sides, strict=True)
        for i, (track, key, place, side) in enumerate(rows):
            if track is None:
                continue
            steps[i] = step = self._step(self._tracks.see(track), (place[0], place[1]), side)
            if step:
                (self.entered if step > 0 else self.left)[key] += 1
        return steps

    def _sides(self, places: Places) -> NDArray[np.int8]:
        start, end = (np.repeat(point[np.newaxis], len(places), axis=0) for point in self.points)
        return kernel.orientations(start, end, np.ascontiguousarray(places))

    def _step(self, track: _LineTrack, place: tuple[float, float], side: int) -> int:
        """Move a track to a place; return 1 if it goes in, -1 if it goes out, otherwise 0."""
        before, track.place = track.place, place
        was_on_line, track.is_on_line = track.is_on_line, side == 0
        if side == 0:
            met = before is not None and self._is_met(before, place, is_along=was_on_line)
            track.has_met = met or (was_on_line and track.has_met)
            return 0
        came_from, track.side = track.side, side
        if came_from in (0, side) or before is None:
            return 0
        met = track.has_met if was_on_line else self._is_met(before, place, is_along=False)
        if not met or (track.counted and not self.recount):
            return 0
        track.counted = True
        return side

    def _is_met(self, a: tuple[float, float], b: tuple[float, float], *, is_along: bool) -> bool:
        """Return whether a step from a to b, along the line or meeting it once, meets the segment."""
        if is_along:
            lows, highs = np.minimum(a, b), np.maximum(a, b)
            return bool((self.points.min(axis=0) <= highs).all() and (lows <= self.points.max(axis=0)).all())
        one, other = kernel.orientations(np.array([a, a]), np.array([b, b]), self.points).tolist()
        return bool(one * other <= 0)


class _PolygonTrack:
    """Last position of a track relative to a polygon, and its time."""

    __slots__ = ("has_entered", "is_counted", "is_inside", "key", "seen")

    def __init__(self) -> None:
        self.is_inside = False
        self.is_counted = False  # whether the present visit counts
        self.has_entered = False  # whether it was ever inside
        self.key: ClassKey = None  # the class at entry, so that entering and leaving balance per class
        self.seen: float | None = None


class PolygonZone(Zone):
    """A polygon that counts the tracks whose anchor is inside.

    Parameters
    ----------
    points
        (N, 2) vertices, x and y in pixels, N of at least 3; even-odd if the polygon crosses itself. Left and
        top edges belong to it, right and bottom edges do not, so that adjacent zones share no point.
    recount
        Whether a track that comes back enters again; otherwise only its first visit counts.
    max_gap
        The longest time between two sightings of a track that counts as dwell, in seconds.
    forget_after
        A track that was not seen for more updates than this is lost.
    name, anchor, classes, color
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

    Notes
    -----
    The test is exact for all coordinates. A track that jumps over the whole polygon between two frames was
    never inside. The time from a sighting inside to the next sighting, in or out, counts as dwell.

    `update` returns (N,) bool: whether each detection is inside.
    """

    closed = True

    def __init__(
        self,
        points: ArrayLike,
        *,
        name: str = "",
        anchor: Anchor = "center",
        recount: bool = True,
        classes: Iterable[str | int] | None = None,
        max_gap: float = 1.0,
        forget_after: int = 300,
        color: Color = (255, 255, 255),
    ) -> None:
        super().__init__(points, name=name, anchor=anchor, classes=classes, color=color)
        if len(self.points) < 3:
            raise ValueError(f"points must have at least 3 vertices, got {len(self.points)}")
        if not max_gap >= 0:
            raise ValueError(f"max_gap must be a number of seconds, got {max_gap!r}")
        self.recount = recount
        self.entered: Counter[ClassKey] = Counter()
        self.left: Counter[ClassKey] = Counter()
        self.lost: Counter[ClassKey] = Counter()
        self.inside: Counter[ClassKey] = Counter()
        self.dwell: defaultdict[ClassKey, float] = defaultdict(float)
        self._max_gap = max_gap
        self._clock = Clock()
        self._tracks = Tracks(_PolygonTrack, forget_after)

    @property
    def text(self) -> str:
        """The counts of all classes."""
        inside, entered, left = (counts.total() for counts in (self.inside, self.entered, self.left))
        return f"inside {inside:,} · entered {entered:,} · left {left:,}"

    @property
    def tables(self) -> dict[str, MutableMapping[ClassKey, Any]]:
        """The counts, and seconds of dwell, by class."""
        return {name: getattr(self, name) for name in ("inside", "entered", "left", "lost", "dwell")}

    def reset(self) -> None:
        """Set all counts to 0 and forget all tracks."""
        super().reset()
        self._clock.reset()

    def _count(self, detections: Detections, places: Places, timestamp: float | None) -> NDArray[np.bool_]:
        self._clock.advance(timestamp)
        self.lost.update(track.key for track in self._tracks.begin_update() if track.is_counted)
        is_inside = contains(self.points, places)
        flags = is_inside.tolist()
        self.inside = Counter(key for key, inside in zip(detections.keys, flags, strict=True) if inside)
        if detections.ids is not None:
            for track, key, inside in zip(detections.ids, detections.keys, flags, strict=True):
                if track is not None:
                    self._move(self._tracks.see(track), key, is_inside=inside)
        return is_inside

    def _move(self, track: _PolygonTrack, key: ClassKey, *, is_inside: bool) -> None:
        now = self._clock.now
        if track.is_inside and track.seen is not None and now is not None:
            self.dwell[track.key] += min(now - track.seen, self._max_gap)
        if is_inside and not track.is_inside:
            track.key = key
            track.is_counted = self.recount or not track.has_entered
            track.has_entered = True
            self.entered[key] += track.is_counted
        if track.is_inside and not is_inside:
            self.left[track.key] += track.is_counted
            track.is_counted = False
        track.is_inside, track.seen = is_inside, now


def contains(ring: Places, places: Places) -> NDArray[np.bool_]:
    """Return which places, (N, 2), lie inside a ring, (M, 2): even-odd, exactly.

    A place is inside if an odd number of edges crosses its height to the right of it. An edge includes its
    upper end and excludes its lower end.
    """
    inside = np.zeros(len(places), dtype=bool)
    for a, b in zip(np.roll(ring, 1, axis=0), ring, strict=True):
        upper, lower = (a, b) if a[1] < b[1] else (b, a)
        crossed = np.flatnonzero((upper[1] <= places[:, 1]) & (places[:, 1] < lower[1]))
        if len(crossed):
            start, end = (np.repeat(vertex[np.newaxis], len(crossed), axis=0) for vertex in (upper, lower))
            # Looking down along the edge, the right-hand side is the left of the image.
            inside[crossed] ^= kernel.orientations(start, end, places[crossed]) > 0
    return inside
