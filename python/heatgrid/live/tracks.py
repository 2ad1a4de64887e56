"""What is remembered of tracks, and forgotten once they are lost."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

State = TypeVar("State")


class Tracks(Generic[State]):
    """A state a track, for as long as the track is seen now and then.

    Memory is that of the tracks seen in the last updates, however many there were before.

    Parameters
    ----------
    make
        Makes the state of a track that is new.
    forget_after
        A track that was not seen for more updates than this is lost.
    """

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

    def begin(self) -> list[State]:
        """Begin an update, and return the states of the tracks that are lost now."""
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
        """Return the state of a track that is seen now."""
        known = self._by_track.pop(track, None)
        state = self._make() if known is None else known[1]
        self._by_track[track] = self._now, state
        return state

    def states(self) -> Iterator[State]:
        """Yield the states of all tracks that are not lost."""
        return (state for _, state in self._by_track.values())

    def clear(self) -> None:
        """Forget all tracks."""
        self._by_track.clear()
