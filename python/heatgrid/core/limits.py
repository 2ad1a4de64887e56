"""Limits of what one call may take: time, and amounts that a file may claim; cancellation."""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self

from heatgrid.errors import Cancelled

if TYPE_CHECKING:
    from contextvars import Token


class Cancel:
    """Block of work that another thread, or a deadline, can stop.

    What runs in the block raises `heatgrid.Cancelled` within a second: counting, adding, reading, saving.
    Maps are unchanged by an addition that is stopped. A `Cancel` is used for one block; blocks may be nested.

    Parameters
    ----------
    seconds
        Time that the block may take; None: any.

    Examples
    --------
    >>> import heatgrid as hg
    >>> with hg.Cancel(seconds=60) as cancel:  # another thread may call cancel.cancel()
    ...     heat = hg.Heatmap(10).add_boxes([[0.0, 0.0, 1.0, 1.0]])
    """

    def __init__(self, seconds: float | None = None) -> None:
        if seconds is not None and not seconds > 0:
            raise ValueError(f"seconds must be positive, got {seconds}")
        self._seconds = seconds
        self._deadline: float | None = None
        self._is_cancelled = False
        self._token: Token[tuple[Cancel, ...]] | None = None

    def cancel(self) -> None:
        """Stop the block; may be called from any thread, also before the block begins."""
        self._is_cancelled = True

    def check(self) -> None:
        """Raise `heatgrid.Cancelled` if the block shall stop."""
        if self._is_cancelled:
            raise Cancelled("cancelled")
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise Cancelled(f"not finished after {self._seconds:g} seconds")

    def __enter__(self) -> Self:
        if self._token is not None:
            raise RuntimeError("a Cancel is used for one block only")
        if self._seconds is not None:
            self._deadline = time.monotonic() + self._seconds
        self._token = _active.set((*_active.get(), self))
        return self

    def __exit__(self, *error: object) -> None:
        if self._token is not None:
            _active.reset(self._token)


_active: ContextVar[tuple[Cancel, ...]] = ContextVar("heatgrid_cancel", default=())


def check_stop() -> None:
    """Raise `heatgrid.Cancelled` if a block around the caller shall stop."""
    for cancel in _active.get():
        cancel.check()
