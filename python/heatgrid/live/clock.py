"""When an update was: the caller's timestamps, frames at a known rate, or this machine's clock."""

from __future__ import annotations

import math
import time


class Clock:
    """Seconds from one update to the next.

    Parameters
    ----------
    fps
        Updates a second, where no timestamps are given; None: this machine's clock says when they are.
    """

    __slots__ = ("_fps", "now")

    def __init__(self, fps: float | None = None) -> None:
        if fps is not None and not (math.isfinite(fps) and fps > 0):
            raise ValueError(f"fps must be greater than 0, got {fps!r}")
        self._fps = fps
        self.now: float | None = None

    def reset(self) -> None:
        """Begin anew: the next update may be at any time."""
        self.now = None

    def step(self, timestamp: float | None) -> float:
        """Move on to an update, and return the seconds since the one before; 0 for the first.

        Raises
        ------
        ValueError
            Time stands not still but goes backwards, or the timestamp is not finite.
        """
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
