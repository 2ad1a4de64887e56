"""A region that knows who enters it, who leaves it, who is inside, and for how long."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core import stamping
from heatgrid.live.clock import Clock
from heatgrid.live.tracks import Tracks
from heatgrid.live.zone import Zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from heatgrid.live.detections import Anchor, ClassKey, Detections
    from heatgrid.live.zone import Color

    Places = NDArray[np.float64]


class _Stay:
    """Whether a track was inside when it was last seen, when that was, and what counts of it."""

    __slots__ = ("has_entered", "is_counted", "is_inside", "key", "seen")

    def __init__(self) -> None:
        self.is_inside = False
        self.is_counted = False  # this time
        self.has_entered = False  # ever
        self.key: ClassKey = None  # who enters as a car leaves as a car, whatever the detector says by then
        self.seen: float | None = None


class PolygonZone(Zone):
    """A polygon that counts the tracks whose anchor is inside.

    Parameters
    ----------
    points
        (N, 2) corners, x and y in pixels, N of at least 3; even-odd where it crosses itself. Left and top
        edges belong to it, right and bottom edges do not, so that tiles share no point.
    recount
        Whether a track that comes back enters again; else only its first time counts.
    max_gap
        The longest time between two sights of a track that counts as dwelling, in seconds.
    forget_after
        A track that was not seen for more updates than this is lost.
    name, anchor, classes, color
        As `heatgrid.live.zone.Zone` describes them.

    Attributes
    ----------
    entered, left, lost
        Tracks that were found inside, be it at first sight; found outside after that; not seen any more after
        they were inside; by class, `collections.Counter`. Of the stays that count, ``entered - left - lost``
        last.
    inside
        Detections inside at the last update, by class, those without a track too; a `collections.Counter`.
    dwell
        Seconds that tracks spent inside, added up by class.

    Raises
    ------
    TypeError, ValueError
        An argument is wrong; the message names it.

    Notes
    -----
    Inside is exact, whatever the coordinates are. A track that jumps over the whole region between two
    frames was never inside. The time from a sight inside to the next one, in or out, counts as dwelling.

    `update` returns (N,) bool: which detections are inside.
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
            raise ValueError(f"points must be at least 3 corners, got {len(self.points)}")
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
        self._stays = Tracks(_Stay, forget_after)

    @property
    def text(self) -> str:
        """The counts of all classes."""
        return (
            f"inside {self.inside.total():,} · entered {self.entered.total():,} · left {self.left.total():,}"
        )

    @property
    def tables(self) -> dict[str, Mapping[ClassKey, float]]:
        """The counts, and seconds of dwelling, by class."""
        names = ("inside", "entered", "left", "lost", "dwell")
        return {name: getattr(self, name) for name in names}

    def reset(self) -> None:
        """Begin anew: no counts, no tracks."""
        for counts in (self.entered, self.left, self.lost, self.inside, self.dwell):
            counts.clear()
        self._clock.reset()
        self._stays.clear()

    def _count(self, detections: Detections, places: Places, timestamp: float | None) -> NDArray[np.bool_]:
        self._clock.step(timestamp)
        self.lost.update(stay.key for stay in self._stays.begin() if stay.is_counted)
        is_inside = contains(self.points, places)
        self.inside = Counter(
            key for key, inside in zip(detections.keys, is_inside.tolist(), strict=True) if inside
        )
        if detections.ids is not None:
            for track, key, inside in zip(detections.ids, detections.keys, is_inside.tolist(), strict=True):
                if track is not None:
                    self._move(self._stays.see(track), key, is_inside=inside)
        return is_inside

    def _move(self, stay: _Stay, key: ClassKey, *, is_inside: bool) -> None:
        now = self._clock.now
        if stay.is_inside and stay.seen is not None and now is not None:
            self.dwell[stay.key] += min(now - stay.seen, self._max_gap)
        if is_inside and not stay.is_inside:
            stay.key = key
            stay.is_counted = self.recount or not stay.has_entered
            stay.has_entered = True
            self.entered[key] += stay.is_counted
        if stay.is_inside and not is_inside:
            self.left[stay.key] += stay.is_counted
            stay.is_counted = False
        stay.is_inside, stay.seen = is_inside, now


def contains(ring: Places, places: Places) -> NDArray[np.bool_]:
    """Tell which places, (N, 2), lie inside a ring, (M, 2): even-odd, exactly.

    A place is inside when an odd number of edges passes its height to the right of it. An edge has its upper
    end and not its lower one.
    """
    before = np.roll(ring, 1, axis=0)
    inside = np.zeros(len(places), dtype=bool)
    for a, b in zip(before, ring, strict=True):
        upper, lower = (a, b) if a[1] < b[1] else (b, a)
        passes = np.flatnonzero((upper[1] <= places[:, 1]) & (places[:, 1] < lower[1]))
        if len(passes):
            start, end = (np.repeat(tip[np.newaxis], len(passes), axis=0) for tip in (upper, lower))
            # Looking down along the edge, the right hand is on the left of the picture.
            inside[passes] ^= stamping.orientations(start, end, places[passes]) > 0
    return inside
