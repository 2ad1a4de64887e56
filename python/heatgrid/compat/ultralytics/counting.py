"""Counts of tracks at a line or polygon; each track counts once.

A counter looks at the last two places of a track. A track that is seen for the first time does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from heatgrid.core import kernel
from heatgrid.core.region import Region
from heatgrid.live.detections import class_name
from heatgrid.live.tracks import Tracks
from heatgrid.live.zones import LineZone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.live.detections import Detections

    Place = tuple[float, float]
    Step = Callable[[Place, Place], "Way | None"]
    Points = Sequence[tuple[float, float]]
    Names = Mapping[int, str] | Sequence[str]
    ClassCounts = dict[str | int, dict[str, int]]

Way = Literal["IN", "OUT"]

_MAX_GAP = 300.0
"""Frames without a detection after which a track is lost."""


class Counter(Protocol):
    """Counts of all classes, and by class."""

    @property
    def counts(self) -> ClassCounts:
        """Number of tracks by class and way."""
        ...

    @property
    def in_count(self) -> int:
        """Number of tracks that went in."""
        ...

    @property
    def out_count(self) -> int:
        """Number of tracks that went out."""
        ...

    def update(self, found: Detections, centers: NDArray[np.float64]) -> None:
        """Count one frame's detections, whose boxes have these centers."""
        ...


@dataclass(slots=True)
class _Track:
    """Last place of a track, and whether it was counted."""

    place: Place | None = None
    is_counted: bool = False


class StepCounter:
    """Counter of the steps that a function takes for a way in or out."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._tracks = Tracks(_Track)
        self._frames = 0
        self.counts: ClassCounts = {}

    @property
    def in_count(self) -> int:
        """Number of tracks that went in."""
        return sum(ways["IN"] for ways in self.counts.values())

    @property
    def out_count(self) -> int:
        """Number of tracks that went out."""
        return sum(ways["OUT"] for ways in self.counts.values())

    def update(self, found: Detections, centers: NDArray[np.float64]) -> None:
        """Count one frame's detections; the class of a count is that of this frame."""
        self._frames += 1
        self._tracks.begin_update(self._frames, _MAX_GAP)
        if found.ids is None:
            return
        for name, key, (x, y) in zip(found.ids, found.keys, centers.tolist(), strict=True):
            if name is None or not np.isfinite(x + y):
                continue
            track = self._tracks.see(name)
            before, track.place = track.place, (x, y)
            if before is None or track.is_counted:
                continue
            way = self._step(before, (x, y))
            if way is not None:
                track.is_counted = True
                ways = self.counts.setdefault("" if key is None else key, {"IN": 0, "OUT": 0})
                ways[way] += 1


class LineCounter:
    """Counter of crossings from one side of a line to the other, which is extended by ``reach``."""

    def __init__(self, points: Points, reach: float) -> None:
        start, end = np.array(points, dtype=np.float64)
        along = reach * (end - start) / np.hypot(*(end - start))
        ends = (start - along).tolist(), (end + along).tolist()
        self._zone = LineZone(*ends, recount=False, max_gap=_MAX_GAP)
        self._frames = 0

    @property
    def counts(self) -> ClassCounts:
        """Tracks by class and way."""
        tables = self._zone.entered, self._zone.left
        return {
            "" if key is None else key: {"IN": tables[0][key], "OUT": tables[1][key]}
            for key in [*tables[0], *(key for key in tables[1] if key not in tables[0])]
        }

    @property
    def in_count(self) -> int:
        """Number of tracks that crossed from the left to the right, seen from the first point."""
        return self._zone.in_count

    @property
    def out_count(self) -> int:
        """Number of tracks that crossed from the right to the left."""
        return self._zone.out_count

    def update(self, found: Detections, centers: NDArray[np.float64]) -> None:  # noqa: ARG002 - those of the zone
        """Count one frame's detections."""
        self._frames += 1
        if found.ids is not None:
            self._zone.update(found, self._frames)


def named(found: Detections, names: Names) -> Detections:
    """Return detections with the names of their classes."""
    if found.classes is None:
        return found
    return replace(found, classes=[class_name(names, k) if isinstance(k, int) else k for k in found.classes])


