"""A line that counts the tracks that cross it, and knows from which side."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from heatgrid.core import stamping
from heatgrid.live.tracks import Tracks
from heatgrid.live.zone import Zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from heatgrid.live.detections import Anchor, ClassKey, Detections
    from heatgrid.live.zone import Color

    Places = NDArray[np.float64]


class _Walk:
    """Where a track was last, and from which side of the line it came: 1 right, -1 left, 0 unknown."""

    __slots__ = ("counted", "has_met", "is_on_line", "place", "side")

    def __init__(self) -> None:
        self.place: tuple[float, float] | None = None
        self.side = 0
        self.is_on_line = False
        self.has_met = False  # whether it met the segment since it has been on the line
        self.counted = False


class LineZone(Zone):
    """A segment that counts the tracks whose anchor steps across it.

    Parameters
    ----------
    start, end
        Ends of the segment, x and y in pixels. Seen from ``start`` to ``end``, who comes from the left hand
        side goes **in**, who comes from the right goes **out**: over a line drawn from left to right, in is
        downwards.
    recount
        Whether a track counts at every crossing; else at its first only.
    forget_after
        A track that was not seen for more updates than this is forgotten; under its number begins another.
    name, anchor, classes, color
        As `heatgrid.live.zone.Zone` describes them.

    Attributes
    ----------
    entered, left
        Crossings in and out, by class (None for detections without classes); `collections.Counter`.
    in_count, out_count
        The same of all classes together.

    Raises
    ------
    TypeError, ValueError
        An argument is wrong; the message names it.

    Notes
    -----
    A crossing is a step from one side of the line to the other that meets the segment, its ends included.
    Sides are exact, whatever the coordinates are. An anchor on the line is on neither side: who goes on where
    he came from has touched it, who goes on to the other side crosses it, if he met the segment while he was
    on the line, and who begins on it has come from nowhere and does not count. A jump over the line between
    two frames counts, walking beside it or on it does not. The way back undoes every count.

    `update` returns (N,) int8: 1 for a detection that goes in, -1 out, 0 neither. Detections without a track
    are neither.
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
        self._walks = Tracks(_Walk, forget_after)

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
    def tables(self) -> dict[str, Mapping[ClassKey, float]]:
        """The crossings by class."""
        return {"entered": self.entered, "left": self.left}

    def reset(self) -> None:
        """Begin anew: no counts, no tracks."""
        self.entered.clear()
        self.left.clear()
        self._walks.clear()

    def _count(self, detections: Detections, places: Places, timestamp: float | None) -> NDArray[np.int8]:  # noqa: ARG002
        self._walks.begin()
        steps = np.zeros(len(detections), dtype=np.int8)
        if detections.ids is None or not len(detections):
            return steps
        sides = self._sides(places).tolist()
        for i, (track, key, place) in enumerate(
            zip(detections.ids, detections.keys, places.tolist(), strict=True)
        ):
            if track is None:
                continue
            steps[i] = step = self._step(self._walks.see(track), (place[0], place[1]), sides[i])
            if step:
                (self.entered if step > 0 else self.left)[key] += 1
        return steps

    def _sides(self, places: Places) -> NDArray[np.int8]:
        start, end = (np.repeat(point[np.newaxis], len(places), axis=0) for point in self.points)
        return stamping.orientations(start, end, np.ascontiguousarray(places))

    def _step(self, walk: _Walk, place: tuple[float, float], side: int) -> int:
        """Move a track on, and return 1 where it goes in by that, -1 out, 0 neither."""
        before, walk.place = walk.place, place
        was_on_line, walk.is_on_line = walk.is_on_line, side == 0
        if side == 0:
            met = before is not None and self._is_met(before, place, is_along=was_on_line)
            walk.has_met = met or (was_on_line and walk.has_met)
            return 0
        came_from, walk.side = walk.side, side
        if came_from in (0, side) or before is None:
            return 0
        met = walk.has_met if was_on_line else self._is_met(before, place, is_along=False)
        if not met or (walk.counted and not self.recount):
            return 0
        walk.counted = True
        return side

    def _is_met(self, a: tuple[float, float], b: tuple[float, float], *, is_along: bool) -> bool:
        """Whether a step from a to b, along the line or with but a point of it, meets the segment."""
        if is_along:
            lows, highs = np.minimum(a, b), np.maximum(a, b)
            return bool((self.points.min(axis=0) <= highs).all() and (lows <= self.points.max(axis=0)).all())
        one, other = stamping.orientations(np.array([a, a]), np.array([b, b]), self.points).tolist()
        return bool(one * other <= 0)
