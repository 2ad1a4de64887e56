"""Events and stays of zones, counted by hand."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

import heatgrid as hg
from heatgrid.live import Event, Stay

if TYPE_CHECKING:
    from pathlib import Path

SQUARE = [(10, 0), (20, 0), (20, 10), (10, 10)]
TRACKS: dict[int, tuple[str, list[int | None]]] = {
    1: ("car", [5, 12, 15, 25, 25, 25, 25, 25]),  # in at 1, out at 3
    2: ("dog", [15, 15, None, 15, 5, 12, 5, 5]),  # inside at first, a gap; out at 4; in at 5, out at 6
    3: ("car", [None, None, None, None, 12, None, None, None]),  # in at 4, lost
    4: ("car", [None, None, None, None, 5, 5, 12, 15]),  # in at 6, still inside
}
"""Class and x of each track in frames at 0, 1, 2 … seconds; y is 5."""


def frames() -> list[dict[str, Any]]:
    """Return the detections per frame: boxes of 2 pixels around the places."""
    listed = []
    for time in range(8):
        seen = [(i, name, xs[time]) for i, (name, xs) in TRACKS.items()]
        own = [(i, name, x) for i, name, x in seen if x is not None]
        boxes = [[x - 1, 4, x + 1, 6] for _, _, x in own]
        listed.append({"xyxy": boxes, "ids": [i for i, _, _ in own], "classes": [name for _, name, _ in own]})
    return listed


EVENTS: list[tuple[float, Any, Any, str]] = [
    *((0, 2, "dog", "in"), (1, 1, "car", "in"), (3, 1, "car", "out"), (4, 2, "dog", "out")),
    *((4, 3, "car", "in"), (5, 2, "dog", "in"), (6, 2, "dog", "out"), (6, 4, "car", "in")),
]
"""Time, track, class and direction, by hand from the table of tracks."""
STAYS = [(2, "dog", 0, 3), (1, "car", 1, 2), (3, "car", 4, 4), (2, "dog", 5, 5), (4, "car", 6, 7)]
"""Track, class, and the first and last frame inside."""


def play(**options: Any) -> hg.PolygonZone:
    zone = hg.PolygonZone(SQUARE, name="door", max_gap=2.0, **options)
    for time, found in enumerate(frames()):
        zone.update(found, time)
    return zone


def test_events_and_stays_by_hand() -> None:
    zone = play()
    expected = [Event(time, "door", track, name, step) for time, track, name, step in EVENTS]  # type: ignore[arg-type]
    assert sorted(zone.events, key=lambda event: (event.time, EVENTS.index(row_of(event)))) == expected
    stays = [Stay("door", *row) for row in STAYS]
    assert sorted(zone.stays, key=lambda stay: stay.entered) == stays
    assert [stay.seconds for stay in stays] == [3, 1, 0, 0, 1]
    assert zone.entered == {"dog": 2, "car": 3}
    assert zone.left == {"dog": 2, "car": 1}
    zone.reset()
    assert (list(zone.events), zone.stays) == ([], [])


def row_of(event: Event) -> tuple[float, Any, Any, str]:
    return event.time, event.track, event.label, event.direction


def test_only_first_visits_are_events_without_recount() -> None:
    zone = play(recount=False)
    kept = [row for row in EVENTS if row[:2] not in {(5, 2), (6, 2)}]
    assert sorted(map(row_of, zone.events)) == sorted(kept)
    assert len(zone.stays) == len(STAYS)


def test_crossings_of_a_line() -> None:
    line = hg.LineZone((10, 10), (10, 0), name="line")  # upwards: tracks from the left go in
    for time, found in enumerate(frames()):
        line.update(found, time)
    assert [row_of(event) for event in line.events] == [
        *((1, 1, "car", "in"), (4, 2, "dog", "out"), (5, 2, "dog", "in"), (6, 2, "dog", "out")),
        (6, 4, "car", "in"),
    ]


def test_number_of_records_is_limited() -> None:
    zone = play(max_records=2)
    assert [event.time for event in zone.events] == [6, 6]
    assert [stay.track for stay in zone.stays] == [2, 3, 4]  # the last two, and one that lasts
    for wrong in (-1, 0.5, "all"):
        with pytest.raises(ValueError, match="max_records must be a whole number or None"):
            play(max_records=wrong)


def test_command_line(tmp_path: Path, run: Any) -> None:
    found = tmp_path / "found.jsonl"
    lines = [{"frame": i, **columns} for i, columns in enumerate(frames())]
    found.write_text("\n".join(map(json.dumps, lines)))
    events, stays = tmp_path / "events.csv", tmp_path / "stays.csv"
    zone = ",".join(str(side) for place in SQUARE for side in place)
    black = ["video", "--size", "30x10", "--fps", "1", "--stamp", "point", "--detections", found]
    code, output, _ = run(*black, "--region", zone, "--events", events, "--stays", stays)
    assert code == 0
    assert f"wrote {events}" in output
    with events.open(encoding="utf-8") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert sorted(rows) == sorted((f"{t:.1f}", "region", str(i), name, step) for t, i, name, step in EVENTS)
    with stays.open(encoding="utf-8") as file:
        longest = max(csv.DictReader(file), key=lambda row: float(row["seconds"]))
    assert longest == {
        "zone": "region",
        "track": "2",
        "class": "dog",
        "entered": "0.0",
        "left": "3.0",
        "seconds": "3.0",
    }
    code, _, messages = run(*black, "--events", events)
    assert (code, "--events needs --line or --region" in messages) == (2, True)
    code, _, messages = run(*black, "--line", "0,0,1,1", "--stays", stays)
    assert (code, "--stays needs --region" in messages) == (2, True)
