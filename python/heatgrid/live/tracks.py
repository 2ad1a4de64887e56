"""Tracks and time of one stream of detections."""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, get_args

import numpy as np

from heatgrid.core.spec import check_choice

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from heatgrid.core.report import Report
    from heatgrid.live.detections import ClassKey, Detections

State = TypeVar("State")

OnRestart = Literal["continue", "raise"]

DEFAULT_GAP = 1.0
"""Seconds without a detection after which an id begins a new track, by default."""

RESTARTED = "timestamp went back: time continues from there"
LONG_PAUSE = "more than max_gap seconds between updates: ids begin new tracks"
NEGATIVE_ID = "no track: id negative or not a number"
TWICE = "no track: id twice in a frame; the higher score is the track"

_ROUNDING = 1e-6  # seconds by which timestamps may be rounded
_MOST_UPDATES = 10_000  # without a detection, after which a track is lost although time stands still


class Tracks(Generic[State]):
    """States of tracks; ``make`` makes the state of a track that is not known, or was lost."""

    __slots__ = ("_by_track", "_make", "_now", "_update")

    def __init__(self, make: Callable[[], State]) -> None:
        self._make = make
        self._update, self._now = 0, 0.0
        self._by_track: OrderedDict[Hashable, tuple[int, float, State]] = (
            OrderedDict()
        )  # longest unseen first

    def __len__(self) -> int:
        return len(self._by_track)

    def begin_update(self, now: float, max_gap: float) -> list[State]:
        """Start an update, and return the states of tracks unseen for more than ``max_gap`` seconds."""
        self._update, self._now = self._update + 1, now
        lost = []
        while self._by_track:
            track, (update, seen, state) = next(iter(self._by_track.items()))
            if now - seen <= max_gap + _ROUNDING and self._update - update <= _MOST_UPDATES:
                break
            del self._by_track[track]
            lost.append(state)
        return lost

    def see(self, track: Hashable) -> State:
        """Return the state of a track that is seen in this update."""
        known = self._by_track.pop(track, None)
        state = self._make() if known is None else known[2]
        self._by_track[track] = self._update, self._now, state
        return state

    def states(self) -> list[State]:
        """Return the states of all tracks that are not lost."""
        return [state for _, _, state in self._by_track.values()]

    def forget(self, track: Hashable) -> None:
        """Forget a known track."""
        del self._by_track[track]

    def clear(self) -> None:
        """Forget all tracks."""
        self._by_track.clear()


class Track:
    """One object that is followed over frames; ``key`` is its class, the majority so far, ``name`` its id."""

    __slots__ = ("_votes", "key", "name", "update")

    def __init__(self) -> None:
        self.name: Hashable = None
        self._votes: Counter[ClassKey] = Counter()
        self.key: ClassKey = None
        self.update = 0  # number of the last update with a detection; 0: none

    def vote(self, key: ClassKey) -> None:
        """Add the class of one detection."""
        self._votes[key] += 1
        if key != self.key and self._votes[key] > self._votes[self.key]:
            self.key = key


class Stream:
    """Time and tracks of one stream; parameters as in `heatgrid.LiveHeatmap`.

    ``now`` is the time of the last update in seconds, which never goes back. ``timestamp`` is the same as it
    was passed; None before the first update. ``count`` is the number of tracks so far.
    """

    __slots__ = (
        "_fps",
        "_offset",
        "_on_restart",
        "_tracks",
        "_update",
        "count",
        "max_gap",
        "now",
        "timestamp",
    )

    def __init__(
        self, max_gap: float = DEFAULT_GAP, fps: float | None = None, on_restart: OnRestart = "continue"
    ) -> None:
        check_choice("on_restart", on_restart, get_args(OnRestart))
        if fps is not None and not (is_number(fps) and fps > 0):
            raise ValueError(f"fps must be greater than 0, got {fps!r}")
        self.max_gap = as_gap(max_gap)
        self._fps, self._on_restart = fps, on_restart
        self._tracks = Tracks(self._begin_track)
        self.reset()

    def _begin_track(self) -> Track:
        self.count += 1
        return Track()

    def reset(self) -> None:
        """Forget the time and all tracks."""
        self.timestamp: float | None = None
        self.now = self._offset = 0.0
        self.count = self._update = 0
        self._tracks.clear()

    def advance(self, timestamp: float | None, report: Report) -> float:
        """Set the time of the next update, and return the seconds since the last; 0 for the first.

        Without a timestamp, time advances by ``fps``, or else by the system's clock.
        """
        before = self.timestamp
        if timestamp is None and self._fps is None:
            timestamp = time.monotonic()
        elif timestamp is None:
            timestamp = 0.0 if before is None else before + 1.0 / self._fps  # type: ignore[operator]
        if before is not None and timestamp < before:
            if self._on_restart == "raise":
                raise ValueError(f"timestamp must not go backwards, got {timestamp!r} after {before!r}")
            report.note(RESTARTED, where=f"{timestamp!r} after {before!r}")
            self._offset = self.now - timestamp
        step = 0.0 if before is None else timestamp + self._offset - self.now
        if step > self.max_gap + _ROUNDING:
            report.note(LONG_PAUSE)
        self.timestamp, self.now = timestamp, timestamp + self._offset
        return step

    def follow(self, found: Detections, report: Report) -> Detections:
        """Return an update's detections with a `Track` as id, or None, and the track's class as class."""
        self._update += 1
        self._tracks.begin_update(self.now, self.max_gap)
        if found.ids is None:
            return found
        scores = found.scores
        chosen: dict[Hashable, int] = {}
        negative, twice = 0, 0
        for i, name in enumerate(found.ids):
            if name is None:
                continue
            if isinstance(name, (int, float)) and not name >= 0:
                negative += 1
                continue
            other = chosen.setdefault(name, i)
            if other != i:
                twice += 1
                if scores is not None and not np.isnan(scores[i]) and not scores[i] <= scores[other]:
                    chosen[name] = i
        report.note(NEGATIVE_ID, negative)
        report.note(TWICE, twice)
        tracks: list[Track | None] = [None] * len(found)
        keys: list[Any] = list(found.keys)
        for name, i in chosen.items():
            tracks[i] = track = self._track(name, keys[i])
            keys[i] = track.key
        return replace(found, ids=tracks, classes=None if found.classes is None else keys)

    def _track(self, name: Hashable, key: ClassKey) -> Track:
        """Return the track of an id; a new one if it was missing and has another class now."""
        track = self._tracks.see(name)
        if key != track.key and 0 < track.update < self._update - 1:
            self._tracks.forget(name)
            track = self._tracks.see(name)
        track.name, track.update = name, self._update
        track.vote(key)
        return track


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number."""
    return type(value) is not bool and isinstance(value, Real) and math.isfinite(value)


def as_gap(max_gap: float) -> float:
    """Return a ``max_gap``, or raise ValueError."""
    if not (is_number(max_gap) and max_gap >= 0):
        raise ValueError(f"max_gap must be a number of seconds, got {max_gap!r}")
    return max_gap


def as_timestamp(timestamp: Any) -> float | None:
    """Return a timestamp as a number, or raise ValueError."""
    try:
        number = None if timestamp is None else float(timestamp)
    except (TypeError, ValueError):
        number = math.nan
    if number is not None and not math.isfinite(number):
        raise ValueError(f"timestamp must be a finite number of seconds, got {timestamp!r}")
    return number
