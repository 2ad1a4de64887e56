"""Track ids, classes of tracks, gaps, restarts and odd frames in a stream of detections."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import heatgrid as hg
from heatgrid.live.detections import Detections
from heatgrid.live.heatmap import INVALID, NOT_DRAWN
from heatgrid.live.tracks import LONG_PAUSE, NEGATIVE_ID, RESTARTED, TWICE, Track, Tracks

NAN = float("nan")
Row = tuple[Any, ...]  # x, y, id and optional class and score


def frame_of(rows: list[Row]) -> dict[str, Any]:
    """Return detections of 20 by 20 pixels around x and y."""
    full = [(*row, *("p", 0.5)[len(row) - 3 :]) for row in rows]
    return {
        "xyxy": np.array([[x - 10, y - 10, x + 10, y + 10] for x, y, *_ in full]).reshape(-1, 4),
        "ids": [row[2] for row in full],
        "classes": [row[3] for row in full],
        "scores": [row[4] for row in full],
    }


def count(frames: list[list[Row]], times: list[float] | None = None, **options: Any) -> tuple[Any, Any]:
    """Return a line at y = 100 and its map after some frames, ten per second."""
    line = hg.LineZone((0, 100), (200, 100))
    live = hg.LiveHeatmap(size=(200, 200), fps=10, zones=[line], **options)
    for i, rows in enumerate(frames):
        live.update(frame_of(rows), None if times is None else times[i])
    return line, live


def crossings(line: hg.LineZone) -> tuple[int, int]:
    return line.in_count, line.out_count


@pytest.mark.parametrize(
    ("frames", "noted"),
    [
        ([[(100, 50, -1)], [(100, 160, -1)]] * 3, 6),
        ([[(100, 50, -1), (100, 160, -1)]] * 4, 8),
        ([[(100, 50, None), (100, 160, None)]] * 4, 0),
        ([[(100, 50, NAN)], [(100, 160, NAN)]] * 2, 4),
        ([[(100, 50, -7.0)], [(100, 160, -7.0)]] * 2, 4),
        ([[(100, 50, np.int64(-2))], [(100, 160, np.int64(-2))]] * 2, 4),
    ],
)
def test_negative_ids_are_no_track(frames: list[list[Row]], noted: int) -> None:
    line, live = count(frames)
    assert crossings(line) == (0, 0)
    assert live.report.notes == ({NEGATIVE_ID: noted} if noted else {})
    assert live.report.counted == live.report.read == sum(map(len, frames))
    assert live.track_count == 0


def test_id_zero_and_texts_are_tracks() -> None:
    line, live = count([[(50, 50, 0), (100, 50, "-1")], [(50, 150, 0.0), (100, 150, "-1")]])
    assert crossings(line) == (2, 0)
    assert live.track_count == 2
    assert not live.report.notes


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((0.5, 0.5), (0, 0)),  # the first is the track: it stays above the line
        ((0.4, 0.9), (0, 0)),  # the second is the track: it stays below the line
        ((NAN, 0.1), (0, 0)),
        ((0.1, NAN), (0, 0)),
    ],
)
def test_id_twice_in_a_frame_is_one_track(scores: tuple[float, float], expected: tuple[int, int]) -> None:
    pair = [(100, 50, 1, "p", scores[0]), (100, 160, 1, "p", scores[1])]
    line, live = count([pair] * 4)
    assert crossings(line) == expected
    assert live.report.notes == {TWICE: 4}
    assert live.report.counted == 8
    assert live.track_count == 1


def test_higher_score_is_the_track() -> None:
    frames = [
        [(100, 50, 1, "p", 0.9), (100, 160, 1, "p", 0.8)],
        [(100, 50, 1, "p", 0.8), (100, 160, 1, "p", 0.9), (100, 60, 1, "p", NAN)],
    ]
    line, live = count(frames)
    assert crossings(line) == (1, 0)
    assert live.report.notes == {TWICE: 3}
    tracks = hg.LiveHeatmap("point", 1.0, mode="tracks", size=(200, 200), cell=1).update(frame_of(frames[0]))
    assert np.argwhere(tracks.heat).tolist() == [[50, 100]]
    assert tracks.report.skipped == {"no track, where each track counts once": 1}


def test_id_twice_without_scores() -> None:
    line = hg.LineZone((0, 100), (200, 100))
    for _ in range(3):
        line.update({"xyxy": [[90, 40, 110, 60], [90, 150, 110, 170]], "ids": [1, 1]})
    assert crossings(line) == (0, 0)
    assert line.report.notes == {TWICE: 3}


@pytest.mark.parametrize(
    ("frames", "entered"),
    [
        # Another class after a missing frame is a new track: two go in, none goes back.
        (
            [
                [(100, 80, 1, "car")],
                [(100, 120, 1, "car")],
                [],
                [(100, 80, 1, "bus")],
                [(100, 120, 1, "bus")],
            ],
            {"car": 1, "bus": 1},
        ),
        # The same class is the same track: it goes in, out and in.
        (
            [
                [(100, 80, 1, "car")],
                [(100, 120, 1, "car")],
                [],
                [(100, 80, 1, "car")],
                [(100, 120, 1, "car")],
            ],
            {"car": 2},
        ),
        # Another class without a missing frame is a wrong class of the same track, whose majority is car.
        ([[(100, 80, 1, "car")], [(100, 80, 1, "car")], [(100, 120, 1, "bus")]], {"car": 1}),
        ([[(100, 80, 1, "car")], [(100, 80, 1, "bus")], [(100, 120, 1, "bus")]], {"bus": 1}),
    ],
)
def test_class_of_a_track(frames: list[list[Row]], entered: dict[str, int]) -> None:
    assert count(frames)[0].entered == entered


def test_classes_are_filtered_by_the_class_of_the_track() -> None:
    frames = [[(100, 80, 1, "car")]] * 3 + [[(100, 80, 1, "bus")], [(100, 120, 1, "bus")]]
    assert count(frames, classes=["car"])[1].report.read == 5
    assert count(frames, classes=["bus"])[1].report.read == 0


def test_track_keeps_its_class_on_a_tie() -> None:
    track = Track()
    keys = []
    for key in ("car", "bus", "bus", "car", "car"):
        track.vote(key)
        keys.append(track.key)
    assert keys == ["car", "car", "bus", "bus", "car"]


@pytest.mark.parametrize(("gap", "expected"), [(1.0, (1, 0)), (1.1, (0, 0)), (5.0, (0, 0))])
def test_id_begins_a_new_track_after_max_gap(gap: float, expected: tuple[int, int]) -> None:
    frames: list[list[Row]] = [[(100, 80, 1)], [(100, 120, 1)]]
    line, live = count(frames, [10.0, 10.0 + gap])
    assert crossings(line) == expected
    assert live.report.notes == ({} if gap == 1 else {LONG_PAUSE: 1})
    frames.insert(1, [])
    assert crossings(count(frames, [10.0, 10.0 + gap / 2, 10.0 + gap])[0]) == expected
    assert crossings(count(frames, [10.0, 10.0, 10.0 + gap], max_gap=9.0)[0]) == (1, 0)


def test_id_restarts_within_max_gap_and_beyond() -> None:
    below, above = [(100, 120, 1)], [(100, 20, 1)]
    assert crossings(count([below, *[[]] * 9, above])[0]) == (0, 1)
    assert crossings(count([below, *[[]] * 10, above])[0]) == (0, 0)


def test_tracks_are_lost_although_time_stands_still() -> None:
    tracks = Tracks(object)
    for i in range(30_000):
        tracks.begin_update(0.0, 1.0)
        tracks.see(i)
    assert len(tracks) <= 10_001


def dwell(times: list[float], **options: Any) -> tuple[dict[Any, float], hg.LiveHeatmap]:
    """Return the dwell of a still object, one detection per time, and the map."""
    zone = hg.PolygonZone([(0, 0), (200, 0), (200, 200), (0, 200)])
    live = hg.LiveHeatmap(size=(200, 200), zones=[zone], **options)
    for now in times:
        live.update(frame_of([(100, 100, 1)]), now)
    return dict(zone.dwell), live


@pytest.mark.parametrize("times", [[0, 0.5, 1, 0, 0.5, 1], [1e9, 1e9 + 1, 0, 1], [3, 2, 2.5, 1, 2, 1.5, 2]])
def test_time_continues_after_a_restart(times: list[float]) -> None:
    """The times add up to two seconds that go forward."""
    seconds, live = dwell(times)
    assert seconds == {"p": 2.0}
    restarts = sum(after < before for before, after in pairwise(times))
    assert live.report.notes == {RESTARTED: restarts}
    assert live.track_count == 1


def test_restart_raises_if_asked() -> None:
    with pytest.raises(ValueError, match=r"timestamp must not go backwards, got 0\.0 after 1\.0"):
        dwell([0, 0.5, 1, 0], on_restart="raise")
    assert dwell([0, 1, 1, 2], on_restart="raise")[0] == {"p": 2.0}


def test_variable_frame_rate() -> None:
    assert dwell([0, 0.033, 0.1, 0.5, 0.55, 1.2, 2.0])[0] == {"p": 2.0}


BOXES = np.array([[10.0, 10, 30, 30]])


class Broken:
    """Results of a detector that fails."""

    @property
    def boxes(self) -> Any:
        raise RuntimeError("device lost")


ODD = [
    Broken(),
    SimpleNamespace(boxes=SimpleNamespace(xyxy=BOXES, cls=[np.inf])),
    SimpleNamespace(boxes=SimpleNamespace(xyxy=BOXES, cls="car")),
    np.array([[10.0, 10, 30, 30, 0.5, NAN]]),
    np.array([[10.0, 10, 30, 30, 0.5, 1e300]]),
    {"xyxy": BOXES, "ids": [1, 2]},
    {"xyxy": BOXES, "ids": [[1]]},
    {"xyxy": BOXES, "classes": [{}]},
    {"xyxy": BOXES, "scores": ["high"]},
    {"xyxy": [["a", "b", "c", "d"]]},
    {"xyxy": [[1, 2, 3], [4]]},
    {"boxes": None, "xyxy": BOXES},
    np.zeros((2, 3)),
    np.zeros((1, 4), dtype=complex),
    np.array([[None] * 4]),
    "text",
    7,
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_frame_is_skipped_and_noted(odd: Any) -> None:
    line = hg.LineZone((0, 100), (200, 100))
    live = hg.LiveHeatmap(size=(200, 200), fps=10, zones=[line], decay=0.5)
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        live.update(odd)
    assert live.report.read == 0
    live.update(frame_of([(100, 80, 1)]))
    top = live.heat.max()
    live.update(odd)
    assert live.heat.max() == top / 2
    live.update(frame_of([(100, 120, 1)]))
    assert crossings(line) == (1, 0)
    assert live.report.notes == {INVALID: 1}
    assert len(live.report.examples[INVALID]) == 1
    assert live.report.images == 3
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        hg.LiveHeatmap(size=(200, 200), on_error="raise").update(frame_of([(100, 80, 1)])).update(odd)


@pytest.mark.parametrize(
    "given",
    [None, [], np.empty(0), np.empty((0, 6), dtype=np.float16), {"xyxy": np.empty((0, 4)), "ids": None}],
)
def test_empty_frames_are_no_errors(given: Any) -> None:
    live = hg.LiveHeatmap(size=(200, 200), fps=10, decay=0.5, on_error="raise", mode="tracks", classes=["p"])
    live.update(frame_of([(100, 80, 1)]))
    assert live.update(given).heat.max() == 0.5
    assert not live.report.notes


@pytest.mark.parametrize("options", [{}, {"stamp": "box"}, {"homography": 1e-3 * np.eye(3), "radius": 5}])
def test_boxes_that_are_not_finite_are_skipped(options: dict[str, Any]) -> None:
    line = hg.LineZone((0, 100), (200, 100), margin=1)
    live = hg.LiveHeatmap(size=(200, 200), fps=10, zones=[line], on_error="raise", **options)
    alone = hg.LineZone((0, 100), (200, 100), margin=1)
    for y in (80, NAN, np.inf, -1e308, 120):
        found = frame_of([(100, y, 1)])
        live.update(found)
        alone.update(found, live.report.images)
    live.update({"xyxy": [[-np.inf, -1e308, np.inf, 1e308]]})
    assert crossings(line) == (1, 0)
    assert live.report.read == 6
    assert live.report.counted == 2
    assert live.report.skips >= 3


def test_place_that_is_not_finite_does_not_stop_a_track() -> None:
    live = hg.LiveHeatmap("point", 1.0, size=(200, 200), fps=10, min_movement=5.0)
    for y in (NAN, 50, 60):
        live.update(frame_of([(100, y, 1)]))
    assert live.report.counted == 1
    assert live.report.skips == 1


@pytest.mark.parametrize("timestamp", [NAN, np.inf, "noon", object()])
def test_odd_timestamps_are_skipped_and_noted(timestamp: Any) -> None:
    seconds, live = dwell([0, timestamp, 1])
    assert seconds == {"p": 1.0}
    assert live.report.notes == {INVALID: 1}
    with pytest.raises(ValueError, match="timestamp must be a finite number of seconds"):
        dwell([0, timestamp], on_error="raise")


def test_time_passes_in_an_odd_frame() -> None:
    live = hg.LiveHeatmap("point", half_life=1.0, size=(200, 200))
    live.update(frame_of([(100, 80, 1)]), 5.0)
    assert live.update(7, 6.0).heat.max() == 0.5
    assert live.update(7, NAN).heat.max() == 0.5
    assert live.update(None, 7.0).heat.max() == 0.25


@pytest.mark.parametrize(
    ("options", "odd"),
    [
        ({"mode": "tracks"}, {"xyxy": BOXES}),
        ({"min_movement": 1.0}, {"xyxy": BOXES}),
        ({"classes": ["p"]}, {"xyxy": BOXES, "ids": [1]}),
    ],
)
def test_frame_without_the_required_columns_is_odd(options: dict[str, Any], odd: Any) -> None:
    live = hg.LiveHeatmap(size=(200, 200), fps=10, **options)
    live.update(frame_of([(100, 80, 1)])).update(frame_of([(100, 90, 1)])).update(odd)
    assert live.report.notes[INVALID] == 1
    assert live.report.read + live.report.excluded == 2


@pytest.mark.parametrize(
    "odd", [None, np.zeros((200, 200), np.uint8), np.zeros((0, 0, 3), np.uint8), b"jpeg"]
)
def test_frame_that_cannot_be_drawn_on_is_returned(odd: Any) -> None:
    live = hg.LiveHeatmap(size=(200, 200), fps=10)
    with pytest.raises((TypeError, ValueError)):
        live.process(odd, frame_of([(100, 80, 1)]))
    live.process(np.zeros((200, 200, 3), np.uint8), frame_of([(100, 80, 1)]))
    assert live.process(odd, frame_of([(100, 80, 1)])) is odd
    assert live.draw(odd) is odd
    assert live.report.read == 2
    assert live.report.notes == {NOT_DRAWN: 2}


@pytest.mark.parametrize("seed", range(3))
def test_loop_never_ends_on_odd_input(seed: int) -> None:
    random = np.random.default_rng(seed)
    zone = hg.PolygonZone([(0, 0), (200, 0), (200, 200), (0, 200)])
    live = hg.LiveHeatmap(half_life=1.0, mode="tracks", zones=[zone, hg.LineZone((0, 100), (200, 100))])
    pictures: list[Any] = [
        np.zeros((200, 200, 3), np.uint8),
        np.zeros((120, 160, 3), np.uint8),
        None,
        [],
        b"",
    ]
    times: list[Any] = [0.0, 1e12, -1e12, 5, NAN, "noon", None]
    live.process(pictures[0], frame_of([(100, 100, 1)]), 0.0)
    for i in range(300):
        good = frame_of(
            [(x, y, int(x) % 5 - 1, "pq"[i % 2]) for x, y in random.uniform(0, 200, (3, 2)).tolist()]
        )
        found = [good, None, *ODD][random.integers(len(ODD) + 2)]
        picture, now = (choices[random.integers(len(choices))] for choices in (pictures, times))
        assert live.process(picture, found, i / 10 if i % 2 else now) is picture
    report = live.report
    assert report.images == 301
    assert report.read == report.counted + report.empty + report.outside + report.skips
    assert {INVALID, NOT_DRAWN, RESTARTED, NEGATIVE_ID} <= set(report.notes)
    assert all(len(places) <= 5 for places in report.examples.values())


def test_tensors_in_lists_are_tracks() -> None:
    """Zero-dimensional arrays have a hash per object, or none."""
    ids: list[Any] = [np.array(7)]
    found = [Detections(xyxy=BOXES, ids=ids, classes=[np.str_("p")]) for _ in range(2)]
    assert [item.ids for item in found] == [[7], [7]]
    assert found[0].classes == ["p"]
