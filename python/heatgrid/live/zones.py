"""Zones that count tracks, and lines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.anchors import Anchor
from heatgrid.core.arguments import as_doubles
from heatgrid.core.ragged import finite_rows
from heatgrid.core.region import Region
from heatgrid.core.report import Report
from heatgrid.core.spec import check_choice
from heatgrid.live.detections import as_detections, class_set
from heatgrid.live.records import Event
from heatgrid.live.tracks import DEFAULT_GAP, Stream, Tracks, as_gap, as_timestamp, is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.live.detections import ClassKey, Detections, Places

    Color = tuple[int, int, int]

MAX_RECORDS = 100_000
"""Events, and stays, that a zone keeps by default."""

_FARTHEST = 1e6
"""Greatest coordinate of a zone in pixels; farther lines cannot be drawn exactly."""


class Zone(ABC):
    """A line or polygon in a frame, with counts by class; parameters as in `LineZone`."""

    __slots__ = (
        "_classes", "_max_gap", "_points", "_stream", "_tracks", "anchor", "color", "events", "name",
        "recount", "report",
    )  # fmt: skip

    closed = False
    """True if the last point is joined to the first."""

    anchor: Anchor
    color: Color
    events: deque[Event]
    name: str

    def __init__(  # noqa: PLR0917 - called by subclasses only
        self,
        points: ArrayLike | Region,
        tracks: Tracks[Any],
        name: str,
        anchor: Anchor,
        recount: bool,
        classes: Iterable[str | int] | None,
        max_gap: float | None,
        max_records: int | None,
        color: Color,
    ) -> None:
        self._tracks = tracks
        self.events = new_records(max_records)
        self.points = points
        self.name, self.anchor, self.color, self.recount = name, anchor, color, recount
        self._classes = class_set(classes)
        self._max_gap = None if max_gap is None else as_gap(max_gap)
        self._stream = Stream(DEFAULT_GAP if max_gap is None else max_gap)
        self.report = Report()

    def __setattr__(self, name: str, value: Any) -> None:
        """Check values at construction and later."""
        if name == "anchor":
            check_choice("anchor", value, get_args(Anchor))
        elif name == "name" and not isinstance(value, str):
            raise TypeError(f"name must be a string, got {value!r}")
        elif name == "color" and not _is_color(value):
            raise ValueError(f"color must be three whole numbers from 0 to 255, got {value!r}")
        super().__setattr__(name, value)

    @property
    def points(self) -> Places:
        """(N, 2) float64, read-only; assign new points to move the zone."""
        return self._points

    @points.setter
    def points(self, points: ArrayLike | Region) -> None:
        array = as_doubles(points.outline if isinstance(points, Region) else points, "points", 2).copy()
        if not (np.abs(array) <= _FARTHEST).all():
            raise ValueError(f"points must be finite, from -1e6 to 1e6, got {array.tolist()}"[:200])
        array.flags.writeable = False
        self._prepare(array)
        self._points = array

    @abstractmethod
    def _prepare(self, points: Places) -> None:
        """Check new points, and prepare to count with them."""

    def update(self, detections: Any, timestamp: float | None = None) -> NDArray[Any]:
        """Count one frame's detections at a time in seconds, None: now; as in `heatgrid.LiveHeatmap.update`.

        Return the (N,) results per detection, as the class describes them. ``report`` holds notes on ids and
        timestamps. Zones of a `heatgrid.LiveHeatmap` are updated by the map.
        """
        found, timestamp = as_detections(detections), as_timestamp(timestamp)
        self._stream.advance(timestamp, self.report)
        with np.errstate(over="ignore", invalid="ignore"):  # of boxes that are not finite
            places = found.anchors(self.anchor)
            return self.count(self._stream.follow(found, self.report), places, self._stream)

    def count(self, detections: Detections, places: Places, stream: Stream) -> NDArray[Any]:
        """Count detections that a stream follows, with anchors at ``places``, (N, 2), in its coordinates."""
        counted = finite_rows(places)
        if self._classes is not None:
            counted &= np.array([key in self._classes for key in detections.keys], dtype=bool)
        lost = self._tracks.begin_update(
            stream.now, stream.max_gap if self._max_gap is None else self._max_gap
        )
        results = self._count(detections.select(counted), places[counted], lost, stream.now)
        per_detection = np.zeros(len(detections), dtype=results.dtype)
        per_detection[counted] = results
        return per_detection

    @abstractmethod
    def _count(self, detections: Detections, places: Places, lost: list[Any], now: float) -> NDArray[Any]:
        """Count detections at finite places and the tracks that are lost, and return each one's result."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The counts of all classes, for the drawn label."""

    @property
    @abstractmethod
    def tables(self) -> dict[str, MutableMapping[ClassKey, Any]]:
        """The counts by class, under their names; seconds for dwell."""

    def reset(self) -> None:
        """Set all counts to 0 and forget the time and all tracks."""
        for counts in self.tables.values():
            counts.clear()
        self.events.clear()
        self._tracks.clear()
        self._stream.reset()
        self.report = Report()


