"""Track states and update times."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

State = TypeVar("State")


class Tracks(Generic[State]):
    """States of the tracks seen in the last ``forget_after`` updates; ``make`` makes a new track's state."""

    __slots__ = ("_by_track", "_forget_after", "_make", "_now")

    def __init__(self, make: Callable[[], State], forget_after: int) -> None:
        if isinstance(forget_after, bool) or not isinstance(forget_after, int):
            raise TypeError(f"forget_after must be a whole number of updates, got {forget_after!r}")
        if forget_after < 1:
            raise ValueError(f"forget_after must be at least 1 update, got {forget_after}")
        self._make = make
        self._forget_after = forget_after
        self._now = 0
        self._by_track: OrderedDict[Hashable, tuple[int, State]] = OrderedDict()  # longest unseen first

    def __len__(self) -> int:
        return len(self._by_track)

    def begin_update(self) -> list[State]:
        """Start an update, and return the states of the tracks that are lost now."""
        self._now += 1
        lost = []
        while self._by_track:
            track, (last, state) = next(iter(self._by_track.items()))
            if last >= self._now - self._forget_after:
                break
            del self._by_track[track]
            lost.append(state)
        return lost

    def see(self, track: Hashable) -> State:
        """Return the state of a track that is seen in this update."""
        known = self._by_track.pop(track, None)
        state = self._make() if known is None else known[1]
        self._by_track[track] = self._now, state
        return state

    def clear(self) -> None:
        """Forget all tracks."""
        self._by_track.clear()


class Clock:
    """Time of the last update in seconds; without timestamps, by ``fps`` or else by the system's clock."""

    __slots__ = ("_fps", "now")

    def __init__(self, fps: float | None = None) -> None:
        if fps is not None and not (math.isfinite(fps) and fps > 0):
            raise ValueError(f"fps must be greater than 0, got {fps!r}")
        self._fps = fps
        self.now: float | None = None

    def reset(self) -> None:
        """Forget the last update, so that the next one may have any time."""
        self.now = None

    def advance(self, timestamp: float | None) -> float:
        """Set the time of the next update, and return the seconds since the last; 0 for the first."""
        before = self.now
        if timestamp is None:
            if self._fps is None:
                timestamp = time.monotonic()
            else:
                timestamp = 0.0 if before is None else before + 1.0 / self._fps
        if not math.isfinite(timestamp):
            raise ValueError(f"timestamp must be finite, got {timestamp!r}")
        if before is not None and timestamp < before:
            raise ValueError(f"timestamp must not go backwards, got {timestamp!r} after {before!r}")
        self.now = float(timestamp)
        return 0.0 if before is None else self.now - before