def towards_center(points: Points) -> Step:
    """Return the step of version 8.2.50 for a polygon: to a place inside, in if it approaches the center."""
    polygon = _Polygon(points)
    x, y = polygon.centroid

    def step(before: Place, place: Place) -> Way | None:
        if not polygon.contains(np.array([place]))[0]:
            return None
        approach = (place[0] - before[0]) * (x - before[0]) + (place[1] - before[1]) * (y - before[1])
        return "IN" if approach > 0 else "OUT"

    return step


def across_line(points: Points) -> Step:
    """Return the current step for a line: one that meets it, in if it goes down, or right if it is steep."""
    ends = np.array(points, dtype=np.float64)
    width, height = np.abs(ends[1] - ends[0]).tolist()
    axis = 0 if width < height else 1

    def step(before: Place, place: Place) -> Way | None:
        if not _meet(np.array([before, place]), ends):
            return None
        return "IN" if place[axis] > before[axis] else "OUT"

    return step


def into_polygon(points: Points) -> Step:
    """Return the current step for a polygon: to a place inside or across all of it, in as for a line."""
    polygon = _Polygon(points)
    width, height = np.ptp(polygon.ring, axis=0).tolist()
    axis = 0 if width < height else 1

    def step(before: Place, place: Place) -> Way | None:
        both = np.array([before, place])
        was_inside, is_inside = polygon.contains(both).tolist()
        if not is_inside and (was_inside or not polygon.is_crossed(both)):
            return None
        return "IN" if place[axis] > before[axis] else "OUT"

    return step


def check_region(name: str, points: Points | None) -> None:
    """Raise ValueError unless points are None, two different ones, or more."""
    if points is None:
        return
    if len(points) < 2:
        raise ValueError(f"{name} must have two points or more, got {len(points)}")
    if len(points) == 2 and tuple(points[0]) == tuple(points[1]):
        raise ValueError(f"{name} must differ, got {points!r}")


class _Polygon:
    """A polygon without its boundary."""

    def __init__(self, points: Points) -> None:
        self.ring = np.array(points, dtype=np.float64)
        self._region = Region(self.ring, normalized=False)
        self._ends = np.roll(self.ring, -1, axis=0)

    @property
    def centroid(self) -> Place:
        """The center of the area."""
        (x, y), (u, v) = self.ring.T, self._ends.T
        weights = x * v - u * y
        area = weights.sum() * 3
        if area == 0.0:
            return float(x.mean()), float(y.mean())
        return float(((x + u) * weights).sum() / area), float(((y + v) * weights).sum() / area)

    def contains(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which places are inside and not on the boundary."""
        return self._region.contains(places) & ~self._on_boundary(places)

    def _on_boundary(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        found = [self._holds(place) for place in places]
        return np.array(found, dtype=bool)

    def _holds(self, place: NDArray[np.float64]) -> bool:
        low, high = np.minimum(self.ring, self._ends), np.maximum(self.ring, self._ends)
        is_near = ((low <= place) & (place <= high)).all(axis=1)
        same = np.broadcast_to(place, self.ring.shape).copy()
        return bool((is_near & (kernel.orientations(self.ring, self._ends, same) == 0)).any())

    def is_crossed(self, both: NDArray[np.float64]) -> bool:
        """Return whether a step has parts inside and parts outside."""
        start, along = both[0], both[1] - both[0]
        edges = self._ends - self.ring
        across = along[0] * edges[:, 1] - along[1] * edges[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            offset = self.ring - start
            at = (offset[:, 0] * edges[:, 1] - offset[:, 1] * edges[:, 0]) / across
        cuts = np.unique(np.concatenate([[0.0, 1.0], at[(at > 0) & (at < 1)]]))
        middles = start + ((cuts[1:] + cuts[:-1]) / 2)[:, np.newaxis] * along
        inside = self.contains(middles)
        return bool(inside.any() and not (inside | self._on_boundary(middles)).all())


def _meet(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Return whether two segments have a point in common, exactly."""
    if not (
        np.maximum(one.min(axis=0), other.min(axis=0)) <= np.minimum(one.max(axis=0), other.max(axis=0))
    ).all():
        return False
    for a, b in ((one, other), (other, one)):
        starts, ends = np.array([a[0], a[0]]), np.array([a[1], a[1]])
        left, right = kernel.orientations(starts, ends, b).tolist()
        if left * right > 0:
            return False
    return True