def new_records(most: int | None) -> deque[Any]:
    """Return an empty list of records that keeps the last ``most``; None: all."""
    if most is not None and not (is_number(most) and most >= 0 and most % 1 == 0):
        raise ValueError(f"max_records must be a whole number or None, got {most!r}")
    return deque(maxlen=None if most is None else int(most))


def as_zones(zones: Iterable[Zone]) -> tuple[Zone, ...]:
    """Return zones as a tuple; raise TypeError or ValueError for other objects and for one zone twice."""
    if isinstance(zones, Zone):
        raise TypeError("zones must be several zones, got a single one")
    listed = tuple(zones)
    for i, zone in enumerate(listed):
        if not isinstance(zone, Zone):
            raise TypeError(f"zones must be LineZone and PolygonZone objects, got {zone!r}")
        if any(zone is other for other in listed[:i]):
            raise ValueError(f"zones must differ, got zone {i} twice")
    return listed


def _is_color(value: object) -> bool:
    return (
        isinstance(value, (tuple, list))
        and len(value) == 3
        and all(isinstance(part, int) and 0 <= part <= 255 for part in value)
    )


@dataclass(slots=True)
class _LineTrack:
    """Last place of a track, and the side of the line it came from: 1 right, -1 left, 0 unknown."""

    place: tuple[float, float] | None = None
    raw_side: int = 0  # of the last place, without regard to the margin
    side: int = 0
    streak: int = 0  # updates in a row on the other side
    has_met: bool = False  # whether it has met the segment since it was last on its side
    counted: bool = False


