"""Limits of what one call may take: time, and amounts that a file may claim; cancellation."""

from __future__ import annotations

import time
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

from heatgrid.errors import Cancelled

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from contextvars import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one call, and of the amounts that a file may claim before it is refused.

    Attributes
    ----------
    seconds
        Time of a call that reads: `heatgrid.heatmap`, `heatgrid.heatmaps`; then it raises
        `heatgrid.Cancelled`. None: any. Other calls: `heatgrid.Cancel`.
    file_bytes
        Size of an annotation file.
    archive_bytes
        Size of all files of an archive, unpacked.
    archive_members
        Files and folders of an archive, or of a remote folder.
    archive_ratio
        Bytes that one byte of an archive unpacks to, on average over a file of more than a megabyte.
    config_bytes
        Size of a data set's configuration (YAML).
    depth
        Nesting of XML elements, of collections of geometries, and of folders in an archive.
    vertices
        Vertices of one annotation, and rows of a mask.
    classes
        Class names of a data set's configuration.
    bitmap_pixels
        Pixels of one bitmap in a file. A bitmap of more than twice its image's pixels is refused, too.
    file_pixels
        Pixels of all bitmaps of a file together.
    area_work
        Work on one polygon with ``rule="area"``: its edges, counted again for each crossing of two of them,
        and the columns that they cross. The default is about a second. Array functions and additions to maps
        have the default.
    map_bytes
        Size of the counts of a saved map, unpacked.
    background_bytes
        Size of a background by address.
    background_pixels
        Pixels of a background.
    background_seconds
        Time of the transfer of a background.

    Raises
    ------
    ValueError
        A limit is not positive.

    Examples
    --------
    >>> import heatgrid as hg
    >>> limits = hg.Limits(file_bytes=1_000_000, seconds=10)
    >>> heat = hg.heatmap("annotations.json", limits=limits)
    """

    seconds: float | None = None
    file_bytes: int = 8 << 30
    archive_bytes: int = 64 << 30
    archive_members: int = 2_000_000
    archive_ratio: float = 300.0
    config_bytes: int = 1 << 22
    depth: int = 100
    vertices: int = 1_000_000
    classes: int = 100_000
    bitmap_pixels: int = 1 << 26
    file_pixels: int = 1 << 29
    area_work: int = 30_000_000
    map_bytes: int = 8 << 30
    background_bytes: int = 64 << 20
    background_pixels: int = 1 << 26
    background_seconds: float = 30.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be positive, got {value}")

    def timed(self) -> AbstractContextManager[object]:
        """Return the block of a call that may take `seconds`."""
        return nullcontext() if self.seconds is None else Cancel(self.seconds)


DEFAULT = Limits()


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
