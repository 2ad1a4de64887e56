"""Records of zones: crossings and entries as events, and stays."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from heatgrid.errors import printable
from heatgrid.export import spreadsheet_text
from heatgrid.io.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable
    from pathlib import Path

    from heatgrid.live.detections import ClassKey


@dataclass(frozen=True, slots=True)
class Event:
    """A track that goes in or out of a zone, and is counted.

    Attributes
    ----------
    time
        Seconds, as the timestamps of the updates.
    zone
        The name of the zone.
    track
        The id of the track.
    label
        Its class, None without classes.
    direction
        ``"in"`` or ``"out"``.
    """

    time: float
    zone: str
    track: Hashable
    label: ClassKey
    direction: Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class Stay:
    """The time of a track in a polygon, from its first to its last frame inside.

    Attributes
    ----------
    zone, track, label
        As in `Event`; ``label`` is the class at entry.
    entered, left
        Times in seconds of the first and the last frame inside.
    """

    zone: str
    track: Hashable
    label: ClassKey
    entered: float
    left: float

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.left - self.entered


def write_events(path: Path, events: Iterable[Event]) -> None:
    """Write events as CSV, in the order of their times."""
    rows = [
        (event.time, event.zone, event.track, event.label, event.direction)
        for event in sorted(events, key=lambda event: event.time)
    ]
    _write(path, ("time", "zone", "track", "class", "event"), rows)


def write_stays(path: Path, stays: Iterable[Stay]) -> None:
    """Write stays as CSV, in the order of their beginnings."""
    rows = [
        (stay.zone, stay.track, stay.label, stay.entered, stay.left, stay.seconds)
        for stay in sorted(stays, key=lambda stay: stay.entered)
    ]
    _write(path, ("zone", "track", "class", "entered", "left", "seconds"), rows)


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([spreadsheet_text(value) if isinstance(value, str) else value for value in row])
    write_atomically(path, printable(stream.getvalue()).encode())