class LineZone(Zone):
    """A line segment that counts the tracks whose anchor crosses it.

    Parameters
    ----------
    start, end
        Ends of the segment, x and y in pixels. Seen from ``start`` to ``end``, a track from the left side
        goes **in**, a track from the right side goes **out**: over a line drawn from left to right, in is
        downwards.
    min_frames
        Updates in a row that a track must be seen on the other side to count, so that a single wrong
        detection does not.
    margin
        Pixels next to the line that belong to neither side, so that a track that trembles there does not
        count.
    recount
        Whether a track counts at every crossing; otherwise only at its first.
    max_gap
        Seconds without a detection after which a track is lost, and the same id begins a new one. None:
        ``max_gap`` of the map; 1 for a zone without a map. It cannot exceed that of the map.
    name
        Name in the drawn label.
    anchor
        The point of a box that is tested: ``"center"``, ``"bottom_center"``, ``"top_left"``,
        ``"top_right"``, ``"bottom_left"`` or ``"bottom_right"``.
    classes
        Names or numbers of the classes that count; None: all.
    max_records
        Events that are kept, the last ones; None: all, which needs more and more memory.
    color
        RGB of the outline.

    Attributes
    ----------
    events
        The crossings, a `collections.deque` of `heatgrid.live.Event`.
    entered, left
        Crossings in and out by class (None for detections without classes), `collections.Counter`.
    points
        The ends; ``start``, ``end`` or ``points`` can be assigned to move the line, which keeps the counts
        and forgets where tracks were.

    Notes
    -----
    A crossing is a step from one side of the line to the other that meets the segment, its ends included.
    Sides are exact for all coordinates. An anchor on the line is on neither side. A track that returns to the
    side it came from does not count. A track that goes on to the other side counts if it met the segment
    since it left its side. A track that starts on the line does not count. A jump over the line between two
    frames counts; moving next to the line or along it does not. The reverse path undoes every count.

    `update` returns (N,) int8: 1 for a detection that goes in, -1 out, 0 neither. Detections without a track
    give 0.

    Examples
    --------
    >>> import heatgrid as hg
    >>> line = hg.LineZone((0, 50), (100, 50))
    >>> for second, y in enumerate((20, 80)):
    ...     detections = {"xyxy": [[40, y, 60, y + 10]], "ids": [7], "classes": ["person"]}
    ...     _ = line.update(detections, timestamp=second / 30)
    >>> line.entered
    Counter({'person': 1})
    """

    __slots__ = ("_margin", "_min_frames", "entered", "left")

    def __init__(
        self,
        start: Sequence[float],
        end: Sequence[float],
        *,
        min_frames: int = 1,
        margin: float = 0.0,
        name: str = "",
        anchor: Anchor = "center",
        recount: bool = True,
        classes: Iterable[str | int] | None = None,
        max_gap: float | None = None,
        max_records: int | None = MAX_RECORDS,
        color: Color = (255, 255, 255),
    ) -> None:
        options = name, anchor, recount, classes, max_gap, max_records, color
        super().__init__([start, end], Tracks(_LineTrack), *options)
        if not (is_number(min_frames) and min_frames >= 1 and min_frames % 1 == 0):
            raise ValueError(f"min_frames must be a whole number of at least 1, got {min_frames!r}")
        if not (is_number(margin) and margin >= 0):
            raise ValueError(f"margin must be a number of pixels, got {margin!r}")
        self._min_frames, self._margin = min_frames, margin
        self.entered: Counter[ClassKey] = Counter()
        self.left: Counter[ClassKey] = Counter()

    def _prepare(self, points: Places) -> None:
        if len(points) != 2 or (points[0] == points[1]).all():
            raise ValueError(f"start and end must differ, got {points.tolist()}")
        self._tracks.clear()

    @property
    def start(self) -> tuple[float, float]:
        """The first end."""
        x, y = self.points[0].tolist()
        return x, y

    @start.setter
    def start(self, start: Sequence[float]) -> None:
        self.points = [start, self.end]

    @property
    def end(self) -> tuple[float, float]:
        """The second end."""
        x, y = self.points[1].tolist()
        return x, y

    @end.setter
    def end(self, end: Sequence[float]) -> None:
        self.points = [self.start, end]

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

    def _count(
        self,
        detections: Detections,
        places: Places,
        lost: list[Any],  # noqa: ARG002
        now: float,
    ) -> NDArray[np.int8]:
        steps = np.zeros(len(detections), dtype=np.int8)
        if detections.ids is None or not len(detections):
            return steps
        raw_sides = sides = self._sides(places)
        if self._margin:
            sides = np.where(self._distances(places) < self._margin, 0, sides)
        columns = (column.tolist() for column in (places, raw_sides, sides))
        rows = zip(detections.ids, detections.keys, *columns, strict=True)
        for i, (track, key, place, raw_side, side) in enumerate(rows):
            if track is None:
                continue
            steps[i] = step = self._step(self._tracks.see(track), (place[0], place[1]), raw_side, side)
            if step:
                (self.entered if step > 0 else self.left)[key] += 1
                self.events.append(Event(now, self.name, track.name, key, "in" if step > 0 else "out"))
        return steps

    def _sides(self, places: Places) -> NDArray[np.int8]:
        start, end = (np.repeat(point[np.newaxis], len(places), axis=0) for point in self.points)
        return kernel.orientations(start, end, np.ascontiguousarray(places))

    def _distances(self, places: Places) -> NDArray[np.float64]:
        start, end = self.points
        x, y = (end - start) / np.hypot(*(end - start))
        return np.asarray(np.abs((places - start) @ np.array([-y, x])))

    def _step(self, track: _LineTrack, place: tuple[float, float], raw_side: int, side: int) -> int:
        """Move a track to a place; return 1 if it goes in, -1 if it goes out, otherwise 0."""
        if track.place is not None and track.raw_side * raw_side <= 0:
            track.has_met |= self._is_met(track.place, place, is_along=track.raw_side == raw_side)
        track.place, track.raw_side = place, raw_side
        if side in (0, track.side) or track.side == 0:
            track.streak = 0
            if side:
                track.side, track.has_met = side, False
            return 0
        track.streak += 1
        if track.streak < self._min_frames:
            return 0
        is_crossing = track.has_met and (self.recount or not track.counted)
        track.side, track.has_met, track.streak = side, False, 0
        track.counted |= is_crossing
        return side if is_crossing else 0

    def _is_met(self, a: tuple[float, float], b: tuple[float, float], *, is_along: bool) -> bool:
        """Return whether a step from a to b, along the line or meeting it once, meets the segment."""
        if is_along:
            lows, highs = np.minimum(a, b), np.maximum(a, b)
            return bool((self.points.min(axis=0) <= highs).all() and (lows <= self.points.max(axis=0)).all())
        one, other = kernel.orientations(np.array([a, a]), np.array([b, b]), self.points).tolist()
        return bool(one * other <= 0)
