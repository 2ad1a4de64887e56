"""Polygons that count tracks."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from heatgrid.core.region import Region
from heatgrid.live.records import Event, Stay
from heatgrid.live.tracks import Tracks
from heatgrid.live.zones import MAX_RECORDS, Zone, new_records

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Hashable, Iterable, MutableMapping, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from heatgrid.core.anchors import Anchor
    from heatgrid.live.detections import ClassKey, Detections, Places
    from heatgrid.live.zones import Color


@dataclass(slots=True)
class _PolygonTrack:
    """Last position of a track relative to a polygon, and its time."""

    is_inside: bool = False
    is_counted: bool = False  # whether the present visit counts
    has_entered: bool = False  # whether it was ever inside
    key: ClassKey = None  # the class at entry, so that entering and leaving balance per class
    name: Hashable = None  # the id
    entered: float = 0.0
    seen: float = 0.0


class PolygonZone(Zone):
    """A polygon that counts the tracks whose anchor is inside.

    Parameters
    ----------
    points
        (N, 2) vertices, x and y in pixels, N of at least 3; or a `Region` of one ring in pixels, which says
        what is inside.
    recount
        Whether a track that comes back enters again; otherwise only its first visit counts.
    max_gap, name, anchor, classes, max_records, color
        As in `LineZone`; ``max_records`` also limits the stays.

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
    events
        The entries and exits that count, a `collections.deque` of `heatgrid.live.Event`; a track that is lost
        inside has no exit.
    points
        The vertices; new points can be assigned to move the polygon, which keeps counts and tracks.

    Notes
    -----
    The test is exact for all coordinates. A track that jumps over the whole polygon between two frames was
    never inside. The time from a sighting inside to the next sighting, in or out, counts as dwell.

    `update` returns (N,) bool: whether each detection is inside.

    Examples
    --------
    >>> import heatgrid as hg
    >>> zone = hg.PolygonZone([(0, 0), (100, 0), (100, 100), (0, 100)])
    >>> _ = zone.update({"xyxy": [[40, 20, 60, 30]], "ids": [7], "classes": ["person"]})
    >>> zone.inside
    Counter({'person': 1})
    """

    __slots__ = ("_region", "_stays", "dwell", "entered", "inside", "left", "lost")

    closed = True

    def __init__(
        self,
        points: ArrayLike | Region,
        *,
        name: str = "",
        anchor: Anchor = "center",
        recount: bool = True,
        classes: Iterable[str | int] | None = None,
        max_gap: float | None = None,
        max_records: int | None = MAX_RECORDS,
        color: Color = (255, 255, 255),
    ) -> None:
        name = points.name if isinstance(points, Region) and not name else name
        options = name, anchor, recount, classes, max_gap, max_records, color
        super().__init__(points, Tracks(_PolygonTrack), *options)
        self._stays: deque[Stay] = new_records(max_records)
        self.entered: Counter[ClassKey] = Counter()
        self.left: Counter[ClassKey] = Counter()
        self.lost: Counter[ClassKey] = Counter()
        self.inside: Counter[ClassKey] = Counter()
        self.dwell: defaultdict[ClassKey, float] = defaultdict(float)

    def _prepare(self, points: Places) -> None:
        self._region = Region(points, normalized=False)

    @property
    def region(self) -> Region:
        """The polygon, for ``region=`` of data sets."""
        return replace(self._region, name=self.name)

    @property
    def stays(self) -> list[Stay]:
        """The visits of tracks, those that last until the last update at the end; a new list.

        A visit counts with ``recount=False``, too, if it is not the first.
        """
        return [*self._stays, *(self._stay(track) for track in self._tracks.states() if track.is_inside)]

    def _stay(self, track: _PolygonTrack) -> Stay:
        return Stay(self.name, track.name, track.key, track.entered, track.seen)

    def reset(self) -> None:
        """Set all counts to 0 and forget the time, all tracks and all records."""
        super().reset()
        self._stays.clear()

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
        self._stays.extend(self._stay(track) for track in lost if track.is_inside)
        is_inside = self._region.contains(places)
        flags = is_inside.tolist()
        self.inside = Counter(key for key, inside in zip(detections.keys, flags, strict=True) if inside)
        tracks: Sequence[Any] | None = detections.ids
        if tracks is not None:
            for track, key, inside in zip(tracks, detections.keys, flags, strict=True):
                if track is not None:
                    state = self._tracks.see(track)
                    state.name = track.name
                    self._move(state, key, now, is_inside=inside)
        return is_inside

    def _move(self, track: _PolygonTrack, key: ClassKey, now: float, *, is_inside: bool) -> None:
        if track.is_inside:
            self.dwell[track.key] += now - track.seen
        if is_inside and not track.is_inside:
            track.key, track.entered = key, now
            track.is_counted = self.recount or not track.has_entered
            track.has_entered = True
            self.entered[key] += track.is_counted
            self._record(track, now, "in")
        if track.is_inside and not is_inside:
            self.left[track.key] += track.is_counted
            self._record(track, now, "out")
            self._stays.append(self._stay(track))
            track.is_counted = False
        track.is_inside, track.seen = is_inside, now

    def _record(self, track: _PolygonTrack, now: float, direction: Literal["in", "out"]) -> None:
        if track.is_counted:
            self.events.append(Event(now, self.name, track.name, track.key, direction))
